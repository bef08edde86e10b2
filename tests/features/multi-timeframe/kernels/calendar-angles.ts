import t from 'tap'
import { calendarAngles } from '../../../../src/features/multi-timeframe/kernels/calendar-angles.js'

t.test("the C library's sines and cosines, bit for bit", (t) => {
  t.equal(calendarAngles.hour.sin[1], 0.25881904510252074)
  t.equal(calendarAngles.hour.sin[11], 0.258819045102521)
  t.strictSame(calendarAngles.hour.sin.length, 24)
  t.strictSame(calendarAngles.day.sin.length, 7)
  t.strictSame(calendarAngles.month.cos.length, 13, 'months count from 1')
  // All bits, mixed: made with Python's math.sin(2 * math.pi * v / period) and math.cos, glibc on x86-64.
  t.strictSame(bits([calendarAngles.hour.sin, calendarAngles.hour.cos]), '17525e4db72b076d')
  t.strictSame(bits([calendarAngles.day.sin, calendarAngles.day.cos]), '6b954e0108834297')
  t.strictSame(bits([calendarAngles.month.sin, calendarAngles.month.cos]), '3cf717b800e09e7f')
  t.end()
})

t.test('where the engine that runs this differs: never by more than one unit in the last place', (t) => {
  for (const [name, { period, sin, cos }] of Object.entries(calendarAngles)) {
    sin.forEach((value, v) => compare(`sin of ${name} ${v}`, value, Math.sin((2 * Math.PI * v) / period)))
    cos.forEach((value, v) => compare(`cos of ${name} ${v}`, value, Math.cos((2 * Math.PI * v) / period)))
  }
  t.end()

  function compare(what: string, table: number, engine: number) {
    if (table === engine) return
    t.comment(`${what}: table ${table}, engine ${engine}`)
    t.ok(Math.abs(table - engine) <= 2 ** -53, what)
  }
})

/** Exclusive or of all values' bits, each turned by its place: 64 bits in hexadecimal. */
function bits(columns: readonly (readonly number[])[]): string {
  let mixed = 0n
  columns.flat().forEach((value, place) => {
    const word = new BigUint64Array(Float64Array.of(value).buffer)[0]!
    const turn = BigInt(place % 64)
    mixed ^= BigInt.asUintN(64, (word << turn) | (word >> (64n - turn)))
  })
  return mixed.toString(16).padStart(16, '0')
}
