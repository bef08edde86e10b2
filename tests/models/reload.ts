import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { FoundBundle } from '../../src/models/found-bundle.js'
import { mergeReports } from '../../src/models/merge-reports.js'
import type { ServedModel } from '../../src/models/model.js'
import { createReloads } from '../../src/models/reloads.js'
import type { Slot } from '../../src/models/slot.js'
import { chooseModels } from '../../src/predictions/choose-models.js'
import { addBundle, emptyDirectory, loadedRegistry } from './support/models-directory.js'

/** A directory with the bundles `ant` and `moth`, and a registry over it. */
async function twoModels(t: Test) {
  const directory = emptyDirectory(t.testdir())
  const ant = addBundle(directory, 'ant')
  addBundle(directory, 'moth')
  const registry = await loadedRegistry(directory)
  t.teardown(() => registry.close())
  return { directory, ant, registry }
}

const nothing = { added: [], swapped: [], removed: [], refused: [], unsettled: [] }

t.test('nothing changed: nothing is loaded', async (t) => {
  const { registry } = await twoModels(t)
  const before = registry.served('ant')
  t.same(await registry.reload(), nothing)
  t.equal(registry.served('ant'), before)
})

t.test('a changed bundle is loaded beside the old one and swapped, a new one is added, a deleted one removed', async (t) => {
  const { directory, ant, registry } = await twoModels(t)
  const before = registry.served('ant')
  ant.editManifest({ version: '2' })
  addBundle(directory, 'wasp')
  rmSync(join(directory, 'moth'), { recursive: true })
  t.same(await registry.reload(), { ...nothing, added: ['wasp'], swapped: ['ant'], removed: ['moth'] })
  t.equal(registry.served('ant').manifest.version, '2')
  t.equal(registry.served('wasp').name, 'wasp')
  t.throws(() => registry.served('moth'), { code: 'unknown-model' })
  t.same(
    registry.entries().map(({ name }) => name),
    ['ant', 'wasp'],
  )
  t.throws(() => before.score(new Float64Array(before.featureNames.length)), 'the memory of the old one was given back')
})

t.test('a changed bundle that fails leaves the old one serving and says why; mended, it is taken', async (t) => {
  const { ant, registry } = await twoModels(t)
  const before = registry.served('ant')
  const whole = readFileSync(join(ant.path, 'model.txt'), 'utf8')
  ant.edit('model.txt', (text) => text.slice(0, text.length / 2))
  t.same(await registry.reload(), { ...nothing, refused: ['ant'] })
  t.equal(registry.served('ant'), before)
  t.match(registry.entry('ant'), { state: 'served', failedReload: { reason: 'checksum', detail: /is not the file of model.json/ } })
  t.ok(before.score(new Float64Array(before.featureNames.length)).raw.length > 0)
  t.same(await registry.reload(), nothing, 'the same failure is not tried again')
  writeFileSync(join(ant.path, 'model.txt'), whole)
  t.same(await registry.reload(), { ...nothing, swapped: ['ant'] })
  t.match(registry.entry('ant'), { state: 'served', failedReload: undefined })
})

t.test('a file that is still being written is not loaded', async (t) => {
  const { ant, registry } = await twoModels(t)
  const before = registry.served('ant')
  const path = join(ant.path, 'model.txt')
  const text = readFileSync(path, 'utf8')
  let size = 1000
  writeFileSync(path, text.slice(0, size))
  const writer = setInterval(() => writeFileSync(path, text.slice(0, (size += 1000))), 20)
  const report = await registry.reload()
  clearInterval(writer)
  t.same(report, { ...nothing, unsettled: ['ant'] })
  t.equal(registry.served('ant'), before)
})

t.test('a bundle that is replaced by renaming is never missing', async (t) => {
  const { directory, ant, registry } = await twoModels(t)
  const spare = emptyDirectory(directory, '../spare')
  cpSync(ant.path, join(spare, 'ant'), { recursive: true })
  renameSync(ant.path, join(spare, 'old'))
  const looking = registry.reload()
  t.equal(registry.served('ant').name, 'ant')
  renameSync(join(spare, 'ant'), ant.path)
  t.same((await looking).removed, [])
  t.equal(registry.served('ant').name, 'ant')
})

t.test('a leased model keeps its memory until it is given back', async (t) => {
  const { ant, registry } = await twoModels(t)
  const before = registry.served('ant')
  const release = registry.lease([before])
  ant.editManifest({ version: '2' })
  await registry.reload()
  const row = new Float64Array(before.featureNames.length)
  t.ok(before.score(row).raw.length > 0)
  release()
  release()
  t.throws(() => before.score(row))
})

t.test('the directory is watched', async (t) => {
  // The watch itself keeps no process alive.
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(alive))
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'ant')
  const taken = new Promise<unknown>((resolve) => {
    void loadedRegistry(directory, { watchMs: 20, onReload: resolve }).then((registry) => {
      t.teardown(() => registry.close())
      addBundle(directory, 'wasp')
    })
  })
  t.match(await taken, { added: ['wasp'] })
})

/** Reloads of a directory that looks by look holds these bundles, each with its fingerprint; the last look is the same for ever. */
function scripted(t: Test, looks: readonly Record<string, string>[], load: () => Promise<void> = () => Promise.resolve()) {
  const slots = new Map<string, Slot>()
  const stop = new AbortController()
  // The watch itself keeps no process alive.
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => {
    clearInterval(alive)
    stop.abort()
  })
  let look = 0
  const foundAs = ([name, fingerprint]: [string, string]) =>
    ({ name, fingerprint, source: { layout: 'bundle', path: name } }) as FoundBundle
  const reloads = createReloads({
    scan: () => Promise.resolve(Object.entries(looks[Math.min(look++, looks.length - 1)]!).map(foundAs)),
    slots,
    isLazy: false,
    describe: () => Promise.resolve(),
    load: async (slot, found) => {
      await load()
      slot.found = found
      slot.entry = { name: found.name, source: found.source, state: 'served', model: { name: found.name } as ServedModel }
    },
    retire: () => undefined,
    loaded: Promise.resolve(),
    signal: stop.signal,
    onReload: undefined,
    onUnreadable: undefined,
  })
  return reloads
}

t.test('a reload tells what its first look took, too', async (t) => {
  const { reload } = scripted(t, [{ x: '1' }, { x: '1', a: '1' }, { x: '1', a: '1', b: '1' }])
  t.same(await reload(), { ...nothing, added: ['x'], unsettled: ['a'] })
  t.same(await reload(), { ...nothing, added: ['a', 'b'] })
  t.same(await reload(), nothing)
})

t.test('a reload tells what the watch takes meanwhile', async (t) => {
  await t.test('of which it was in the middle', async (t) => {
    let begun = () => undefined as void
    let end = () => undefined as void
    const loading = new Promise<void>((resolve) => (begun = resolve))
    const released = new Promise<void>((resolve) => (end = resolve))
    const { reload, watch } = scripted(t, [{ a: '1' }], () => {
      begun()
      return released
    })
    void watch(1)
    await loading
    const report = reload()
    end()
    t.same(await report, { ...nothing, added: ['a'] })
  })
  await t.test('while it waits for a bundle to settle', async (t) => {
    const { reload, watch } = scripted(t, [{ a: '1' }])
    const report = reload()
    void watch(1)
    t.same(await report, { ...nothing, added: ['a'] })
  })
})

t.test('a name stands in the list of what became of it last', (t) => {
  const looks = [
    { ...nothing, added: ['a', 'b'], swapped: ['c', 'd'], refused: ['e'], unsettled: ['f', 'g'] },
    { ...nothing, swapped: ['a', 'e'], removed: ['b'], refused: ['f'], unsettled: ['c', 'h'] },
  ]
  t.same(mergeReports(looks), { added: [], swapped: ['a', 'd', 'e'], removed: ['b'], refused: ['f'], unsettled: ['c', 'h'] })
  t.same(mergeReports(looks.slice(0, 1)), looks[0])
  t.end()
})

t.test(
  'a newcomer takes part in requests without names when it is served, and an ensemble that now asks it goes on as before',
  async (t) => {
    const { directory, registry } = await twoModels(t)
    const ensemble = (members: string[]) => {
      mkdirSync(join(directory, 'both'), { recursive: true })
      writeFileSync(join(directory, 'both/model.json'), JSON.stringify({ version: '1', ensemble: { rule: 'mean', members } }))
    }
    ensemble(['ant', 'moth'])
    await registry.reload()
    const asked = () =>
      chooseModels(registry, { symbol: 'BTCUSDT' }).models.map(({ name, members = [] }) =>
        [name, ...members.map((each) => each.name)].join(' '),
      )
    const before = ['ant', 'both ant moth', 'moth']
    t.same(asked(), before)
    addBundle(directory, 'wasp')
    ensemble(['ant', 'wasp'])
    let isOver = false
    const reloading = registry.reload().finally(() => (isOver = true))
    let seen = 0
    while (!isOver) {
      if (registry.entry('wasp')?.state === 'loading') {
        if (seen++ === 0) t.throws(() => registry.served('wasp'), { code: 'model-unavailable', retryAfterSeconds: 1 })
        t.same(asked(), before)
      }
      await setImmediate()
    }
    t.ok(seen > 0, 'it was loading')
    t.same(await reloading, { ...nothing, added: ['wasp'], swapped: ['both'] })
    t.same(asked(), ['ant', 'both ant wasp', 'moth', 'wasp'])
  },
)

t.test('a watched directory that goes away and comes back: each is told once', async (t) => {
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(alive))
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'ant')
  const told: (string | undefined)[] = []
  let next = () => undefined as void
  const registry = await loadedRegistry(directory, {
    watchMs: 5,
    onUnreadable: (error) => {
      told.push(error?.message)
      next()
    },
  })
  t.teardown(() => registry.close())
  const away = new Promise<void>((resolve) => (next = resolve))
  renameSync(directory, `${directory}-away`)
  await away
  t.equal(registry.served('ant').name, 'ant')
  await t.rejects(registry.reload(), { code: 'model-unavailable' })
  const back = new Promise<void>((resolve) => (next = resolve))
  renameSync(`${directory}-away`, directory)
  await back
  t.match(told, [/cannot be read \(ENOENT\)/, undefined])
  t.equal(told.length, 2)
  t.same(await registry.reload(), nothing)
  t.equal(registry.served('ant').name, 'ant')
})

t.test('lazy: only manifests are read; many first requests load a model once', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (let k = 0; k < 20; k++) addBundle(directory, `model-${k}`)
  mkdirSync(join(directory, 'broken'))
  writeFileSync(join(directory, 'broken/model.json'), '{')
  const registry = await loadedRegistry(directory, { loading: 'lazy' })
  t.teardown(() => registry.close())
  t.same(new Set(registry.entries().map(({ state }) => state)), new Set(['idle', 'refused']))
  t.match(registry.entry('broken'), { reason: 'bad-manifest' })
  t.match(registry.entry('model-3'), { state: 'idle', manifest: { timeframe: '1h' } })

  await Promise.all(Array.from({ length: 50 }, async () => registry.ready(['model-3'])))
  const model = registry.served('model-3')
  t.equal(registry.served('model-3'), model)
  t.equal(registry.ready(['model-3']), undefined, 'nothing has to be waited for')
  t.throws(() => registry.served('model-4'), { code: 'model-unavailable', retryAfterSeconds: 1 }, 'asking loads it')
  await registry.ready(['model-4'])
  t.equal(registry.served('model-4').name, 'model-4')
  await registry.ready((entry) => entry.state === 'idle')
  t.notOk(registry.entries().some(({ state }) => state === 'idle'))
})

t.test('a memory limit lets those go that were not used for the longest time, and brings them back', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (const name of ['a', 'b', 'c']) addBundle(directory, name)
  const one = await loadedRegistry(directory)
  const row = new Float64Array(one.served('a').featureNames.length)
  const expected = one.served('a').score(row).raw
  one.close()
  const registry = await loadedRegistry(directory, { loading: 'lazy', memoryBytes: 1 })
  t.teardown(() => registry.close())
  for (const name of ['a', 'b', 'c', 'a']) {
    await registry.ready([name])
    t.same(registry.served(name).score(row).raw, expected)
    t.same(
      registry.entries().map(({ name, state }) => `${name} ${state}`),
      ['a', 'b', 'c'].map((each) => `${each} ${each === name ? 'served' : 'idle'}`),
    )
  }
  const release = registry.lease([registry.served('a')])
  await registry.ready(['b'])
  t.equal(registry.entry('a')?.state, 'served', 'a leased one stays')
  release()
})
