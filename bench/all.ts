// Every benchmark, one after another: `npm run bench`, or only some: `npm run bench -- features lightgbm`. What a part needs and what
// its lines mean is in bench/README.md.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepare } from './lightgbm/prepare.js'

interface Part {
  readonly about: string
  /** What has to be there beside Node: programs, and modules of Python. */
  readonly programs?: readonly string[]
  readonly modules?: readonly string[]
  /** Program and arguments. */
  readonly command: () => readonly string[]
}

const usage = `Usage: npm run bench -- [options] [part …]
  --python PATH   a Python with the packages of bench/native/requirements.txt (default .venv/bin/python, else python3)
  --passes N      passes of the parts lightgbm and peers (default 9)
  --list          the parts`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: existsSync('.venv/bin/python') ? '.venv/bin/python' : 'python3' },
    passes: { type: 'string', default: '9' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const { python, passes } = options

const parts: Readonly<Record<string, Part>> = {
  features: { about: 'features of one bar and of 1,000', command: () => script('features.ts') },
  'ready-row': {
    about: 'a request that brings its features',
    modules: ['lightgbm', 'fastapi', 'uvicorn', 'orjson'],
    command: () => script('ready-row.ts'),
  },
  http: { about: 'requests: CPU, latency, throughput, memory, start', command: () => script('http.ts') },
  models: { about: '34 models of mixed families: memory, latency, first loads, 500 bundles', command: () => script('models.ts') },
  backfill: { about: 'many bars at once', command: () => script('backfill.ts') },
  store: { about: 'inserts, commits and pages of the database', command: () => script('store.ts') },
  crash: { about: 'kill -9 among concurrent predictions, and at random moments', command: () => ['npm', 'run', '--silent', 'bench:crash'] },
  lightgbm: {
    about: 'the scorer against native LightGBM',
    programs: ['gcc', 'make'],
    modules: ['lightgbm', 'numpy', 'scipy'],
    command: () => script('lightgbm.ts', '--python', python, '--passes', passes),
  },
  peers: {
    about: 'what else one could score with',
    programs: ['gcc', 'make'],
    modules: ['lightgbm', 'numpy', 'scipy'],
    command: peersCommand,
  },
}

/** Measured once with wrk on a machine of this kind, and not part of this run. */
const quoted = `# What users run today (quoted, not measured here; wrk on the same 2 cores)

| | p50 | requests/s |
| --- | --- | --- |
| FastAPI, pandas pipeline, Booster.predict, DuckDB; one worker | 161 ms | 6 |
| the same, two workers | | 12 |
| FastAPI that only scores a ready row | 0.21 ms | 5,600 |
| MLServer, tuned | 0.53 ms | 2,600 |
| MLServer, as installed | 1.0 ms | 900 |
| empty node:http server that reads the 46 kB frame | 0.05 ms | 27,000 |
| DuckDB insert and commit, five columns, no index | 0.7 ms | |
| fdatasync | 0.13 ms | |`

process.exitCode = main()

function main(): number {
  const unknown = positionals.filter((name) => !(name in parts))
  if (options.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `no such part: ${unknown.join(', ')}\n${usage}` : usage)
    return options.help ? 0 : 2
  }
  if (options.list) {
    for (const [name, { about }] of Object.entries(parts)) console.log(`${name.padEnd(10)} ${about}`)
    return 0
  }
  const chosen = Object.entries(parts).filter(([name]) => positionals.length === 0 || positionals.includes(name))
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}, commit ${commit()}`)
  const failed: string[] = []
  for (const [name, part] of chosen) {
    console.log(`\n# ${name}: ${part.about}\n`)
    const missing = missingFor(part)
    if (missing.length > 0) console.log(`Skipped: ${missing.join(', ')} not found. bench/README.md lists what to install.`)
    else if (!run(part)) failed.push(name)
  }
  if (positionals.length === 0) console.log(`\n${quoted}`)
  if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

function run(part: Part): boolean {
  try {
    const [program = '', ...args] = part.command()
    return spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, PYTHON: python } }).status === 0
  } catch (error) {
    console.log(String(error))
    return false
  }
}

function missingFor({ programs = [], modules = [] }: Part): string[] {
  const absent = programs.filter((program) => !works(program, '--version'))
  if (modules.length === 0) return absent
  if (!works(python, '--version')) return [...absent, python]
  return [...absent, ...modules.filter((module) => !works(python, '-c', `import ${module}`)).map((module) => `${module} in ${python}`)]
}

function works(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

function script(path: string, ...args: string[]): string[] {
  return [process.execPath, '--import', 'tsx', fileURLToPath(new URL(path, import.meta.url)), ...args]
}

/** The peers that are not installed are named by the script itself. */
function peersCommand(): string[] {
  const model = prepare(python, 1).models.find(({ name }) => name === 'peers')
  if (model === undefined) throw new Error('the model of the peers was not trained')
  const path = fileURLToPath(new URL('native/peers.py', import.meta.url))
  return [python, path, model.modelPath.replace(/model\.txt$/, ''), '--passes', passes]
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
