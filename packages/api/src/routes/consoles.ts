import { z } from '@hono/zod-openapi'
import { ConsoleRecordPartSchema, ConsoleRecordSchema } from '../console-schemas.ts'
import { CONSOLE_TAIL_BYTES_DEFAULT, CONSOLE_TAIL_BYTES_MAX } from '../console-wire.ts'
import { answer, problems, route } from './route.ts'

const params = z.object({ site: z.string().max(63), sled: z.string().max(63) })

export const consoleOpen = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}/console',
  operationId: 'consoleOpen',
  summary: 'The serial console of a sled (WebSocket)',
  description:
    'Subprotocol `brickyard.console.1`: binary messages are bytes of the serial port, text messages ' +
    'are JSON. Everything that is printed and typed is kept as a record that auditors may read.',
  'x-permission': 'consoles.use',
  request: {
    params,
    query: z.object({
      /** What was printed before, in bytes; not asked where `ring` and `offset` go on. */
      tail: z.coerce
        .number()
        .int()
        .min(0)
        .max(CONSOLE_TAIL_BYTES_MAX)
        .default(CONSOLE_TAIL_BYTES_DEFAULT),
      ring: z
        .string()
        .regex(/^[\w-]{1,80}$/)
        .optional(),
      offset: z.coerce.number().int().min(0).optional(),
    }),
  },
  responses: { 101: { description: 'The console.' }, ...problems },
})

export const consoleRecordList = route({
  method: 'get',
  path: '/v1/sites/{site}/sleds/{sled}/console-records',
  operationId: 'consoleRecordList',
  summary: 'Records of a sled’s console, newest first',
  'x-permission': 'consoles.audit',
  request: { params },
  responses: {
    200: answer(z.object({ items: z.array(ConsoleRecordSchema) }), 'The newest 200.'),
    ...problems,
  },
})

export const consoleRecordGet = route({
  method: 'get',
  path: '/v1/console-records/{record}',
  operationId: 'consoleRecordGet',
  summary: 'What was printed and typed, in order; passwords that were typed are among it',
  'x-permission': 'consoles.audit',
  request: {
    params: z.object({ record: z.string().max(80) }),
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
  },
  responses: {
    200: answer(
      z.object({ record: ConsoleRecordSchema, parts: z.array(ConsoleRecordPartSchema) }),
      'Up to 200 parts behind number `after`.',
    ),
    ...problems,
  },
})
