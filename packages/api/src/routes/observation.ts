import { OPERATION_STATES } from '@brickyard/model/operation'
import { z } from '@hono/zod-openapi'
import {
  ActSchema,
  AttentionSchema,
  EventSchema,
  OperationSchema,
  OverviewSchema,
  pageOf,
} from '../schemas.ts'
import { answer, pageQuery, problems, route } from './route.ts'

const siteAndSled = { site: z.string().max(63).optional(), sled: z.string().max(63).optional() }

export const operationList = route({
  method: 'get',
  path: '/v1/operations',
  operationId: 'operationList',
  summary: 'Operations, newest first',
  'x-permission': 'operations.read',
  request: {
    query: z.object({
      ...pageQuery,
      ...siteAndSled,
      state: z.enum(OPERATION_STATES).optional(),
      assignment: z.string().max(80).optional(),
    }),
  },
  responses: { 200: answer(pageOf(OperationSchema), 'One page of operations.'), ...problems },
})

export const operationGet = route({
  method: 'get',
  path: '/v1/operations/{operation}',
  operationId: 'operationGet',
  summary: 'One operation with its steps',
  'x-permission': 'operations.read',
  request: { params: z.object({ operation: z.string().max(80) }) },
  responses: { 200: answer(OperationSchema, 'The operation.'), ...problems },
})

export const actGet = route({
  method: 'get',
  path: '/v1/acts/{act}',
  operationId: 'actGet',
  summary: 'What became of an act',
  'x-permission': 'operations.read',
  request: { params: z.object({ act: z.string().max(80) }) },
  responses: { 200: answer(ActSchema, 'The act.'), ...problems },
})

export const eventList = route({
  method: 'get',
  path: '/v1/events',
  operationId: 'eventList',
  summary: 'Events, newest first; with `after` those behind it, oldest first',
  'x-permission': 'events.read',
  request: {
    query: z.object({
      ...pageQuery,
      ...siteAndSled,
      kind: z.string().max(80).optional(),
      after: z.coerce.number().int().min(0).optional(),
    }),
  },
  responses: { 200: answer(pageOf(EventSchema), 'One page of events.'), ...problems },
})

export const attentionList = route({
  method: 'get',
  path: '/v1/attention',
  operationId: 'attentionList',
  summary: 'What needs a person, worst first',
  'x-permission': 'fleet.read',
  responses: {
    200: answer(z.object({ items: z.array(AttentionSchema) }), 'Worst first.'),
    ...problems,
  },
})

export const overviewGet = route({
  method: 'get',
  path: '/v1/overview',
  operationId: 'overviewGet',
  summary: 'The fleet in one glance',
  'x-permission': 'fleet.read',
  responses: { 200: answer(OverviewSchema, 'The overview.'), ...problems },
})

export const liveGet = route({
  method: 'get',
  path: '/v1/live',
  operationId: 'liveGet',
  summary: 'Changes as they happen (server-sent events)',
  description:
    'Each `change` event carries a Change as JSON and an id; `Last-Event-ID` goes on from there. ' +
    'A `reset` event says that too much was missed: fetch everything again.',
  'x-permission': 'session',
  responses: {
    200: {
      description: 'A stream that stays open.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
})
