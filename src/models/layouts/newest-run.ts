import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelRules } from '../model-rules.js'
import { readJson, textOf } from './read-json.js'

/** What the training pipeline writes beside a run's `model.txt`; one of them makes a folder of any name a run. */
export const runFiles = ['run_metadata.json', 'pipeline_config.json']

/**
 * Name of the newest run among the folders of a folder: by the run's own time (in its name, else in its metadata, else that of its model file), then by
 * that of its model file, then by name. Every folder with a
 * `model.txt` is a run, whatever its name, unless it is one of barcast's bundles or a FoxML family.
 * @param folder relative to the models directory
 */
export async function newestRun(folder: string, names: ReadonlySet<string>, rules: ModelRules): Promise<string | undefined> {
  const runs = await Promise.all([...names].sort().map((name) => readRun(folder, name, rules)))
  const newestFirst = runs
    .flatMap((run) => run ?? [])
    .sort((a, b) => (a.stamp === b.stamp ? b.mtimeMs - a.mtimeMs : a.stamp < b.stamp ? 1 : -1))
  return newestFirst[0]?.name
}

/** Whether a folder's name is one that the pipeline gives. */
export function isRun(name: string): boolean {
  return /^run_/.test(name)
}

/** `20251008_145809` of the run's name; '' when it has none. */
export function stampOf(name: string): string {
  return /^run_(\d{8}_\d{6})/.exec(name)?.[1] ?? ''
}

interface Run {
  readonly name: string
  /** `YYYYMMDD_HHMMSS` */
  readonly stamp: string
  readonly mtimeMs: number
}

async function readRun(folder: string, name: string, rules: ModelRules): Promise<Run | undefined> {
  if (name.startsWith('.')) return undefined
  const path = join(rules.root, folder, name)
  const model = await stat(join(path, 'model.txt')).catch(() => undefined)
  if (model?.isFile() !== true) return undefined
  if (!isRun(name) && (await holdsAny(path, ['model.json', 'model_meta.json']))) return undefined
  const stamp = stampOf(name) || (await writtenStamp(join(folder, name), rules)) || stampAt(model.mtimeMs)
  return { name, stamp, mtimeMs: model.mtimeMs }
}

async function holdsAny(path: string, files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(files.map((file) => stat(join(path, file)).catch(() => undefined)))
  return found.some((file) => file !== undefined)
}

/** The time in the run's metadata, `2025-10-08 14:58:09`; what is wrong with the file is told when the run is read. */
async function writtenStamp(folder: string, rules: ModelRules): Promise<string | undefined> {
  const metadata = await readJson(folder, 'run_metadata.json', rules).catch(() => undefined)
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(textOf(metadata?.timestamp) ?? '')
  return parts === null ? undefined : `${parts.slice(1, 4).join('')}_${parts.slice(4).join('')}`
}

function stampAt(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')
}
