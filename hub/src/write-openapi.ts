import { writeFileSync } from 'node:fs'
import { openapiDocument } from './api/openapi.ts'

/** `node hub/src/write-openapi.ts` writes the contract beside the code; a test fails on drift. */
writeFileSync(
  new URL('../openapi.json', import.meta.url),
  `${JSON.stringify(openapiDocument(), null, 2)}\n`,
)
