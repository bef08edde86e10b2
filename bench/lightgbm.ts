// lightgbm-wasm against native LightGBM: first that every bit agrees, then what it costs. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { check, type Checked } from './lightgbm/check.js'
import { openContestant, type Contestant } from './lightgbm/contestant.js'
import { measure, median, warmUp, type Measured } from './lightgbm/measure.js'
import { metrics, type Metric } from './lightgbm/metrics.js'
import { prepare, type Model } from './lightgbm/prepare.js'
import { correctnessTable, ratioTable, sizesTable, timesTable } from './lightgbm/report.js'
import { measureSizes, type Sizes } from './lightgbm/sizes.js'

const usage = `Usage: npm run bench:lightgbm -- [options]
  --python PATH   a Python that has LightGBM (default python3)
  --seed N        seed of data and models (default 1)
  --models A,B    only these models
  --passes N      passes of every measurement (default 9)
  --core N        the core on which both sides run (default: the last one)
  --node PATH     the Node that runs lightgbm-wasm (default: this one)
  --package FILE  another build of lightgbm-wasm: its main module
  --check-only    compare, do not time
  --time-only     time, do not compare
  --out FILE      also write the tables to FILE`

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    seed: { type: 'string', default: '1' },
    models: { type: 'string', default: '' },
    passes: { type: 'string', default: '9' },
    core: { type: 'string', default: String(cpus().length - 1) },
    node: { type: 'string', default: process.execPath },
    package: { type: 'string', default: 'lightgbm-wasm' },
    'check-only': { type: 'boolean', default: false },
    'time-only': { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(usage)
  process.exit(0)
}

// Without SSSE3 V8 offers no WebAssembly SIMD, so the package has to choose its fallback by itself.
const withoutSimd = ['--no-enable-ssse3', '--no-enable-sse4-1']
const scorerPath = fileURLToPath(new URL('./lightgbm/scorer.ts', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))
const passes = Number(options.passes)
// A pass of TreeSHAP whose native side takes longer than this is repeated three times only.
const longPassNs = 15e9

process.exitCode = await main()

async function main(): Promise<number> {
  const bench = prepare(options.python, Number(options.seed))
  const only = options.models.split(',').filter(Boolean)
  const models = bench.models.filter(({ name }) => only.length === 0 || only.includes(name))
  const pinned = pin()
  const openNative = () => openContestant('native', [...pinned, ...bench.harness])
  const openScorer = (flags: readonly string[] = []) =>
    openContestant(flags.length > 0 ? 'lightgbm-wasm without SIMD' : 'lightgbm-wasm', [
      ...pinned,
      options.node,
      '--expose-gc',
      ...flags,
      '--import',
      'tsx',
      scorerPath,
      options.package,
    ])

  const sections: string[] = []
  const print = (...parts: string[]) => {
    sections.push(...parts)
    console.log(`${parts.join('\n\n')}\n`)
  }
  print(heading(bench.versions))
  let failures: string[] = []
  const openAll = () => [openNative(), openScorer(), openScorer(withoutSimd)]
  if (!options['time-only']) {
    const checked: Checked[] = []
    for (const model of models) {
      checked.push(await withContestants(openAll(), ([native, ...scorers]) => check(model, native!, scorers)))
      console.error(`${model.name} compared`)
    }
    failures = checked.flatMap((one) => one.failures)
    print(
      '## Same bits',
      correctnessTable(checked),
      failures.length > 0 ? failures.map((failure) => `- ${failure}`).join('\n') : 'No difference.',
    )
    if (failures.length > 0 && !options['check-only']) print('What follows is the speed of wrong answers.')
  }
  if (!options['check-only']) {
    const timed = models.filter((model) => model.timed)
    const measured: Measured[] = []
    const sizes: Sizes[] = []
    for (const model of timed) {
      sizes.push(await measureSizes(model, openNative, openScorer))
      measured.push(...(await withContestants(openAll(), ([native, simd, scalar]) => timeModel(model, native!, simd!, scalar!))))
      console.error(`${model.name} measured`)
    }
    print(
      '## Ratios to native LightGBM',
      ratioTable(measured, sizes, timed),
      `WASM that was compiled: ${((sizes[0]?.wasmBytes ?? 0) / 1000).toFixed(1)} kB. The build prints all that is embedded: both builds and their tables (must ≤ 80 kB, stretch ≤ 48 kB).`,
    )
    print('## Times per row (of a load: per load)', timesTable(measured), '## Memory and loading', sizesTable(sizes))
  }
  if (options.out) writeFileSync(options.out, `${sections.join('\n\n')}\n`)
  return failures.length > 0 ? 1 : 0
}

async function timeModel(model: Model, native: Contestant, simd: Contestant, scalar: Contestant): Promise<Measured[]> {
  for (const contestant of [native, simd, scalar]) {
    await contestant.ask(`model ${model.modelPath}`)
    await contestant.ask(`rows ${model.rowsPath} ${model.columns}`)
    await warmUp(contestant, model)
  }
  const measured: Measured[] = []
  for (const metric of metrics) {
    measured.push(await measure(metric, model, native, metric.scorer === 'simd' ? simd : scalar, passesFor(metric, measured)))
  }
  return measured
}

function passesFor(metric: Metric, before: readonly Measured[]): number {
  const single = before.find((one) => one.metric.kind === 'contrib')
  const long = metric.kind === 'contrib' && metric.block > 1 && single && median(single.native) * metric.block > longPassNs
  return long ? Math.min(3, passes) : passes
}

async function withContestants<T>(contestants: readonly Contestant[], use: (contestants: readonly Contestant[]) => Promise<T>): Promise<T> {
  try {
    return await use(contestants)
  } finally {
    for (const contestant of contestants) await contestant.close()
  }
}

function pin(): string[] {
  if (existsSync('/usr/bin/taskset')) return ['taskset', '-c', options.core]
  console.error('taskset is missing: the processes are not pinned to a core')
  return []
}

function heading(versions: Readonly<Record<string, string>>): string {
  const node = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim()
  const lines = [
    `- CPU: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, both sides on core ${options.core}`,
    `- Node ${node.slice(1)}, LightGBM ${versions.lightgbm} (num_threads=1)`,
    `- commit ${commit()}, seed ${options.seed}, ${passes} passes, ${new Date().toISOString().slice(0, 10)}`,
  ]
  return `# lightgbm-wasm against native LightGBM\n\n${lines.join('\n')}`
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
