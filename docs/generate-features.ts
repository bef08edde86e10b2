import { writeFileSync } from 'node:fs'
import { featuresPage } from './features-page.js'

/** Writes docs/features.md. */
writeFileSync(new URL('features.md', import.meta.url), featuresPage())
