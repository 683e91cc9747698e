import type { RackDocument } from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import * as z from 'zod'

/** Bytes of DHCP options 61 and 82 as text. */
export const bytesField = z
  .string()
  .regex(/^([0-9a-f]{2}){1,255}$/, 'must be bytes in lower-case hex')

/** A slot of a cage or a rack unit, as witnesses name them. */
export const placeField = z
  .string()
  .max(80)
  .regex(
    /^([a-z0-9-]+\/slot|unit)-[1-9]\d{0,2}$/,
    'must be a place such as cage-a/slot-7 or unit-21',
  )

/** A switch port and where it leads (`PortDeclaration`). */
export const portSchema = z.strictObject({
  circuitId: bytesField,
  remoteId: bytesField.optional(),
  place: placeField,
})

/** Ports that lead to two places, places in cages that are not there, reservations no port leads to. */
export function portProblems({ networks, cages, ports = [] }: RackDocument): Problem[] {
  const problems: Problem[] = []
  const names = new Set(cages.map(({ name }) => name))
  const seen = new Map<string, string>()
  ports.forEach(({ circuitId, remoteId = '', place }, i) => {
    const [cage = ''] = place.split('/')
    if (place.includes('/') && !names.has(cage)) {
      problems.push(problem(`ports[${i}].place`, place, 'a slot of a declared cage'))
    }
    const before = seen.get(`${circuitId}/${remoteId}`)
    if (before === undefined) seen.set(`${circuitId}/${remoteId}`, `ports[${i}]`)
    else problems.push(problem(`ports[${i}].circuitId`, circuitId, `a port besides ${before}`))
  })
  const reached = new Set(ports.map(({ place }) => place))
  networks.forEach(({ reservations = [] }, i) =>
    reservations.forEach(({ place }, n) => {
      if (place === undefined || reached.has(place)) return
      const field = `networks[${i}].reservations[${n}].place`
      problems.push(problem(field, place, 'a place to which one of the ports leads'))
    }),
  )
  return problems
}
