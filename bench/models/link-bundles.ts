import { link, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sample = fileURLToPath(new URL('../../examples/models/crypto-up-4h', import.meta.url))

/** Fills a models directory with bundles of a sample, named link-0, link-1, …; their files are the same on the disk, not their manifests. */
export async function linkBundles(directory: string, count: number): Promise<void> {
  const manifest = JSON.parse(await readFile(join(sample, 'model.json'), 'utf8')) as Record<string, unknown>
  const kept = join(directory, '.kept')
  await mkdir(kept, { recursive: true })
  for (const file of ['model.txt', 'golden.jsonl']) await writeFile(join(kept, file), await readFile(join(sample, file)))
  for (let k = 0; k < count; k++) {
    const path = join(directory, `link-${k}`)
    await mkdir(path)
    await writeFile(join(path, 'model.json'), JSON.stringify({ ...manifest, version: String(k) }))
    for (const file of ['model.txt', 'golden.jsonl']) await link(join(kept, file), join(path, file))
  }
}
