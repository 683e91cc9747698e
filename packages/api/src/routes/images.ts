import { z } from '@hono/zod-openapi'
import { ImageCreateSchema, ImageSchema, pageOf } from '../schemas.ts'
import { answer, body, pageQuery, problems, route } from './route.ts'

const params = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
})

export const imageList = route({
  method: 'get',
  path: '/v1/images',
  operationId: 'imageList',
  summary: 'Images by name',
  'x-permission': 'images.read',
  request: { query: z.object(pageQuery) },
  responses: { 200: answer(pageOf(ImageSchema), 'One page of images.'), ...problems },
})

export const imageCreate = route({
  method: 'post',
  path: '/v1/images',
  operationId: 'imageCreate',
  summary: 'Declare an image; its bytes follow by PUT',
  description: 'Declaring the same image again answers 200 with what is there.',
  'x-permission': 'images.write',
  request: { body: body(ImageCreateSchema) },
  responses: {
    200: answer(ImageSchema, 'It was declared before.'),
    201: answer(ImageSchema, 'Declared; the content is awaited.'),
    ...problems,
  },
})

export const imageGet = route({
  method: 'get',
  path: '/v1/images/{sha256}',
  operationId: 'imageGet',
  summary: 'One image',
  'x-permission': 'images.read',
  request: { params },
  responses: { 200: answer(ImageSchema, 'The image.'), ...problems },
})

export const imageContentPut = route({
  method: 'put',
  path: '/v1/images/{sha256}/content',
  operationId: 'imageContentPut',
  summary: 'The bytes of an image, streamed and checked against its SHA-256',
  description:
    'A broken upload keeps what arrived (`receivedBytes`). It is taken up again with ' +
    '`Content-Range: bytes FIRST-LAST/TOTAL`, or begun anew without that header.',
  'x-permission': 'images.write',
  request: {
    params,
    headers: z.object({ 'content-range': z.string().max(100).optional() }),
    body: {
      required: true,
      content: {
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
    },
  },
  responses: {
    200: answer(ImageSchema, 'All bytes are here and are the right ones.'),
    ...problems,
  },
})
