import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import t from 'tap'
import { addBundle, emptyDirectory, loadedRegistry } from './support/models-directory.js'
import { versions } from './support/versions.js'

t.test('10,000 predictions during 100 swaps: none fails, each names the version that scored it', async (t) => {
  // The watch itself keeps no process alive.
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(alive))
  const directory = emptyDirectory(t.testdir())
  const put = versions(directory, 'ant')
  put(0)
  const registry = await loadedRegistry(directory, { watchMs: 1 })
  t.teardown(() => registry.close())
  const row = new Float64Array(registry.served('ant').featureNames.length)
  const rest = registry.served('ant').score(row).raw[0]!
  const seen = new Map<number, number>()
  const wrong: string[] = []
  let made = 0
  let swapping = true

  const note = (version: string, raw: number) => {
    made++
    const scoredBy = Math.round(raw - rest)
    seen.set(scoredBy, (seen.get(scoredBy) ?? 0) + 1)
    if (String(scoredBy) !== version || Math.abs(raw - rest - scoredBy) > 1e-6) wrong.push(`${version} scored ${raw - rest}`)
  }
  const atOnce = async () => {
    while (swapping || made < 10_000) {
      const model = registry.served('ant')
      note(model.manifest.version, model.score(row).raw[0]!)
      await setImmediate()
    }
  }
  /** As a request does that waits between choosing its model and scoring with it. */
  const leased = async () => {
    while (swapping) {
      const model = registry.served('ant')
      const release = registry.lease([model])
      await setTimeout(3)
      note(model.manifest.version, model.score(row).raw[0]!)
      release()
    }
  }
  const swaps = async () => {
    for (let version = 1; version <= 100; version++) {
      put(version)
      while (registry.served('ant').manifest.version !== String(version)) await setTimeout(1)
    }
    swapping = false
  }
  await Promise.all([swaps(), atOnce(), leased(), leased()])
  t.same(wrong, [])
  t.ok(made >= 10_000, `${made} predictions`)
  t.equal([...seen.keys()].filter((version) => version > 0).length, 100, 'every version has scored')
  t.match(registry.entry('ant'), { state: 'served', failedReload: undefined })
})

t.test('a bundle that is written in place, file by file, is never served half', async (t) => {
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(alive))
  const directory = emptyDirectory(t.testdir())
  const { path } = addBundle(directory, 'ant')
  const spare = emptyDirectory(directory, '../spare')
  const registry = await loadedRegistry(directory, { watchMs: 1 })
  t.teardown(() => registry.close())
  for (let version = 2; version <= 6; version++) {
    const next = addBundle(spare, `next-${version}`)
    next.edit('model.txt', (text) => `${text}\nversion ${version}\n`)
    next.editManifest({ version: String(version) })
    next.sign()
    for (const file of ['model.txt', 'model.json']) {
      const bytes = readFileSync(join(next.path, file))
      writeFileSync(join(path, file), bytes.subarray(0, bytes.length / 2))
      await setTimeout(20)
      t.equal(registry.served('ant').score(new Float64Array(registry.served('ant').featureNames.length)).raw.length, 1)
      writeFileSync(join(path, file), bytes)
      await setTimeout(20)
    }
    while (registry.served('ant').manifest.version !== String(version)) await setTimeout(1)
    const entry = registry.entry('ant')
    if (entry?.state !== 'served') throw new Error('not served')
    t.equal(entry.model.sha256, entry.model.manifest.sha256)
  }
})
