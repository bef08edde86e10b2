import t from 'tap'
import { matchesEtag } from '../../src/http/matches-etag.js'

t.test('If-None-Match', (t) => {
  const etag = 'W/"1-7-json"'
  for (const yes of [etag, '"1-7-json"', '*', ' * ', '"other", W/"1-7-json"', '"a,b","1-7-json"']) t.ok(matchesEtag(yes, etag), yes)
  for (const no of [undefined, '', '"1-7"', '1-7-json', 'W/"1-7-csv"', '"*"', '"1-7-json']) t.notOk(matchesEtag(no, etag), String(no))
  t.end()
})
