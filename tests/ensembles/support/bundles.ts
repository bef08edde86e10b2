import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { samples } from '../../models/support/models-directory.js'

/** A copy of a sample bundle under a name of its own, with another manifest: members set to undefined are left out. */
export function addCopy(directory: string, sample: string, name: string, change: Record<string, unknown> = {}): void {
  const path = join(directory, name)
  cpSync(join(samples, sample), path, { recursive: true })
  rmSync(join(path, 'golden.jsonl'), { force: true })
  const manifest = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Record<string, unknown>
  writeFileSync(join(path, 'model.json'), JSON.stringify({ ...manifest, ...change }))
}

/** A bundle without a model file: an ensemble. */
export function addEnsemble(directory: string, name: string, ensemble: Record<string, unknown>, more: Record<string, unknown> = {}): void {
  mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(join(directory, name, 'model.json'), JSON.stringify({ version: '1', ensemble, ...more }))
}
