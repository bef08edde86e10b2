import { readFileSync } from 'node:fs'
import t from 'tap'
import { cataloguesPage } from '../../docs/catalogues-page.js'
import { breakout } from '../../examples/catalogue/breakout.js'
import { allCatalogues } from '../../src/features/catalogues.js'
import { withHistory } from '../../src/features/with-history.js'
import { closeTo, row } from './support/catalogue-rows.js'
import { goldenSeries } from './support/golden-series.js'

t.test('docs/catalogues.md is what the tables say: `npm run docs` writes it', (t) => {
  t.equal(readFileSync(new URL('../../docs/catalogues.md', import.meta.url), 'utf8'), cataloguesPage())
  t.end()
})

t.test('every catalogue and every feature of a table is on it', (t) => {
  const page = cataloguesPage()
  for (const { name, names } of allCatalogues()) {
    t.match(page, `\`${name}\``)
    if (name === 'foxml' || name === 'crypto-bot') for (const each of names) t.match(page, `| \`${each}\` |`, `${name}: ${each}`)
  }
  t.end()
})

t.test('the worked example works, and its history too', (t) => {
  const frame = goldenSeries(300)
  const catalogue = breakout()
  const [above, ratio] = row(catalogue, catalogue.names, frame, 60)
  const last = frame.nBars - 1
  const { close, volume } = frame
  const before = Array.from(close.subarray(last - 20, last))
  closeTo(t, above!, close[last]! / Math.max(...before) - 1, 1e-15, 'above_highest_20')
  const volumes = Array.from(volume.subarray(last - 9, last + 1))
  closeTo(t, ratio!, (volume[last]! * 10) / volumes.reduce((sum, each) => sum + each, 0), 1e-15, 'volume_ratio_10')
  t.ok(Number.isNaN(row(catalogue, ['above_highest_20'], frame, 20)[0]), 'too few bars')
  const out = new Float64Array(1)
  withHistory(catalogue).compile(['volume_ratio_10@5'], { baseBars: 60, bufferBars: 5 }).compute(frame, last, out)
  const earlier = new Float64Array(1)
  catalogue.compile(['volume_ratio_10'], { baseBars: 60, bufferBars: 0 }).compute(frame, last - 5, earlier)
  t.same(out, earlier)
  t.end()
})
