import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import t from 'tap'
import { settingNames } from '../src/config.js'
import type { Prediction } from '../src/predictions/schema.js'
import { startService } from './support/service.js'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(resolve(root, file), 'utf8')
const readme = read('README.md')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/bundles.md',
  'docs/commands.md',
  'docs/errors.md',
  'examples/export/README.md',
  'docs/models.md',
  'docs/migrating.md',
  'docs/compat.md',
  'docs/catalogues.md',
  'docs/operating.md',
  'docs/settings.md',
  'docs/store.md',
]

t.test('the curl of the README gives the answer that stands there', async (t) => {
  const [, file] = /curl -s http:\/\/127\.0\.0\.1:8080\/predict -H 'content-type: application\/json' --data-binary @(\S+)/.exec(readme)!
  const [, shown] = /```json\n([\s\S]*?)```/.exec(readme)!
  const { post } = await startService(t)
  const response = await post(read(file!))
  t.equal(response.statusCode, 201)
  const withoutTime = (text: string) => {
    const answer = JSON.parse(text) as { predictions: Prediction[] }
    return { predictions: answer.predictions.map((prediction) => ({ ...prediction, created_at: '' })) }
  }
  t.strictSame(withoutTime(response.body), withoutTime(shown!))
  t.equal((await post(read(file!))).statusCode, 200, 'sent again, it is known')
})

t.test('settings are told as they are', (t) => {
  const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('| `BARCAST_'))
  for (const { name, shown } of settingNames()) {
    for (const [page, text] of [
      ['README.md', readme],
      ['docs/settings.md', read('docs/settings.md')],
    ] as const) {
      const row = rows(text).find((line) => line.includes(`\`${name}\``))
      t.ok(row?.includes(shown), `${page}: ${name} is ${shown} by default`)
    }
  }
  t.end()
})

t.test('npm scripts and files that the pages name exist', (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const page of pages) {
    const text = read(page)
    for (const [, script] of text.matchAll(/`npm run ([\w:]+)/g)) t.hasProp(scripts, script!, `${page}: npm run ${script}`)
    for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      t.ok(existsSync(resolve(root, dirname(page), link!)), `${page} links ${link}`)
  }
  t.end()
})

t.test('package and version agree', (t) => {
  const version = (file: string) => (JSON.parse(read(file)) as { version: string }).version
  t.equal((JSON.parse(read('openapi/openapi.json')) as { info: { version: string } }).info.version, version('package.json'))
  t.match(read('docker-compose.yml'), `image: barcast:${version('package.json')}`)
  t.end()
})
