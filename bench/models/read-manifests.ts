import { openDirectory, scanDirectory } from '../../src/models/scan-directory.js'

/** Finds and reads the manifests of a directory, as a server does at its start, and nothing else. Prints how many, and how long it took in a process that has just begun. */
const [directory] = process.argv.slice(2) as [string]
const started = performance.now()
const root = await openDirectory(directory)
const found = await scanDirectory({ root, checksums: 'strict', allowUnsigned: true, catalogues: [] })
let nRead = 0
for (let first = 0; first < found.length; first += 25) {
  for (const each of await Promise.allSettled(found.slice(first, first + 25).map((bundle) => bundle.describe()))) {
    if (each.status === 'fulfilled') nRead++
  }
}
console.log(JSON.stringify({ nRead, ms: performance.now() - started }))
