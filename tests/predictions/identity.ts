import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { hashFeatures, hashInput, predictionId } from '../../src/predictions/identity.js'

const n = 3
const frame: Frame = {
  nBars: n,
  openTimeMs: Float64Array.from({ length: n }, (_, k) => 1_709_251_200_000 + k * 3_600_000),
  open: Float64Array.from({ length: n }, (_, k) => 61130.99 + k),
  high: Float64Array.from({ length: n }, (_, k) => 61197.66 + k),
  low: Float64Array.from({ length: n }, (_, k) => 61126.0 - k),
  close: Float64Array.from({ length: n }, (_, k) => 61196.0 + k),
  volume: Float64Array.of(0, -0, 121.02),
}

/*
The values below were computed in Python:
  crockford = lambda b: base64.b32encode(b).decode().translate(str.maketrans('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', '0123456789ABCDEFGHJKMNPQRSTVWXYZ'))
  input = sha256(b''.join(struct.pack('<q5d', t, o, h, l, c, v) for each bar, 0.0 for a volume of -0.0)).hexdigest()
  id = crockford(sha256(''.join(f'{line}\n' for line in lines).encode()).digest())[:26]
  features = sha256(b''.join(bytes.fromhex('000000000000f87f') if x is None else struct.pack('<d', x) for x in row)).hexdigest()
*/
const inputHash = '8e883c2ea3af3550b2c9cf280adeb3b9018741671f6b3b2cd99621c2c2acfc31'
const identity = {
  symbol: 'BTCUSDT',
  timeframe: '1h',
  barTimeMs: 1_709_258_400_000,
  model: 'btcusdt-logret-168h',
  modelSha256: 'ab'.repeat(32),
  catalogue: 'multi-timeframe',
  catalogueVersion: 1,
  baseBars: 720,
  bufferBars: 6,
  inputHash,
}

t.test('the input hash covers the window, −0 is +0', (t) => {
  t.equal(hashInput(frame, 3), inputHash)
  t.equal(hashInput(frame, 2), '1390efd7a4fbf894d4919f1ad2256585f8714c92edfe09d452d183a527c1ad4a', 'frames that end alike agree')
  t.equal(hashInput({ ...frame, volume: Float64Array.of(-0, 0, 121.02) }, 3), inputHash)
  t.not(hashInput({ ...frame, close: frame.close.map((c, k) => (k === 1 ? c + 1e-11 : c)) }, 3), inputHash)
  t.end()
})

t.test('the id is that of Python, also beyond ASCII', (t) => {
  t.equal(predictionId(identity), 'P09GMFMPGS8BYRATDDCW292SQ2')
  t.equal(predictionId({ ...identity, symbol: 'БТЦ/USDT' }), 'K51588QZMCQPSKHF4P3260CT0X')
  t.end()
})

t.test('every part of the identity changes the id', (t) => {
  const ids = Object.entries(identity).map(([name, value]) =>
    predictionId({ ...identity, [name]: typeof value === 'number' ? value + 1 : `${value}x` }),
  )
  t.equal(new Set([...ids, predictionId(identity)]).size, ids.length + 1)
  t.end()
})

t.test('the digits are those of whole-number arithmetic', (t) => {
  fc.assert(
    fc.property(fc.string(), (symbol) => {
      const id = predictionId({ ...identity, symbol })
      const lines = [
        'barcast prediction 1',
        symbol,
        '1h',
        1709258400000,
        identity.model,
        identity.modelSha256,
        'multi-timeframe',
        1,
        720,
        6,
        inputHash,
      ]
      const digest = createHash('sha256')
        .update(lines.map((line) => `${line}\n`).join(''))
        .digest('hex')
      let number = BigInt(`0x${digest}`) >> 126n
      let expected = ''
      for (let k = 0; k < 26; k++, number >>= 5n) expected = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(Number(number & 31n)) + expected
      return id === expected
    }),
  )
  t.end()
})

t.test('the features hash: every NaN alike, signs of zero apart', (t) => {
  const expected = 'd3cb738a0d7332380ce4e08d0a1f185fa2d350403d38628638a4c2010d4e64a8'
  const row = Float64Array.of(1.5, NaN, -Infinity, -0, 5e-324, 0.1)
  t.equal(hashFeatures(row), expected)
  for (const bits of [0xfff8000000000000n, 0x7ff8000000001234n, 0x7ff0000000000001n]) {
    const other = row.slice()
    new BigUint64Array(other.buffer)[1] = bits
    t.equal(hashFeatures(other), expected, bits.toString(16))
  }
  t.not(hashFeatures(row.map((x) => x + 0)), expected)
  t.end()
})
