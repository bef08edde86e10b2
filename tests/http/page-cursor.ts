import t from 'tap'
import { createPageCursor } from '../../src/http/page-cursor.js'

const cursors = createPageCursor('things', ['number', 'string'])
const question = ['BTCUSDT', undefined, 5]

t.test('there and back', (t) => {
  const cursor = cursors.write(question, [1_700_000_000_000, 'x'])
  t.match(cursor, /^[\w-]+$/)
  t.strictSame(cursors.read(question, cursor), [1_700_000_000_000, 'x'])
  t.end()
})

t.test('what was not given out for this question is refused', (t) => {
  const cursor = cursors.write(question, [7, 'x'])
  const refused = (text: string, message: RegExp, asked: readonly unknown[] = question) =>
    t.throws(() => cursors.read(asked, text), { code: 'invalid-request', message })
  refused(cursor, /another query/, ['ETHUSDT', undefined, 5])
  refused(createPageCursor('others', ['number', 'string']).write(question, [7, 'x']), /another query/)
  refused(createPageCursor('things', ['number']).write(question, [7]), /none that was given out/)
  const encode = (value: string) => Buffer.from(value).toString('base64url')
  const text = Buffer.from(cursor, 'base64url').toString()
  for (const forged of ['', 'x', '💥', `${cursor}=`, encode('null'), encode('[]'), encode('{}'), encode(` ${text}`)]) {
    refused(forged, /none that was given out/)
  }
  refused(encode(text.replace(',7,', ',7.5,')), /none that was given out/)
  refused(encode(text.replace(',7,', ',1e999,')), /none that was given out/)
  t.end()
})
