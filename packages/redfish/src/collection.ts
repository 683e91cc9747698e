import { ok, type Result } from '@brickyard/std/result'
import type { RedfishClient } from './client.ts'
import type { RedfishFault } from './fault.ts'
import { fieldOf, linkOf, listOf, objectOf, pathOf, type JsonObject } from './loose-json.ts'

/** One member of a collection; `body` where the service sent it along. */
export interface Member {
  readonly path: string
  readonly body: JsonObject | undefined
}

/** Most members read of one collection: logs of real BMCs hold up to some thousands. */
export const MEMBERS_MAX = 4096
/** Most pages; a service that links pages in a ring is stopped before. */
const PAGES_MAX = 128

/** The members of a collection through all its pages (DSP0266 §7.2), in order, each once. */
export async function membersOf(
  client: RedfishClient,
  path: string,
  membersMax = MEMBERS_MAX,
): Promise<Result<readonly Member[], RedfishFault>> {
  const members = new Map<string, Member>()
  const seen = new Set<string>()
  let next: string | undefined = path
  while (next !== undefined && seen.size < PAGES_MAX && members.size < membersMax) {
    seen.add(next)
    const page = await client.get(next)
    if (!page.ok) return page
    for (const member of membersIn(page.value.body)) {
      if (members.size < membersMax && !members.has(member.path)) members.set(member.path, member)
    }
    const link = nextLinkOf(page.value.body)
    next = link === undefined || seen.has(link) ? undefined : link
  }
  return ok([...members.values()])
}

/** The members on one page, or of any array of references. */
export const membersIn = (body: JsonObject, name = 'Members'): readonly Member[] =>
  listOf(body[name]).flatMap((one) => {
    const path = linkOf(one)
    const whole = Object.keys(objectOf(one)).length > 1
    return path === undefined ? [] : [{ path, body: whole ? objectOf(one) : undefined }]
  })

const nextLinkOf = (body: JsonObject): string | undefined =>
  pathOf(body['Members@odata.nextLink']) ??
  // Seen as an object, and with other case, on services in the field.
  linkOf(body['Members@odata.nextLink']) ??
  pathOf(fieldOf(body, 'Members@odata.nextlink'))

/** The members' own bodies; one that cannot be read is left out, unless the service has gone silent. */
export async function resourcesOf(
  client: RedfishClient,
  path: string,
  membersMax: number,
): Promise<Result<readonly { readonly path: string; readonly body: JsonObject }[], RedfishFault>> {
  const members = await membersOf(client, path, membersMax)
  if (!members.ok) return members
  const found: { readonly path: string; readonly body: JsonObject }[] = []
  for (const member of members.value) {
    if (member.body !== undefined) {
      found.push({ path: member.path, body: member.body })
      continue
    }
    const answer = await client.get(member.path)
    if (answer.ok) found.push({ path: member.path, body: answer.value.body })
    else if (answer.error.kind !== 'refused' && answer.error.kind !== 'protocol') return answer
  }
  return ok(found)
}
