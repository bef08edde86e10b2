import type { Test } from 'tap'
import type { Family, Scorer } from '../../../../src/models/families/family.js'
import { precisionOf, scorerOf } from '../../../../src/models/scorer-of.js'
import { manifestOf } from '../../../../src/models/layouts/manifest-of.js'
import type { Manifest, Scores } from '../../../../src/models/model.js'
import { Refused } from '../../../../src/models/refused.js'

/** A model with rows of which the library that trained it (or its runtime) told the scores. */
export interface Example {
  readonly title: string
  readonly bytes: Uint8Array
  readonly manifest?: Partial<Manifest>
  /** Undefined: the file names none. */
  readonly names: readonly string[] | undefined
  readonly nInputs: number
  readonly nOutputs: number
  /** Row-major [nRows × nInputs], missing = NaN. */
  readonly rows: Float64Array
  /** Row-major [nRows × nOutputs]. */
  readonly raw: Float64Array
  /** Undefined: the same as `raw`. */
  readonly pred?: Float64Array
}

/** Where families may differ, and why. */
export interface Differences {
  readonly precision: 'float64' | 'float32'
  /** Trees have a branch for what is missing; networks compute with it. */
  readonly missing: 'is scored' | 'spreads'
  /** Relative to the larger of 1 and the score; 0: bit for bit. */
  readonly tolerance: number
  /** Whether a model that was let go of says so when it is asked. */
  readonly saysDisposed: boolean
  /** Files that are no models of this family, by what they are. */
  readonly wrong: Readonly<Record<string, Uint8Array>>
}

/** What every family of models does alike. */
export function familyContract(t: Test, family: Family, differences: Differences, examples: readonly Example[]): void {
  const { precision, missing, tolerance, saysDisposed, wrong } = differences

  for (const example of examples) {
    const { title, nInputs, nOutputs, rows, raw, pred = raw } = example
    const nRows = rows.length / nInputs
    t.test(`${family.name}, ${title}`, async (t) => {
      const scorer = await open(family, example)
      t.teardown(() => scorer.dispose())
      t.same(scorer.featureNames, example.names, 'names')
      t.match(scorer, { nInputs, nOutputs, precision })
      t.match(scorerOf(scorer.label), { name: /./, version: /^\d/, family: family.name, precision }, 'says who scores, with a version')
      t.equal(precisionOf(family.name), precision)
      t.ok(scorer.bytes > 0, 'says how much memory it takes')
      t.equal((scorer.score === undefined) !== (scorer.scoreLater === undefined), true, 'scores at once or later')
      t.equal(family.isBeside, scorer.score === undefined, 'what works beside this process scores later')

      const before = rows.slice()
      const together = await score(scorer, rows)
      t.same(rows, before, 'rows stay as they were')
      close(t, together.raw, raw, tolerance, 'raw scores')
      close(t, together.pred, pred, tolerance, 'predictions')
      if (precision === 'float32') t.same(together.raw, together.raw.map(Math.fround), 'float32 out')

      const single = []
      for (let row = 0; row < nRows; row++) single.push(await score(scorer, rows.slice(row * nInputs, (row + 1) * nInputs)))
      // Runtimes may order the sums of many rows otherwise than those of one.
      close(t, join(single.map((each) => each.raw)), together.raw, tolerance, 'one by one as together')
      t.same(await score(scorer, new Float64Array(0)), { raw: new Float64Array(0), pred: new Float64Array(0) }, 'no rows')

      const many = 200
      const repeated = join(Array.from({ length: many }, (_, k) => rows.slice((k % nRows) * nInputs, ((k % nRows) + 1) * nInputs)))
      const answer = await score(scorer, repeated)
      t.equal(answer.raw.length, many * nOutputs)
      t.equal(answer.pred.length, many * nOutputs)
      close(
        t,
        answer.raw,
        Float64Array.from({ length: many * nOutputs }, (_, k) => raw[k % raw.length]!),
        tolerance,
        'many rows',
      )

      together.raw.fill(0)
      together.pred.fill(0)
      close(t, (await score(scorer, rows)).raw, raw, tolerance, "the results are the caller's")
    })

    t.test(`${family.name}, ${title}: a row of missing values is its own affair`, async (t) => {
      const scorer = await open(family, example)
      t.teardown(() => scorer.dispose())
      const holed = rows.slice()
      holed.fill(Number.NaN, 0, nInputs)
      const scored = await score(scorer, holed)
      const first = scored.raw.slice(0, nOutputs)
      if (missing === 'is scored') t.ok(first.every(Number.isFinite), 'scored')
      else t.ok(first.every(Number.isNaN), 'NaN in, NaN out')
      close(t, scored.raw.slice(nOutputs), raw.slice(nOutputs), tolerance, 'the other rows')
    })

    t.test(`${family.name}, ${title}: two of them, and one is let go of`, async (t) => {
      const [one, other] = [await open(family, example), await open(family, example)]
      one.dispose()
      close(t, (await score(other, rows)).raw, raw, tolerance, 'the other one scores on')
      other.dispose()
      if (saysDisposed) await t.rejects(score(other, rows), 'let go of')
    })
  }

  t.test(`${family.name}: what is no model is refused in one sentence`, async (t) => {
    const [{ bytes }] = examples as [Example]
    const all = {
      'an empty file': new Uint8Array(0),
      zeros: new Uint8Array(1000),
      'a text': new TextEncoder().encode('this is no model\n'.repeat(10)),
      'a page': new TextEncoder().encode('<!DOCTYPE html><html></html>'),
      'a pickle': Uint8Array.of(0x80, 4, 0x95, 1, 2, 3),
      'half a model': bytes.slice(0, bytes.length / 2),
      ...wrong,
    }
    for (const [what, spoiled] of Object.entries(all)) {
      const refusal = await open(family, { ...examples[0]!, bytes: spoiled }).then(
        (scorer) => {
          scorer.dispose()
          return undefined
        },
        (error: unknown) => error,
      )
      t.ok(refusal instanceof Refused, `${what} is refused`)
      t.match(refusal, { reason: 'bad-model', message: /\S/ }, what)
      t.notMatch((refusal as Error).message, /\n/, `${what}: one line`)
    }
  })

  t.test(`${family.name}: bytes that are spoiled anywhere end neither the process nor another model`, async (t) => {
    const [example] = examples as [Example]
    const kept = await open(family, example)
    t.teardown(() => kept.dispose())
    let opened = 0
    let state = 1
    for (let round = 0; round < 40; round++) {
      const spoiled = new Uint8Array(example.bytes)
      for (let k = 0; k < 5; k++) {
        state = (75 * state + 74) % 65_537
        spoiled[Math.floor((state / 65_537) * spoiled.length)] = state % 256
      }
      try {
        const scorer = await open(family, { ...example, bytes: spoiled })
        opened++
        await score(scorer, example.rows.slice(0, scorer.nInputs)).catch(() => undefined)
        scorer.dispose()
      } catch (error) {
        t.ok(error instanceof Refused, String(error))
      }
    }
    t.comment(`${opened} of 40 could be opened all the same`)
    close(t, (await score(kept, example.rows)).raw, example.raw, tolerance, 'the sound one scores on')
  })
}

function open(family: Family, { bytes, manifest }: Pick<Example, 'bytes' | 'manifest'>): Promise<Scorer> {
  return family.open(
    bytes,
    manifestOf({
      version: '1',
      timeframe: '1h',
      features: { catalogue: 'multi-timeframe', baseBars: 1, bufferBars: 0 },
      output: 'score',
      horizonBars: 1,
      family: family.name,
      ...manifest,
    }),
  )
}

async function score({ score: now, scoreLater }: Scorer, rows: Float64Array): Promise<Scores> {
  return now?.(rows) ?? (await scoreLater!(rows))
}

function close(t: Test, got: Float64Array, expected: Float64Array, tolerance: number, what: string): void {
  if (tolerance === 0) {
    t.same(got, expected, what)
    return
  }
  const far = Array.from(got).findIndex((value, k) => !(Math.abs(value - expected[k]!) <= tolerance * Math.max(1, Math.abs(expected[k]!))))
  t.equal(got.length, expected.length, `${what}: as many`)
  t.equal(far, -1, far < 0 ? what : `${what}: value ${far} is ${got[far]}, ${expected[far]} is expected`)
}

function join(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)))
}
