import t from 'tap'
import { shorten } from '../src/shorten.js'

t.test('only what is too long is cut', (t) => {
  t.equal(shorten('x'.repeat(80)), 'x'.repeat(80))
  t.equal(shorten('x'.repeat(81)), `${'x'.repeat(80)}…`)
  t.equal(shorten('abc', 2), 'ab…')
  t.end()
})
