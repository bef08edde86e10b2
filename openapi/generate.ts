import { writeFileSync } from 'node:fs'
import { openapiText } from './openapi-text.js'

/** Writes openapi.json anew; `npm run openapi`. A test compares the committed file with what the schemas say. */
writeFileSync(new URL('openapi.json', import.meta.url), await openapiText())
