import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import { SledName } from '@brickyard/model/names'
import type { BmcDeclaration, Position, RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { loginProblem, type BmcLogin } from '@brickyard/model/sealed-login'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import type { CsvRecord } from './csv.ts'

/** Columns of the file, in any order; the first line names those it has. */
export const COLUMNS = [
  'name',
  'slot',
  'serial',
  'bmc_mac',
  'bmc_address',
  'protocol',
  'user',
  'password',
  'bmc_key',
  'architecture',
  'firmware',
  'macs',
  'model',
  'adopted',
] as const
type Column = (typeof COLUMNS)[number]

/** What is wrong in which line of the file. */
export interface ImportProblem extends Problem {
  readonly line: number
}

/** What the file comes to for one sled. */
export interface PlannedSled {
  readonly line: number
  readonly sled: SledDeclaration
  /** Fields of the declaration that change; undefined for a sled that is new. */
  readonly changed: readonly string[] | undefined
  readonly login: BmcLogin | undefined
}

export interface ImportPlan {
  readonly rack: RackDocument
  readonly sleds: readonly PlannedSled[]
}

/** Room in a BMC for a name and a password (IPMI 2.0 §22.28, §22.30). */
const IPMI_USER_CHARS_MAX = 16
const IPMI_PASSWORD_CHARS_MAX = 20

type Cells = Readonly<Partial<Record<Column, string>>>
type Tell = (field: Column, value: unknown, expected: string) => undefined

/**
 * What a list of sleds changes in a rack document, and the logins that come with it: all of it or,
 * when anything is wrong, every problem by line and field and nothing else.
 */
export function planImport(
  records: readonly CsvRecord[],
  rack: RackDocument,
): Result<ImportPlan, ImportProblem[]> {
  const [head, ...rows] = records
  if (head === undefined)
    return err([{ line: 1, ...problem('file', 'empty', 'a line of columns') }])
  const columns = head.cells.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, '_'),
  )
  const problems: ImportProblem[] = columns.flatMap((name, at) =>
    COLUMNS.some((known) => known === name) && columns.indexOf(name) === at
      ? []
      : [{ line: head.line, ...problem(name, name, `each once, of ${COLUMNS.join(', ')}`) }],
  )
  if (problems.length > 0) return err(problems)
  const planned: PlannedSled[] = []
  for (const { line, cells } of rows) {
    const tell: Tell = (field, value, expected) =>
      void problems.push({ line, ...problem(field, value, expected) })
    if (cells.length > columns.length) tell('name', cells.length, `${columns.length} cells`)
    const row: Cells = Object.fromEntries(
      columns.flatMap((name, at) => {
        const text = cells[at]?.trim() ?? ''
        return text === '' ? [] : [[name, text]]
      }),
    )
    const sled = planRow(row, rack, line, tell)
    if (sled !== undefined) planned.push(sled)
  }
  problems.push(...twice(planned, rack))
  if (problems.length > 0) return err(problems)
  const byName = new Map(planned.map(({ sled }) => [sled.name, sled]))
  const kept = rack.sleds.map((sled) => byName.get(sled.name) ?? sled)
  const added = planned.filter(({ changed }) => changed === undefined).map(({ sled }) => sled)
  return ok({ rack: { ...rack, sleds: [...kept, ...added] }, sleds: planned })
}

function planRow(
  row: Cells,
  rack: RackDocument,
  line: number,
  tell: Tell,
): PlannedSled | undefined {
  const position = positionOf(row, rack, tell)
  const held = findSled(row, rack, position)
  const parts = partsOf(row, tell)
  if (row.slot !== undefined && position === undefined) return undefined
  const sled = held === undefined ? newSled(row, position, parts, tell) : { ...held, ...parts }
  const bmc = bmcOf(row, held?.bmc, tell)
  if (sled === undefined) return undefined
  const whole: SledDeclaration = bmc === undefined ? sled : { ...sled, bmc }
  const login = loginOf(row, whole.bmc, tell)
  if (held !== undefined && position !== undefined && !samePlace(held.position, position)) {
    return tell('slot', row.slot, `the place of ${held.name}, as the rack document has it`)
  }
  const fields = [
    'serial',
    'model',
    'macs',
    'architecture',
    'firmwareMode',
    'adopted',
    'bmc',
  ] as const
  const changed =
    held === undefined
      ? undefined
      : fields.filter((field) => JSON.stringify(held[field]) !== JSON.stringify(whole[field]))
  return { line, sled: whole, changed, login }
}

/** By name, else by place, else by serial. */
function findSled(
  row: Cells,
  { sleds }: RackDocument,
  position: Position | undefined,
): SledDeclaration | undefined {
  if (row.name !== undefined) return sleds.find(({ name }) => name === row.name)
  if (position !== undefined) return sleds.find((sled) => samePlace(sled.position, position))
  return row.serial === undefined ? undefined : sleds.find(({ serial }) => serial === row.serial)
}

const samePlace = (a: Position, b: Position): boolean =>
  a.kind === 'slot' && b.kind === 'slot' && a.cage === b.cage && a.slot === b.slot

function positionOf({ slot }: Cells, { cages }: RackDocument, tell: Tell): Position | undefined {
  if (slot === undefined) return undefined
  const [, named, number] = /^(?:(.+)\/)?(\d{1,2})$/.exec(slot) ?? []
  const cage = named ?? (cages.length === 1 ? cages[0]?.name : undefined)
  if (number === undefined || cage === undefined || !cages.some(({ name }) => name === cage)) {
    return tell('slot', slot, `CAGE/NUMBER, of ${cages.map(({ name }) => name).join(', ')}`)
  }
  return { kind: 'slot', cage, slot: Number(number), form: 'half-width' }
}

type Parts = Partial<
  Pick<SledDeclaration, 'serial' | 'model' | 'macs' | 'architecture' | 'firmwareMode' | 'adopted'>
>

function partsOf(row: Cells, tell: Tell): Parts {
  const macs = row.macs?.split(/[\s;]+/).flatMap((text) => {
    const mac = Mac.parse(text)
    if (mac.ok) return [mac.value]
    tell('macs', text, 'MAC addresses with blanks between them')
    return []
  })
  const one = <T extends string>(field: Column, known: readonly T[]): T | undefined => {
    const text = row[field]
    const found = known.find((each) => each === text)
    if (text === undefined || found !== undefined) return found
    return tell(field, text, `one of ${known.join(', ')}`)
  }
  const architecture = one('architecture', ARCHITECTURES)
  const firmwareMode = one('firmware', FIRMWARE_MODES)
  const adopted = one('adopted', ['yes', 'no'])
  return {
    ...(row.serial === undefined ? {} : { serial: row.serial }),
    ...(row.model === undefined ? {} : { model: row.model }),
    ...(macs === undefined ? {} : { macs }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(firmwareMode === undefined ? {} : { firmwareMode }),
    ...(adopted === undefined ? {} : { adopted: adopted === 'yes' }),
  }
}

/** A sled that the rack document does not have yet needs all that nobody can guess. */
function newSled(
  row: Cells,
  position: Position | undefined,
  parts: Parts,
  tell: Tell,
): SledDeclaration | undefined {
  const name = SledName.parse(row.name ?? '')
  if (!name.ok)
    return tell('name', row.name ?? 'missing', 'a sled of the rack, or a name for a new one')
  if (position === undefined)
    return tell('slot', 'missing', `the place of ${name.value}, which is new`)
  const { macs = [], architecture = 'x86_64', firmwareMode = 'uefi' } = parts
  if (macs.length === 0) return tell('macs', 'missing', `a MAC of ${name.value}, which is new`)
  return { name: name.value, position, labels: {}, ...parts, macs, architecture, firmwareMode }
}

function bmcOf(
  row: Cells,
  held: BmcDeclaration | undefined,
  tell: Tell,
): BmcDeclaration | undefined {
  const { bmc_mac, bmc_address, user } = row
  const given = [bmc_mac, bmc_address, user, row.protocol, row.password, row.bmc_key]
  if (given.every((text) => text === undefined)) return held
  const protocol = row.protocol ?? held?.protocol ?? 'ipmi'
  if (protocol !== 'ipmi' && protocol !== 'redfish') {
    return tell('protocol', protocol, 'ipmi or redfish')
  }
  const mac = bmc_mac === undefined ? undefined : Mac.parse(bmc_mac)
  if (mac?.ok === false) return tell('bmc_mac', bmc_mac, 'a MAC address')
  const address = bmc_address === undefined ? undefined : Ipv4.parse(bmc_address)
  if (address?.ok === false) return tell('bmc_address', bmc_address, 'an IPv4 address')
  const where = address?.value ?? held?.address
  if (where === undefined) return tell('bmc_address', 'missing', 'the address of its BMC')
  const who = user ?? held?.user
  if (who === undefined) return tell('user', 'missing', 'who logs in at its BMC')
  const shared = {
    address: where,
    user: who,
    ...(mac === undefined ? {} : { mac: mac.value }),
  }
  if (held?.protocol === protocol) return { ...held, ...shared }
  return protocol === 'ipmi'
    ? { protocol, port: 623, cipherSuite: 17, ...shared }
    : { protocol, port: 443, ...shared }
}

/** No problem ever shows the password. */
function loginOf(row: Cells, bmc: BmcDeclaration | undefined, tell: Tell): BmcLogin | undefined {
  const { password } = row
  if (password === undefined || bmc === undefined) return undefined
  const { user, protocol } = bmc
  const login: BmcLogin = {
    user,
    password,
    ...(row.bmc_key === undefined ? {} : { bmcKey: row.bmc_key }),
  }
  const why = loginProblem({ user, password })
  if (why !== undefined) return tell('password', '(not shown)', why)
  const wrongKey = loginProblem(login)
  if (wrongKey !== undefined) return tell('bmc_key', '(not shown)', wrongKey)
  if (protocol === 'ipmi' && user.length > IPMI_USER_CHARS_MAX) {
    return tell('user', user, `at most ${IPMI_USER_CHARS_MAX} characters for IPMI`)
  }
  if (protocol === 'ipmi' && password.length > IPMI_PASSWORD_CHARS_MAX) {
    return tell('password', '(not shown)', `at most ${IPMI_PASSWORD_CHARS_MAX} characters for IPMI`)
  }
  return login
}

/** What may be in the rack once only, and what names one sled in two lines. */
function twice(planned: readonly PlannedSled[], rack: RackDocument): ImportProblem[] {
  const mine = new Set(planned.map(({ sled }) => sled.name))
  const seen = new Map<string, string>()
  const key = (kind: string, text: string): string => `${kind} ${text}`
  const keysOf = (sled: SledDeclaration): [Column, string][] => [
    ['name', sled.name],
    ...(sled.position.kind === 'slot'
      ? [['slot', `${sled.position.cage}/${sled.position.slot}`] as [Column, string]]
      : []),
    ...(sled.serial === undefined ? [] : [['serial', sled.serial] as [Column, string]]),
    ...(sled.bmc?.mac === undefined ? [] : [['bmc_mac', sled.bmc.mac] as [Column, string]]),
    ...(sled.bmc === undefined ? [] : [['bmc_address', sled.bmc.address] as [Column, string]]),
    ...sled.macs.map((mac): [Column, string] => ['macs', mac]),
  ]
  for (const sled of rack.sleds) {
    if (mine.has(sled.name)) continue
    for (const [kind, text] of keysOf(sled)) seen.set(key(kind, text), sled.name)
  }
  return planned.flatMap(({ line, sled }) =>
    keysOf(sled).flatMap(([field, text]): ImportProblem[] => {
      const owner = seen.get(key(field, text))
      seen.set(key(field, text), owner ?? `line ${line}`)
      return owner === undefined
        ? []
        : [{ line, ...problem(field, text, `one that ${owner} does not have`) }]
    }),
  )
}
