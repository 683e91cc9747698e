import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { z } from '@hono/zod-openapi'
import {
  ActSchema,
  IdentifyRequestSchema,
  pageOf,
  PowerRequestSchema,
  SledSchema,
} from '../schemas.ts'
import { answer, body, pageQuery, problems, route } from './route.ts'

const params = z.object({ site: z.string().max(63), sled: z.string().max(63) })
const accepted = {
  202: answer(ActSchema, 'The act is on its way to the site; follow it by its id.'),
  ...problems,
}

export const sledList = route({
  method: 'get',
  path: '/v1/sleds',
  operationId: 'sledList',
  summary: 'Sleds by site and name',
  'x-permission': 'fleet.read',
  request: {
    query: z.object({
      ...pageQuery,
      site: z.string().max(63).optional(),
      state: z.enum(SLED_STATES).optional(),
    }),
  },
  responses: { 200: answer(pageOf(SledSchema), 'One page of sleds.'), ...problems },
})

export const sledGet = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}',
  operationId: 'sledGet',
  summary: 'One sled',
  'x-permission': 'fleet.read',
  request: { params },
  responses: { 200: answer(SledSchema, 'The sled.'), ...problems },
})

export const sledPower = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/power',
  operationId: 'sledPower',
  summary: 'Turn a sled on or off, or restart it',
  'x-permission': 'sleds.power',
  request: { params, body: body(PowerRequestSchema) },
  responses: accepted,
})

export const sledIdentify = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/identify',
  operationId: 'sledIdentify',
  summary: 'Light the LED of a sled',
  'x-permission': 'sleds.identify',
  request: { params, body: body(IdentifyRequestSchema) },
  responses: accepted,
})

export const sledInspect = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/inspect',
  operationId: 'sledInspect',
  summary: 'Boot a sled once into the installer and read what it is made of',
  'x-permission': 'sleds.power',
  request: { params },
  responses: accepted,
})

export const sledRecover = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/recover',
  operationId: 'sledRecover',
  summary: 'Bring a failed, held or quarantined sled back by a fresh inspection',
  'x-permission': 'sleds.recover',
  request: { params },
  responses: accepted,
})
