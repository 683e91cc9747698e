import { z } from '@hono/zod-openapi'
import { SessionCreateSchema, SessionSchema } from '../schemas.ts'
import { answer, body, problems, route } from './route.ts'

export const sessionCreate = route({
  method: 'post',
  path: '/v1/sessions',
  operationId: 'sessionCreate',
  summary: 'Sign in: answers with a bearer token and sets the console’s cookie',
  'x-permission': 'public',
  request: { body: body(SessionCreateSchema) },
  responses: { 201: answer(SessionSchema, 'Signed in.'), ...problems },
})

export const sessionGet = route({
  method: 'get',
  path: '/v1/sessions/current',
  operationId: 'sessionGet',
  summary: 'Who is signed in',
  'x-permission': 'session',
  responses: { 200: answer(SessionSchema, 'The session of this request.'), ...problems },
})

export const sessionDelete = route({
  method: 'delete',
  path: '/v1/sessions/current',
  operationId: 'sessionDelete',
  summary: 'Sign out: the token and the cookie end',
  'x-permission': 'session',
  responses: { 204: { description: 'Signed out.' }, ...problems },
})

const text = (description: string) => ({
  description,
  content: { 'text/plain': { schema: z.string() } },
})

export const healthGet = route({
  method: 'get',
  path: '/healthz',
  operationId: 'healthGet',
  summary: 'The process answers',
  'x-permission': 'public',
  responses: { 200: text('It answers.') },
})

export const readyGet = route({
  method: 'get',
  path: '/readyz',
  operationId: 'readyGet',
  summary: 'The store answers as well',
  'x-permission': 'public',
  responses: { 200: text('Ready.'), ...problems },
})

export const openapiGet = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'openapiGet',
  summary: 'This document',
  'x-permission': 'public',
  responses: { 200: answer(z.record(z.string(), z.unknown()), 'OpenAPI 3.1.') },
})
