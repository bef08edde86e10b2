// Packs folders of golden values (case.json, model.txt, *.f64, *.i32; see tests/fixtures/README.md) into tests/fixtures/golden/<name>.json.gz.
// Usage: node scripts/pack-golden.js FOLDER_OF_FOLDERS
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const from = process.argv[2]
const to = join(dirname(dirname(fileURLToPath(import.meta.url))), 'tests', 'fixtures', 'golden')
mkdirSync(to, { recursive: true })
for (const name of readdirSync(from)) {
  const folder = join(from, name)
  const arrays = {}
  for (const file of readdirSync(folder)) {
    if (['.f64', '.i32'].includes(extname(file))) arrays[file] = readFileSync(join(folder, file)).toString('base64')
  }
  const packed = {
    case: JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')),
    model: readFileSync(join(folder, 'model.txt'), 'utf8'),
    arrays,
  }
  writeFileSync(join(to, `${name}.json.gz`), gzipSync(JSON.stringify(packed), { level: 9 }))
}
