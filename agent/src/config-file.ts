import { ARCHITECTURES } from '@brickyard/model/architecture'
import { siteField } from '@brickyard/protocol/fields'
import { zodProblem } from '@brickyard/protocol/rack-document'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import * as z from 'zod'
import { LIMITS_DEFAULT } from './agent-config.ts'

/** A YAML file that is wrong: where, and what would have been right. */
export interface FileProblem extends Problem {
  readonly path: string
  /** Counted from 1. */
  readonly line: number
}

/** One line for people: `agent.yaml:12: hub.url is 'x'; expected …`. */
export const formatFileProblem = (p: FileProblem): string =>
  `${p.path}:${p.line}: ${p.field} is ${p.value}; expected ${p.expected}`

const port = z.number().int().min(1).max(65535)
const listenerSchema = z.strictObject({ host: z.string().min(1).max(253), port })
const path = z.string().min(1).max(1000)
const loaderSchema = z.strictObject({
  path,
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  source: z.string().min(1).max(120).optional(),
})
const limit = (fallback: number) => z.number().int().positive().default(fallback)

const configSchema = z.strictObject({
  site: siteField,
  stateFolder: path.default('/var/lib/brickyard'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  hub: z.strictObject({ url: z.url({ protocol: /^https$/ }) }).optional(),
  /** Path of a stand-alone document, relative to this file. */
  standAlone: path.optional(),
  /** 32 bytes or more that seal BMC passwords; the systemd credential `site-key` goes before it. */
  keyFile: path.default('/etc/brickyard/site.key'),
  /** Where sleds reach the boot server, unless systemd hands in `http-<network>` sockets. */
  bootHttp: z.array(listenerSchema).max(16).default([]),
  /**
   * Certificate chain and key (PEM) by which sleds are served over HTTPS, too, unless systemd hands in
   * `https-<network>` sockets. `only`: iPXE gets no script by plain HTTP.
   */
  bootTls: z
    .strictObject({
      certificate: path,
      key: path,
      listeners: z.array(listenerSchema).max(16).default([]),
      only: z.boolean().default(false),
    })
    .optional(),
  /**
   * Authorities (a file of PEM certificates) that say who may sign installers. Each file of an installer
   * needs its signature beside it, `FILE.sig`. `byLoader`: iPXE checks them, too.
   */
  codeSigning: z
    .strictObject({ authorities: path, byLoader: z.boolean().default(false) })
    .optional(),
  sitePage: listenerSchema.optional(),
  siteApi: listenerSchema.default({ host: '127.0.0.1', port: 7480 }),
  networks: z
    .record(
      z.string(),
      z.strictObject({
        bootUrl: z.url().optional(),
        bootTlsUrl: z.url({ protocol: /^https$/ }).optional(),
        dhcpPorts: z.strictObject({ server: port, client: port, pxe: port.optional() }).optional(),
        tftpPort: port.optional(),
      }),
    )
    .default({}),
  /** A path, or the path with the hash that its content must have. */
  loaders: z
    .record(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/), z.union([path, loaderSchema]))
    .default({
      'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
      'snponly.efi': '/usr/lib/ipxe/snponly.efi',
    }),
  installers: z
    .partialRecord(
      z.enum(ARCHITECTURES),
      z.strictObject({
        kernel: path,
        initrd: path,
        tools: path.optional(),
        kernelArguments: z
          .array(z.string().regex(/^\S{1,200}$/))
          .max(32)
          .default([]),
      }),
    )
    .default({}),
  limits: z
    .strictObject({
      blobBytesMax: limit(LIMITS_DEFAULT.blobBytesMax),
      eventKeepMs: limit(LIMITS_DEFAULT.eventKeepMs),
      eventsMax: limit(LIMITS_DEFAULT.eventsMax),
      inspectionsMax: limit(LIMITS_DEFAULT.inspectionsMax),
      claimTimeoutMs: limit(LIMITS_DEFAULT.claimTimeoutMs),
      phoneHomeTimeoutMs: limit(LIMITS_DEFAULT.phoneHomeTimeoutMs),
      powerPollMs: limit(LIMITS_DEFAULT.powerPollMs),
      sensorPollMs: limit(LIMITS_DEFAULT.sensorPollMs),
      logPollMs: limit(LIMITS_DEFAULT.logPollMs),
      minCycleMs: limit(LIMITS_DEFAULT.minCycleMs),
    })
    .default(LIMITS_DEFAULT),
})

/** The appliance's own file, as written in `agent.yaml`. */
export type ConfigFile = z.output<typeof configSchema>

/** Parses `agent.yaml`; every problem names file, line and field. */
export function parseConfigFile(filePath: string, text: string): Result<ConfigFile, FileProblem[]> {
  return parseYaml(filePath, text, (value) => {
    const parsed = configSchema.safeParse(value)
    return parsed.success
      ? ok(parsed.data)
      : err(parsed.error.issues.map((issue) => withKey(issue, value)))
  })
}

/** Reads YAML, checks it, and puts a line to each problem. YAML's own errors have theirs already. */
export function parseYaml<T>(
  filePath: string,
  text: string,
  check: (value: unknown) => Result<T, readonly Problem[]>,
): Result<T, FileProblem[]> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    return err(
      document.errors.map((error) => ({
        ...problem('document', error.code, error.message.split('\n')[0] ?? 'YAML'),
        path: filePath,
        line: lines.linePos(error.pos[0]).line,
      })),
    )
  }
  const checked = check(document.toJS())
  if (checked.ok) return checked
  return err(
    checked.error.map((found) => ({
      ...found,
      path: filePath,
      line: lines.linePos(offsetOf(document, fieldPath(found.field))).line,
    })),
  )
}

/** An unknown key is named itself, so that its own line is shown. */
function withKey(issue: z.core.$ZodIssue, input: unknown): Problem {
  const found = zodProblem(issue, input)
  if (issue.code !== 'unrecognized_keys') return found
  const [key = ''] = issue.keys
  const field = issue.path.length === 0 ? key : `${found.field}.${key}`
  return problem(field, key, 'a key that this release knows')
}

/** `networks[0].subnet` as the steps into the document. */
const fieldPath = (field: string): (string | number)[] =>
  [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key as string) : Number(index),
  )

/** Where the deepest part of the path that exists begins: a missing field points at what should hold it. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = rangeStart(node) ?? 0
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step))
      if (pair === undefined) return offset
      offset = rangeStart(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      offset = rangeStart(node) ?? offset
    } else return offset
  }
  return offset
}

const rangeStart = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined
