import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Prediction } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { startService } from '../support/service.js'

interface Expected {
  readonly ts: string
  readonly base_hours: number
  readonly buffer_hours: number
  readonly models: Record<string, { raw: number[]; pred: number[] }>
}

/** Units in the last place between two numbers. */
function ulps(a: number, b: number): number {
  const ordinal = (value: number) => {
    const bits = new BigInt64Array(Float64Array.of(value).buffer)[0]!
    return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits
  }
  return Math.abs(Number(ordinal(a) - ordinal(b)))
}

t.test("candles in, LightGBM's raw scores out, in every bit", async (t) => {
  const service = await startService(t)
  const candles = readBtcusdt()
  const lines = readFileSync(new URL('../fixtures/expected.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  for (const line of lines) {
    const { ts, base_hours, buffer_hours, models } = JSON.parse(line) as Expected
    const window = endingAt(candles, Date.parse(`${ts.replace(' ', 'T')}Z`), base_hours + buffer_hours)
    const response = await service.post({ models: Object.keys(models), symbol: 'BTCUSDT', candles: window })
    t.equal(response.statusCode, 201, response.body.slice(0, 300))
    for (const { model, y_raw, y_pred } of response.json<{ predictions: Prediction[] }>().predictions) {
      const expected = models[model.name]!
      t.strictSame([y_raw].flat(), expected.raw, `${ts} ${model.name}`)
      const worst = Math.max(...[y_pred].flat().map((value, k) => ulps(value!, expected.pred[k]!)))
      t.ok(worst <= 4, `${ts} ${model.name}: prediction within ${worst} ulp`)
    }
  }
  t.equal(lines.length, 41)
})
