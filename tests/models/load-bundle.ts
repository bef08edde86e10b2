import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ModelEntry } from '../../src/models/model.js'
import { addBundle, type Bundle, emptyDirectory, loadedRegistry, SAMPLE, samples } from './support/models-directory.js'

type Refused = Extract<ModelEntry, { state: 'refused' }>

t.test('a spoiled bundle is refused for what is wrong with it, and the others serve', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'whole')
  const refusals: Record<string, (entry: Refused) => void> = {}
  const spoil = (name: string, how: (bundle: Bundle) => void, judge: (entry: Refused) => void) => {
    how(addBundle(directory, name))
    refusals[name] = judge
  }
  const expect =
    (reason: string, detail: RegExp, extras: Record<string, unknown> = {}) =>
    (entry: Refused) => {
      t.equal(entry.reason, reason, entry.name)
      t.match(entry.detail, detail, entry.name)
      t.match(entry.extras, extras, entry.name)
    }
  const flipDigit = (text: string) =>
    text.replace(/^leaf_value=(-?0\.\d{5})(\d)/gm, (_, head: string, digit: string) => `leaf_value=${head}${9 - Number(digit)}`)

  spoil('digit-flipped', (b) => b.edit('model.txt', flipDigit), expect('checksum', /its SHA-256 is [0-9a-f]{64}/))
  spoil(
    'digest-wrong',
    (b) => b.editManifest({ sha256: '0'.repeat(64) }),
    expect('checksum', /0{64} is stated/, { expected: '0'.repeat(64) }),
  )
  spoil('digest-none', (b) => b.editManifest({ sha256: undefined }), expect('checksum', /states no sha256/, { got: /^[0-9a-f]{64}$/ }))
  spoil('line-ends', (b) => b.edit('model.txt', (text) => text.replaceAll('\n', '\r\n')), expect('checksum', /SHA-256/))
  spoil(
    'digit-flipped-signed',
    (b) => {
      b.edit('model.txt', flipDigit)
      b.sign()
    },
    expect('golden-mismatch', /row \d+ of golden.jsonl/, { row: Number, expected: Number, got: Number }),
  )
  spoil(
    'feature-renamed',
    (b) => {
      b.edit('model.txt', (text) => text.replace('log_volume_1H ', 'log_volumes_1H '))
      b.sign()
    },
    expect('feature-mismatch', /log_volumes_1H \(nearest: log_volume_1H\)/, {
      missing: ['log_volumes_1H'],
      missing_count: 1,
      nearest: { log_volumes_1H: 'log_volume_1H' },
    }),
  )
  spoil(
    'features-unnamed',
    (b) => {
      b.edit('model.txt', (text) =>
        text.replace(
          /^feature_names=(.*)$/m,
          (_, names: string) =>
            `feature_names=${names
              .split(' ')
              .map((_, i) => `Column_${i}`)
              .join(' ')}`,
        ),
      )
      b.sign()
    },
    expect('feature-mismatch', /does not know 176 of/, { missing_count: 176, missing: { length: 50 } }),
  )
  spoil(
    'golden-changed',
    (b) => b.edit('golden.jsonl', (text) => text.replace(/("raw":\[-?0\.\d+)\d\]/, '$17]')),
    expect('golden-mismatch', /row 1 of golden.jsonl \(line 1\)/, { row: 1, line: 1, output: 0 }),
  )
  spoil(
    'golden-short',
    (b) => b.edit('golden.jsonl', (text) => text.slice(0, 1000)),
    expect('golden-mismatch', /line 1 of golden.jsonl: not JSON/),
  )
  spoil(
    'golden-of-another',
    (b) => cpSync(join(samples, 'btcusdt-move-24h', 'golden.jsonl'), join(b.path, 'golden.jsonl')),
    expect('golden-mismatch', /feature .* is missing/),
  )
  for (const share of [0, 0.001, 0.3, 0.9]) {
    spoil(
      `cut-at-${share * 1000}`,
      (b) => {
        b.edit('model.txt', (text) => text.slice(0, Math.floor(text.length * share)))
        b.sign()
      },
      expect('bad-model', /^model.txt, line \d+: (?!line)/, { line: Number, code: String }),
    )
  }
  spoil(
    'no-model-at-all',
    (b) => {
      b.edit('model.txt', () => 'PK\u0003\u0004 not a model')
      b.sign()
    },
    expect('bad-model', /model.txt is a zip archive, not LightGBM's text: pickles are never opened/),
  )
  spoil(
    'a-pickle',
    (b) => {
      b.edit('model.txt', () => '')
      writeFileSync(join(b.path, 'model.txt'), Buffer.from([0x80, 4, 0x95, 10, 0]))
      b.sign()
    },
    expect('bad-model', /model.txt is a pickle .*save_model/),
  )
  spoil('model-missing', (b) => rmSync(join(b.path, 'model.txt')), expect('bad-model', /model.txt is missing/))
  spoil(
    'model-huge',
    (b) => truncateSync(join(b.path, 'model.txt'), 2 ** 29 + 1),
    expect('bad-model', /has 536870913 bytes, at most 536870912/),
  )
  spoil('manifest-missing', (b) => rmSync(join(b.path, 'model.json')), expect('bad-manifest', /model.json is missing/))
  spoil('manifest-garbage', (b) => b.edit('model.json', () => '{'), expect('bad-manifest', /is not JSON/))
  spoil('manifest-huge', (b) => b.edit('model.json', () => ' '.repeat(2 ** 20 + 1)), expect('bad-manifest', /bytes, at most/))
  spoil('manifest-unknown-key', (b) => b.editManifest({ horizon: 1 }), expect('bad-manifest', /"horizon"/))
  spoil(
    'catalogue-unknown',
    (b) => b.editManifest({ features: { catalogue: 'multi-timeframes', base_bars: 720, buffer_bars: 6 } }),
    expect('bad-manifest', /no catalogue multi-timeframes; known are multi-timeframe/, { nearest: 'multi-timeframe' }),
  )
  spoil('timeframe-other', (b) => b.editManifest({ timeframe: '5m' }), expect('bad-manifest', /is for candles of 1h, not 5m/))
  spoil(
    'outputs-too-few',
    (b) => b.editManifest({ output: 'class_probabilities' }),
    expect('bad-manifest', /but the model has 1 output/, { outputs: 1 }),
  )
  spoil(
    'outputs-too-many',
    (b) => {
      cpSync(join(samples, 'btcusdt-move-24h', 'model.txt'), join(b.path, 'model.txt'))
      b.sign()
    },
    expect('bad-manifest', /says probability_up, but the model has 3 outputs/, { outputs: 3 }),
  )
  spoil(
    'classes-too-few',
    (b) => {
      cpSync(join(samples, 'btcusdt-move-24h', 'model.txt'), join(b.path, 'model.txt'))
      b.editManifest({ output: 'class_probabilities', classes: ['down', 'up'] })
      b.sign()
    },
    expect('bad-manifest', /class_probabilities with 2 classes, but the model has 3 outputs/),
  )
  spoil('Upper-Case', () => undefined, expect('bad-manifest', /name is no model name/))
  spoil(
    'folder-for-a-file',
    (b) => {
      rmSync(join(b.path, 'model.txt'))
      mkdirSync(join(b.path, 'model.txt'))
    },
    expect('bad-model', /model.txt is no ordinary file/),
  )
  writeFileSync(join(t.testdirName, 'secret.json'), '{"secret": 1}')
  spoil(
    'link-outside',
    (b) => {
      rmSync(join(b.path, 'model.json'))
      symlinkSync(join(t.testdirName, 'secret.json'), join(b.path, 'model.json'))
    },
    (entry) => {
      expect('bad-manifest', /link that leaves the models directory/)(entry)
      t.notMatch(JSON.stringify(entry), 'secret')
    },
  )
  spoil(
    'link-to-nothing',
    (b) => {
      rmSync(join(b.path, 'golden.jsonl'))
      rmSync(join(b.path, 'model.txt'))
      symlinkSync('nowhere', join(b.path, 'model.txt'))
    },
    expect('bad-model', /model.txt is missing/),
  )
  cpSync(join(samples, SAMPLE), join(t.testdirName, 'elsewhere'), { recursive: true })
  symlinkSync(join(t.testdirName, 'elsewhere'), join(directory, 'link-bundle'))
  refusals['link-bundle'] = expect('bad-manifest', /link that leaves/)
  mkdirSync(join(directory, 'empty'))
  refusals['empty'] = expect('bad-manifest', /model.json is missing/)

  const registry = await loadedRegistry(directory)
  t.teardown(() => registry.close())
  t.equal(registry.entry('whole')?.state, 'served')
  t.same(
    registry.entries().map(({ name }) => name),
    ['whole', ...Object.keys(refusals)].sort(),
  )
  for (const [name, judge] of Object.entries(refusals)) {
    const entry = registry.entry(name)
    if (entry?.state !== 'refused') t.fail(`${name} is ${entry?.state}`)
    else judge(entry)
  }
})

t.test('what is served all the same', async (t) => {
  const directory = emptyDirectory(t.testdir())
  rmSync(join(addBundle(directory, 'no-golden').path, 'golden.jsonl'))
  addBundle(directory, 'capitals').editManifest({ timeframe: '1H' })
  const linked = addBundle(directory, 'linked-inside')
  rmSync(join(linked.path, 'model.txt'))
  symlinkSync(join('..', 'no-golden', 'model.txt'), join(linked.path, 'model.txt'))
  symlinkSync('no-golden', join(directory, 'linked-bundle'))

  const registry = await loadedRegistry(directory)
  t.teardown(() => registry.close())
  for (const entry of registry.entries()) t.equal(entry.state, 'served', entry.name)
  t.equal(registry.entries().length, 4)
  t.equal(registry.served('no-golden').goldenRows, 0)
})

t.test('score may be any number of outputs', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'one').editManifest({ output: 'score' })
  const three = addBundle(directory, 'three')
  for (const file of ['model.txt', 'golden.jsonl']) cpSync(join(samples, 'btcusdt-move-24h', file), join(three.path, file))
  three.editManifest({ output: 'score' })
  three.sign()
  const registry = await loadedRegistry(directory)
  t.teardown(() => registry.close())
  t.equal(registry.served('one').nOutputs, 1)
  t.equal(registry.served('three').nOutputs, 3)
  t.same(registry.served('three').warnings, [])
})

t.test('doubts are warnings', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const spoil = (name: string, change: (text: string) => string) => {
    const bundle = addBundle(directory, name)
    rmSync(join(bundle.path, 'golden.jsonl'))
    bundle.edit('model.txt', change)
    bundle.sign()
  }
  spoil('plain', (text) => text)
  spoil('regression', (text) => text.replace(/^objective=.*$/m, 'objective=regression'))
  spoil('custom', (text) => text.replace(/^objective=.*\n/m, ''))
  // The first feature that the first tree splits on is called otherwise from now on.
  spoil('noise', (text) => {
    const names = /^feature_names=(.*)$/m.exec(text)![1]!.split(' ')
    const split = Number(/^split_feature=(\d+)/m.exec(text)![1])
    return text.replace(/^feature_names=.*$/m, `feature_names=${names.with(split, 'close_hurst_100_4H').join(' ')}`)
  })
  // A feature that no tree splits on.
  spoil('noise-unused', (text) => {
    const names = /^feature_names=(.*)$/m.exec(text)![1]!.split(' ')
    const used = new Set([...text.matchAll(/^split_feature=(.*)$/gm)].flatMap(([, features]) => features!.split(' ').map(Number)))
    const unused = names.findIndex((_, feature) => !used.has(feature))
    t.ok(unused >= 0)
    return text.replace(/^feature_names=.*$/m, `feature_names=${names.with(unused, 'close_hurst_100_4H').join(' ')}`)
  })
  const registry = await loadedRegistry(directory)
  t.teardown(() => registry.close())
  const warnings = (name: string) => registry.served(name).warnings
  t.same(warnings('plain'), [])
  t.match(warnings('regression'), [/probability_up, but model.txt has the objective regression: y_pred may be no probability/])
  t.match(warnings('custom'), [/model.txt states no objective/])
  t.match(warnings('noise'), [/splits on close_hurst_100_4H \(\d+ times\).*rounding noise/])
  t.equal(warnings('noise').length, 1)
  t.same(warnings('noise-unused'), [])
})

t.test('digests', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'signed')
  addBundle(directory, 'unsigned').editManifest({ sha256: undefined })
  addBundle(directory, 'wrong').editManifest({ sha256: '0'.repeat(64) })
  const statesWith = async (checksums: 'strict' | 'warn' | 'off', allowUnsigned: boolean) => {
    const registry = await loadedRegistry(directory, { checksums, allowUnsigned })
    const states = registry.entries().map((entry) => [entry.name, entry.state, entry.state === 'served' ? entry.model.warnings.length : 0])
    registry.close()
    return states
  }
  t.same(await statesWith('strict', false), [
    ['signed', 'served', 0],
    ['unsigned', 'refused', 0],
    ['wrong', 'refused', 0],
  ])
  t.same(await statesWith('strict', true), [
    ['signed', 'served', 0],
    ['unsigned', 'served', 1],
    ['wrong', 'refused', 0],
  ])
  t.same(await statesWith('warn', false), [
    ['signed', 'served', 0],
    ['unsigned', 'refused', 0],
    ['wrong', 'served', 1],
  ])
  t.same(await statesWith('off', true), [
    ['signed', 'served', 0],
    ['unsigned', 'served', 1],
    ['wrong', 'served', 0],
  ])
})
