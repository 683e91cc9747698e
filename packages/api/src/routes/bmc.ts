import { z } from '@hono/zod-openapi'
import { SledBmcSchema } from '../bmc-schemas.ts'
import { ActSchema } from '../schemas.ts'
import { answer, problems, route } from './route.ts'

const params = z.object({ site: z.string().max(63), sled: z.string().max(63) })

export const sledBmc = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}/bmc',
  operationId: 'sledBmc',
  summary: 'What the BMC of a sled measures, how far it can be relied on, and what is open on it',
  'x-permission': 'fleet.read',
  request: { params },
  responses: { 200: answer(SledBmcSchema, 'As last read.'), ...problems },
})

const accepted = {
  202: answer(ActSchema, 'The act is on its way to the site; follow it by its id.'),
  ...problems,
}

export const sledRestartBmc = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/restart-bmc',
  operationId: 'sledRestartBmc',
  summary: 'Restart the BMC of a sled, at most once an hour; the sled runs on',
  'x-permission': 'sleds.recover',
  request: { params },
  responses: accepted,
})

export const sledReleaseAdoption = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/release-adoption',
  operationId: 'sledReleaseAdoption',
  summary:
    'Give a sled that ran before us to us; it is inspected next, which stops what runs on it',
  'x-permission': 'sleds.recover',
  request: { params },
  responses: accepted,
})
