import t from 'tap'
import { toCsv } from '../../src/http/to-csv.js'

t.test('cells by RFC 4180', (t) => {
  const text = toCsv(
    ['a', 'b'],
    [
      ['plain', 0.1],
      ['with "quotes", commas\nand lines', null],
      [undefined, [1, 2]],
      [true, ''],
    ],
  )
  t.equal(text, 'a,b\r\nplain,0.1\r\n"with ""quotes"", commas\nand lines",\r\n,"[1,2]"\r\ntrue,\r\n')
  t.equal(toCsv(['a'], []), 'a\r\n')
  t.end()
})
