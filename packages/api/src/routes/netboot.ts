import { NETWORK_MODES } from '@brickyard/model/rack'
import { z } from '@hono/zod-openapi'
import { BootTraceAnswerSchema, NetbootPreviewSchema } from '../boot-schemas.ts'
import { SiteDetailSchema } from '../schemas.ts'
import { answer, body, problems, route } from './route.ts'

export const sledBoots = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}/boots',
  operationId: 'sledBoots',
  summary: 'How a sled booted, asked of its site; what it last said where it is away',
  'x-permission': 'fleet.read',
  request: { params: z.object({ site: z.string().max(63), sled: z.string().max(63) }) },
  responses: { 200: answer(BootTraceAnswerSchema, 'The newest boots first.'), ...problems },
})

export const strangerBoots = route({
  method: 'get',
  path: '/v1/sites/{site}/boots',
  operationId: 'strangerBoots',
  summary: 'How machines that nobody declared booted at a site, or one of them',
  'x-permission': 'fleet.read',
  request: {
    params: z.object({ site: z.string().max(63) }),
    query: z.object({ mac: z.string().max(40).optional() }),
  },
  responses: { 200: answer(BootTraceAnswerSchema, 'The newest boots first.'), ...problems },
})

export const netbootPreview = route({
  method: 'get',
  path: '/v1/sites/{site}/netboot-preview',
  operationId: 'netbootPreview',
  summary: 'What a site would answer to each declared machine and to an unknown one',
  'x-permission': 'fleet.read',
  request: {
    params: z.object({ site: z.string().max(63) }),
    /** As if every network of the site were in this mode; else each in its own. */
    query: z.object({ mode: z.enum(NETWORK_MODES).optional() }),
  },
  responses: { 200: answer(NetbootPreviewSchema, 'Nothing was sent or changed.'), ...problems },
})

export const networkModePut = route({
  method: 'put',
  path: '/v1/sites/{site}/networks/{network}/mode',
  operationId: 'networkModePut',
  summary: 'Have a site answer on one of its networks, or only listen there',
  description: 'See `netbootPreview` first: a network that begins to answer can take machines.',
  'x-permission': 'sites.write',
  request: {
    params: z.object({ site: z.string().max(63), network: z.string().max(63) }),
    body: body(z.object({ mode: z.enum(NETWORK_MODES) }).openapi('NetworkMode')),
  },
  responses: { 200: answer(SiteDetailSchema, 'Wanted of the site.'), ...problems },
})
