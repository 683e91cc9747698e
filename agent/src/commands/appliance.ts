import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { err, ok, type Result } from '@brickyard/std/result'
import { parseConfigFile, parseYaml, type ConfigFile, type FileProblem } from '../config-file.ts'
import { parseStandAlone, type StandAloneDocument } from '../stand-alone/stand-alone-document.ts'

/** The appliance's settings as read from its files, checked as a whole. */
export interface Appliance {
  readonly file: ConfigFile
  readonly standAlone: StandAloneDocument | undefined
}

/** Reads `agent.yaml` and the stand-alone document it names; every problem has its file and line. */
export function readAppliance(path: string): Result<Appliance, FileProblem[]> {
  const text = readText(path)
  if (!text.ok) return text
  const file = parseConfigFile(path, text.value)
  if (!file.ok) return file
  if (file.value.standAlone === undefined) return ok({ file: file.value, standAlone: undefined })
  const documentPath = resolve(dirname(path), file.value.standAlone)
  const document = readText(documentPath)
  if (!document.ok) return document
  const standAlone = parseYaml(documentPath, document.value, parseStandAlone)
  if (!standAlone.ok) return standAlone
  const { rack, images, assignments } = standAlone.value
  if (rack.site !== file.value.site) {
    const expected = `'${file.value.site}', the site of ${path}`
    const found = { field: 'rack.site', value: `'${rack.site}'`, expected }
    return err([{ ...found, path: documentPath, line: lineOf(document.value, 'site:') }])
  }
  const folder = dirname(documentPath)
  const placed = images.map((image) => ({ ...image, path: resolve(folder, image.path) }))
  return ok({ file: file.value, standAlone: { rack, images: placed, assignments } })
}

const lineOf = (text: string, needle: string): number =>
  Math.max(
    0,
    text.split('\n').findIndex((line) => line.includes(needle)),
  ) + 1

function readText(path: string): Result<string, FileProblem[]> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    const value = (error as Error).message
    return err([{ path, line: 1, field: 'file', value, expected: 'a file that can be read' }])
  }
}
