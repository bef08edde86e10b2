import { writeFileSync } from 'node:fs'
import { cataloguesPage } from './catalogues-page.js'
import { featuresPage } from './features-page.js'

/** Writes docs/features.md and docs/catalogues.md. */
writeFileSync(new URL('features.md', import.meta.url), featuresPage())
writeFileSync(new URL('catalogues.md', import.meta.url), cataloguesPage())
