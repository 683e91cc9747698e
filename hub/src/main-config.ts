import { readFileSync } from 'node:fs'
import { zodProblem } from '@brickyard/protocol/rack-document'
import { formatProblem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { hubConfigSchema } from './config.ts'

const listener = (port: number) =>
  z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(port),
    })
    .prefault({})

/** The hub's file: its settings, and where its process listens and keeps its store. */
export const hubFileSchema = hubConfigSchema.extend({
  /** Console and API; plain HTTP for a proxy with TLS before it. */
  api: listener(8080),
  /** Agents, over mutual TLS. */
  agents: listener(8443),
  /** SQLite file. PostgreSQL takes its place through the same dialect port. */
  databasePath: z.string().min(1),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})
export type HubFile = z.output<typeof hubFileSchema>

/** Reads a configuration file; every problem names its line. */
export function readHubFile(path: string): Result<HubFile, readonly string[]> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return err([
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ])
  }
  return parseHubFile(path, text)
}

export function parseHubFile(path: string, text: string): Result<HubFile, readonly string[]> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    return err(document.errors.map((e) => `${path}: ${e.message.split('\n')[0] ?? ''}`))
  }
  const value: unknown = document.toJS()
  const parsed = hubFileSchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const lineOf = (at: readonly PropertyKey[]): number => {
    for (let length = at.length; length > 0; length--) {
      const node: unknown = document.getIn(at.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  return err(
    parsed.error.issues.map((issue) => {
      // What stands where a password should is not for a terminal or a log.
      const secret = issue.path.includes('password')
      const problem = zodProblem(issue, secret ? undefined : value)
      return `${path}:${lineOf(issue.path)}: ${formatProblem(problem)}`
    }),
  )
}
