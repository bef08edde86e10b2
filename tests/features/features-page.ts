import { readFileSync } from 'node:fs'
import t from 'tap'
import { featuresPage } from '../../docs/features-page.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'

t.test('docs/features.md is what the tables say: `npm run docs` writes it', (t) => {
  t.equal(readFileSync(new URL('../../docs/features.md', import.meta.url), 'utf8'), featuresPage())
  t.end()
})

t.test('every feature can be looked up', (t) => {
  const page = featuresPage()
  const lost = multiTimeframe()
    .names.filter((name) => !/_lag_[12]/.test(name))
    .map((name) => name.replace(/_(1H|4H|12H|1D)$/, ''))
    .filter((base) => !page.includes(`\`${base}\``))
  t.strictSame(lost, [])
  t.end()
})
