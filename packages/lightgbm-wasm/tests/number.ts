import fc from 'fast-check'
import t from 'tap'
import { compileFor } from '../src/compile-engine.js'
import { makeTables } from '../src/tables.js'

/** The number parser of the WebAssembly side: text in, double out. */
async function parser(): Promise<(text: string) => number> {
  const instance = await WebAssembly.instantiate(await compileFor(true), {
    host: {
      fail: () => undefined,
      parseNumber: (address = 0, length = 0) => Number(new TextDecoder().decode(new Uint8Array(memory.buffer, address, length))),
    },
  })
  const wasm = instance.exports as unknown as {
    memory: WebAssembly.Memory
    windowAddress(): number
    tablesAddress(): number
    parseDouble(): number
  }
  const { memory } = wasm
  new Uint8Array(memory.buffer).set(makeTables(), wasm.tablesAddress())
  return (text) => {
    new TextEncoder().encodeInto(`${text} `, new Uint8Array(memory.buffer, wasm.windowAddress(), text.length + 1))
    return wasm.parseDouble()
  }
}

t.test('numbers have the bits that Number() gives them', async (t) => {
  const parse = await parser()
  const same = (text: string): void => {
    if (!Object.is(parse(text), Number(text))) t.fail(`${text}: ${parse(text)}, expected ${Number(text)}`)
  }
  const hard = [
    '0', '-0', '0.0', '-0.0e5', '1', '+1', '.5', '5.', '0.1', '0.3', '1e22', '1e23', '8.5e22', '9007199254740993', '9007199254740992', '9007199254740991.5',
    '1.7976931348623157e308', '1.7976931348623158e308', '1.7976931348623159e308', '1e309', '4.9406564584124654e-324', '2.4703282292062327e-324',
    '2.4703282292062328e-324', '2.2250738585072011e-308', '2.2250738585072014e-308', '2.225073858507201e-308', '1e-400', '1e400', '1e-99999999999',
    '0e99999999999', '18446744073709551615', '18446744073709551616', '9223372036854775808', '1.00000000000000011102230246251565404236316680908203125',
    '1.00000000000000011102230246251565404236316680908203124', '0.000000000000000000000000000000000000001234567890123456789', '6.9294001237e+15',
    '7.2057594037927933e+16', '0.00012345678901234567', '123456789012345678901234567890', '1.0000000180025095e-35', '3e-5', '1E5', '1e+05',
  ] // prettier-ignore
  hard.forEach(same)
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 17 }), (value, digits) => {
      same(String(value))
      same(value.toExponential(digits - 1))
      same(value.toPrecision(17))
    }),
    { numRuns: 20_000, seed: 1 },
  )
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 25n }),
      fc.integer({ min: -360, max: 330 }),
      fc.integer({ min: 0, max: 20 }),
      (digits, exponent, point) => {
        const text = String(digits).padStart(point + 1, '0')
        same(`${text.slice(0, text.length - point)}.${text.slice(text.length - point)}e${exponent}`)
        same(`${digits}e${exponent}`)
      },
    ),
    { numRuns: 20_000, seed: 2 },
  )
  // Halves between two neighbours, where rounding is decided by the last digit.
  fc.assert(
    fc.property(fc.bigInt({ min: 1n << 52n, max: (1n << 53n) - 1n }), fc.integer({ min: 0, max: 8 }), (mantissa, shift) => {
      const half = (2n * mantissa + 1n) << BigInt(shift)
      for (const value of [half - 1n, half, half + 1n]) same(String(value))
    }),
    { numRuns: 5000, seed: 3 },
  )
  t.equal(parse('inf'), Infinity)
  t.equal(parse('-Infinity'), -Infinity)
  t.equal(parse('INF'), Infinity)
  t.ok(Number.isNaN(parse('nan')))
  t.ok(Number.isNaN(parse('-nan')))
})
