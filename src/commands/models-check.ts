import { readdir } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { allCatalogues } from '../features/catalogues.js'
import { toModelAnswer } from '../model-listing/answer.js'
import type { FoundBundle } from '../models/found-bundle.js'
import type { ModelEntry } from '../models/model.js'
import type { ModelRules } from '../models/model-rules.js'
import { openDirectory, scanDirectory, scanFolder } from '../models/scan-directory.js'
import { BAD_INPUT, DONE } from '../exit-codes.js'
import { checkEntries, type EntriesAsked } from './check-entries.js'
import { defineCommand } from './command.js'
import { InputError } from './input-error.js'

const policies = ['strict', 'warn', 'off'] as const

export const modelsCheck = defineCommand({
  name: 'models check',
  summary: 'Says which models of a directory would be served, and why the others would not',
  usage: 'PATH [--json] [--checksums strict|warn|off] [--allow-unsigned]',
  about: `PATH is a models directory, or one folder of it. Every model is loaded and proven as a server would do it, one after another, and let go
again; no server and no database is needed. Exit code 0: all would be served; 2: at least one would not, or there is none.`,
  operands: ['PATH'],
  options: {
    json: { type: 'boolean', about: 'print an object instead of a table' },
    checksums: { type: 'string', value: 'POLICY', about: 'what is done about a wrong digest, instead of BARCAST_CHECKSUMS' },
    'allow-unsigned': { type: 'boolean', about: 'models without a digest are served, as with BARCAST_ALLOW_UNSIGNED=true' },
  },
  async run({ args, values, config, stdout, stderr, signal }) {
    const [path] = args as [string]
    const rules = {
      checksums: readPolicy(values.checksums) ?? config.checksums,
      allowUnsigned: values['allow-unsigned'] ?? config.allowUnsigned,
      catalogues: allCatalogues(),
    }
    const entries = await checkEntries({ ...(await findModels(path, rules)), signal })
    const models = entries.map((entry) => describeModel(entry, rules.catalogues))
    const served = models.filter(({ state }) => state === 'served').length
    const sum = { path, served, refused: models.length - served }
    stdout.write(values.json === true ? `${JSON.stringify({ ...sum, models }, null, 2)}\n` : describe(models, sum))
    if (models.length === 0) stderr.write(`barcast: there is no model in ${path}\n`)
    return served === models.length && served > 0 ? DONE : BAD_INPUT
  },
})

function readPolicy(text: string | undefined): (typeof policies)[number] | undefined {
  const policy = policies.find((each) => each === text)
  if (text !== undefined && policy === undefined)
    throw new InputError(`--checksums ${JSON.stringify(text)} is none of ${policies.join(', ')}`)
  return policy
}

type Rules = Omit<ModelRules, 'root'>
type Found = Pick<EntriesAsked, 'found' | 'beside'>

/**
 * A folder that holds the files of a model itself, or lies inside another system's, is looked at as part of the directory above it, and nothing else of
 * that directory.
 */
async function findModels(path: string, rules: Rules): Promise<Found> {
  const root = await openDirectory(path).catch((error: unknown) => {
    throw new InputError((error as Error).message.replace('the models directory ', ''), { cause: error })
  })
  const inner = await findInside(root, rules)
  if (inner !== undefined) return inner
  const names = await readdir(root)
  const layers = names.some((name) => innerFiles.test(name)) ? mostLayers : names.some((name) => ownFiles.test(name)) ? 1 : 0
  let outermost: Found | undefined
  for (let layer = 0, folder = root; layer < layers && dirname(folder) !== folder; layer++, folder = dirname(folder)) {
    const { found, beside } = await findBelow(root, folder, rules)
    if (found.length > 0 && (layers === 1 || found[0]!.source.layout !== 'bundle')) outermost = { found, beside }
  }
  return outermost ?? { found: await scanDirectory({ root, ...rules }), beside: () => Promise.resolve([]) }
}

/** The models of a folder that lies inside another system's: `targets` of a FoxML run or `per_coin` of crypto_bot's registry, or below one. */
async function findInside(root: string, rules: Rules): Promise<Found | undefined> {
  const parts = root.split(sep)
  const at = parts.findLastIndex((part) => part === 'targets' || part === 'per_coin')
  if (at < 2) return undefined
  const above = parts.slice(0, at)
  for (const folder of [above, ...(above.at(-1) === 'models' ? [above.slice(0, -1)] : [])]) {
    const inside = await findBelow(root, folder.join(sep), rules)
    if (inside.found.some(({ source }) => source.layout === 'foxml' || source.layout === 'crypto-bot')) return inside
  }
  return undefined
}

/** The models inside `root` of the folder `folder`, which is the same or one above it. */
async function findBelow(root: string, folder: string, rules: Rules): Promise<Found> {
  const directory = dirname(folder)
  const found = await scanFolder(basename(folder), { root: directory, ...rules })
  const inside = found.filter(({ source }) => `${join(directory, source.path)}${sep}`.startsWith(`${root}${sep}`))
  return { found: inside.sort(byName), beside: () => scanDirectory({ root: directory, ...rules }) }
}

/** What lies in a folder that is a model, or holds several of another system. */
const ownFiles = /^(model\.(json|txt|onnx|ubj)|targets|per_coin|lgbm_horizon_\d\.(txt|onnx))$/
/** What lies in a single model's folder, layers below that of its system. */
const innerFiles = /^(model_meta\.json|cnn_lstm_\w+\.(onnx|pth?))$/
const mostLayers = 8

function byName(a: FoundBundle, b: FoundBundle): number {
  return a.name < b.name ? -1 : 1
}

type Checked = ReturnType<typeof describeModel>

function describeModel(entry: ModelEntry, catalogues: Rules['catalogues']) {
  const { name, source, state, reason, detail, refusal, failed_reload: _, ...rest } = toModelAnswer(entry, catalogues, false)
  return {
    name,
    source,
    state,
    reason,
    detail,
    refusal,
    golden_rows: entry.state === 'served' ? entry.model.goldenRows : null,
    ...rest,
  }
}

function describe(models: readonly Checked[], { served, refused }: { readonly served: number; readonly refused: number }): string {
  const rows = models.map(({ name, source, family, state, reason, detail }) => [
    name,
    source.layout,
    family ?? '-',
    state,
    reason === null ? '' : `${reason}: ${detail}`,
  ])
  const table = [['NAME', 'LAYOUT', 'FAMILY', 'STATE', 'REASON'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((cells) => cells[column]!.length)))
  const lines = table.flatMap((cells, row) => [
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
    ...(models[row - 1]?.warnings ?? []).map((warning) => `  warning: ${warning}`),
  ])
  // Names of folders are anybody's: none of them moves the cursor.
  return `${lines.map((line) => line.replace(/\p{Cc}/gu, '\ufffd')).join('\n')}\n${served} of ${served + refused} would be served\n`
}
