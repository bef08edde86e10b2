import { readFile } from 'node:fs/promises'
import { parseTime } from '../../candles/parse-time.js'
import { type Mode, modes } from '../../backfills/select-bars.js'
import type { Context, Values } from '../command.js'
import { InputError } from '../input-error.js'
import { readTime } from '../read-range.js'
import type { Wanted } from './work.js'

type Given = Values<{
  mode: { type: 'string'; about: string }
  start: { type: 'string'; about: string }
  end: { type: 'string'; about: string }
  ts: { type: 'string'; multiple: true; about: string }
  'ts-file': { type: 'string'; about: string }
  'at-most': { type: 'string'; about: string }
  'dry-run': { type: 'boolean'; about: string }
}>

/**
 * The bars that the options ask for. Stamps of a list that are no times are left out, with a warning; a file of stamps that does not exist has none.
 * @throws InputError for options that contradict each other
 */
export async function readWanted({ values, stderr }: { values: Given; stderr: Context['stderr'] }): Promise<Wanted> {
  const { mode = 'last_from_predictions', start, end, ts, 'ts-file': file, 'at-most': atMost } = values
  if (!isMode(mode)) throw new InputError(`--mode ${JSON.stringify(mode)} is none: ${modes.join(', ')} are expected`)
  if (start !== undefined && mode !== 'window') throw new InputError(`--start goes with --mode window, not with ${mode}`)
  if (end !== undefined && mode === 'ts_list') throw new InputError('--end does not go with --mode ts_list')
  if ((ts ?? file) !== undefined && mode !== 'ts_list') throw new InputError(`--ts and --ts-file go with --mode ts_list, not with ${mode}`)
  if (mode === 'ts_list' && (ts ?? file) === undefined) throw new InputError('--mode ts_list needs --ts or --ts-file')
  const fromMs = start === undefined ? undefined : readTime('--start', start)
  const toMs = end === undefined ? undefined : readTime('--end', end)
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) throw new InputError(`--start ${start} is later than --end ${end}`)
  return {
    mode,
    fromMs,
    toMs,
    atMost: atMost === undefined ? undefined : readWhole('--at-most', atMost),
    timestampsMs: mode === 'ts_list' ? await readList(ts ?? [], file, stderr) : undefined,
    isDryRun: values['dry-run'] === true,
  }
}

function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text)
}

async function readList(words: readonly string[], file: string | undefined, stderr: Context['stderr']): Promise<number[]> {
  const texts = [...words.flatMap((word) => word.split(',')), ...(file === undefined ? [] : await linesOf(file, stderr))]
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const times = texts.map((text) => parseTime(text))
  const unread = texts.filter((_, k) => Number.isNaN(times[k]))
  if (unread.length > 0) {
    const shown = unread.slice(0, 5).map((text) => JSON.stringify(text.slice(0, 40)))
    stderr.write(
      `WARNING: ${unread.length} of ${texts.length} stamps are no times and are left out: ${shown.join(', ')}${unread.length > 5 ? ', …' : ''}\n`,
    )
  }
  return [...new Set(times.filter((ms) => !Number.isNaN(ms)))].sort((a, b) => a - b)
}

async function linesOf(file: string, stderr: Context['stderr']): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    stderr.write(`WARNING: ${file} does not exist, so it has no stamps\n`)
    return []
  }
}

function readWhole(option: string, text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new InputError(`${option} ${JSON.stringify(text)} is no whole number`)
  return Number(text)
}
