import { z } from '@hono/zod-openapi'
import { ActSchema } from '../schemas.ts'
import { GiveLoginSchema, SealedLoginSchema } from '../credential-schemas.ts'
import { answer, body, problems, route } from './route.ts'

const params = z.object({ site: z.string().max(63), sled: z.string().max(63) })

export const sledRotateCredentials = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/rotate-credentials',
  operationId: 'sledRotateCredentials',
  summary: 'Give the BMC of a sled a new account and password, and retire the one in use',
  'x-permission': 'sleds.credentials',
  request: { params },
  responses: {
    202: answer(ActSchema, 'The act is on its way to the site; follow it by its id.'),
    ...problems,
  },
})

export const sledSealedLogins = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}/sealed-logins',
  operationId: 'sledSealedLogins',
  summary: 'The last logins of a BMC, sealed to the recovery key of its site, newest first',
  'x-permission': 'sleds.secrets',
  request: { params },
  responses: {
    200: answer(
      z.object({ items: z.array(SealedLoginSchema) }),
      'Only the private key that lies offline opens them.',
    ),
    ...problems,
  },
})

export const sledGiveLogin = route({
  method: 'post',
  path: '/v1/sites/{site}/sleds/{sled}/bmc-login',
  operationId: 'sledGiveLogin',
  summary: 'Hand a login of its BMC to the site, sealed to the key of the site',
  'x-permission': 'sleds.credentials',
  request: { params, body: body(GiveLoginSchema) },
  responses: {
    202: answer(ActSchema, 'The act is on its way to the site; follow it by its id.'),
    ...problems,
  },
})
