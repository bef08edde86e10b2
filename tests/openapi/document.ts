import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { openapiText } from '../../openapi/openapi-text.js'
import { startService } from '../support/service.js'

const read = (path: string) => readFileSync(new URL(`../../openapi/${path}`, import.meta.url), 'utf8')

t.test('the committed document is the one that the schemas give (else: npm run openapi)', async (t) => {
  t.equal(read('openapi.json'), await openapiText())
})

t.test('every operation, property and parameter is described', (t) => {
  const document = JSON.parse(read('openapi.json')) as { paths: object; components: { schemas: object } }
  const undescribed: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      const isMember = /(\/properties|\/parameters)$/.test(path)
      if (isMember && !('description' in (child as object)) && !('$ref' in (child as object))) undescribed.push(`${path}/${key}`)
      walk(child, `${path}/${key}`)
    }
  }
  walk(document, '')
  t.strictSame(undescribed, [])
  t.end()
})

t.test('served, with a page to read it', async (t) => {
  const { get } = await startService(t)
  const served = await get('/openapi.json')
  t.match(served.headers['content-type'], /^application\/json/)
  const { info, ...document } = served.json<{ info: object }>()
  const { info: _, ...committed } = JSON.parse(read('openapi.json')) as { info: object }
  t.strictSame(document, committed)
  t.match(info, { title: 'barcast' })
  const page = await get('/docs')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], "default-src 'self'")
  t.notMatch(page.body, /<script>/, 'no inline script')
  t.notMatch(page.body, /https?:\/\//, 'nothing from elsewhere')
})

t.test('the examples are answered as their names say', async (t) => {
  const { post } = await startService(t)
  for (const file of readdirSync(new URL('../../openapi/examples', import.meta.url))) {
    const [, status, code] = /^(\d{3})-([a-z-]+)\./.exec(file) ?? []
    const isCsv = file.endsWith('.csv')
    const query = isCsv ? '?store=false&model=btcusdt-logret-168h' : '?store=false'
    const response = await post(read(`examples/${file}`), query, { 'content-type': isCsv ? 'text/csv' : 'application/json' })
    t.equal(response.statusCode, Number(status), file)
    t.match(response.json(), { code }, file)
  }
})
