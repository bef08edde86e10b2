import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Problem } from '../../src/errors.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import { createLoadingQueue } from '../../src/models/loading-queue.js'
import type { Manifest } from '../../src/models/model.js'
import { openRegistry } from '../../src/models/registry.js'
import { addBundle, emptyDirectory, loadedRegistry } from './support/models-directory.js'

const options = { checksums: 'strict', allowUnsigned: false, catalogues: [multiTimeframe()] } as const

t.test('a directory that cannot be opened', async (t) => {
  const parent = t.testdir({ file: 'not a directory' })
  await t.rejects(openRegistry({ directory: join(parent, 'nowhere'), ...options }), {
    message: /the models directory .*nowhere does not exist/,
  })
  await t.rejects(openRegistry({ directory: join(parent, 'file'), ...options }), { message: /file is no directory/ })
})

t.test('a directory without bundles', async (t) => {
  const directory = emptyDirectory(t.testdir())
  mkdirSync(join(directory, '.git'))
  mkdirSync(join(directory, 'lost+found'))
  writeFileSync(join(directory, 'README.md'), 'read me')
  symlinkSync('nowhere', join(directory, 'dangling'))
  const registry = await loadedRegistry(directory)
  t.match(registry.entries(), [{ name: 'dangling', state: 'refused', reason: 'bad-manifest', detail: /a link that leads nowhere/ }])
  t.throws(() => registry.served('any'), { code: 'unknown-model', extras: { nearest: null } })
})

t.test('bundles load in the background', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (const name of ['zebra', 'ant', 'moth']) addBundle(directory, name)
  addBundle(directory, 'bad').editManifest({ sha256: '0'.repeat(64) })
  const registry = await openRegistry({ directory, ...options })
  t.teardown(() => registry.close())
  t.same(
    registry.entries(),
    ['ant', 'bad', 'moth', 'zebra'].map((name) => ({ name, source: { layout: 'bundle', path: name }, state: 'loading' })),
  )
  const loading = problemOf(() => registry.served('zebra'))
  t.equal(loading.code, 'model-unavailable')
  t.match(loading.extras, { reason: 'loading' })
  t.equal(loading.retryAfterSeconds, 1)

  await registry.loaded
  t.same(
    registry.entries().map(({ name, state }) => [name, state]),
    [
      ['ant', 'served'],
      ['bad', 'refused'],
      ['moth', 'served'],
      ['zebra', 'served'],
    ],
  )
  t.equal(registry.served('zebra').name, 'zebra')
  const refused = problemOf(() => registry.served('bad'))
  t.equal(refused.code, 'model-unavailable')
  t.match(refused.extras, { model: 'bad', reason: 'checksum', expected: '0'.repeat(64) })
  t.equal(refused.retryAfterSeconds, undefined, 'waiting does not help')
  const unknown = problemOf(() => registry.served('zebras'))
  t.equal(unknown.code, 'unknown-model')
  t.same(unknown.extras, { nearest: 'zebra' })
  t.match(unknown.message, /nearest name is zebra/)
  t.equal(registry.entry('zebras'), undefined)
})

t.test('loading: one at a time, beside those that work in a process of their own', async (t) => {
  const stop = new AbortController()
  const load = createLoadingQueue(stop.signal)
  const order: string[] = []
  const describedAs = (family: string) => ({ describe: () => Promise.resolve({ family } as Manifest) })
  let release = () => {}
  const hanging = new Promise<void>((resolve) => (release = resolve))
  let atOnce = 0
  const add = (name: string, family: string, work: () => Promise<unknown> = () => Promise.resolve()) =>
    load(describedAs(family), async () => {
      t.ok(++atOnce <= 2, 'at most two')
      order.push(name)
      await work()
      atOnce--
    })
  const network = add('network', 'onnx', () => hanging)
  const next = add('next network', 'onnx')
  const unreadable = load({ describe: () => Promise.reject(new Error('no manifest')) }, () =>
    Promise.resolve(void order.push('unreadable')),
  )
  await Promise.all([add('tree', 'lightgbm'), add('forest', 'xgboost'), add('ensemble', 'ensemble'), unreadable])
  t.same(order, ['network', 'unreadable', 'tree', 'forest', 'ensemble'])
  release()
  await Promise.all([network, next])
  t.equal(order.at(-1), 'next network')
  const left = add('left', 'onnx')
  stop.abort()
  await Promise.all([left, add('late', 'lightgbm')])
  t.notOk(order.includes('left') || order.includes('late'), 'closed: what has not begun is left')
})

t.test('closed while loading', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (const name of ['a', 'b', 'c']) addBundle(directory, name)
  const registry = await openRegistry({ directory, ...options })
  registry.close()
  await registry.loaded
  t.ok(registry.entries().every(({ state }) => state === 'loading'))
})

function problemOf(run: () => unknown): Problem {
  try {
    run()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('expected a Problem')
}
