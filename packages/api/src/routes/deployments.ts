import { z } from '@hono/zod-openapi'
import {
  DeploymentCreateSchema,
  DeploymentSchema,
  pageOf,
  PlacementPreviewSchema,
} from '../schemas.ts'
import { answer, body, pageQuery, problems, route } from './route.ts'

const params = z.object({ deployment: z.string().max(80) })

export const deploymentList = route({
  method: 'get',
  path: '/v1/deployments',
  operationId: 'deploymentList',
  summary: 'Deployments, newest first',
  'x-permission': 'deployments.read',
  request: { query: z.object(pageQuery) },
  responses: { 200: answer(pageOf(DeploymentSchema), 'One page of deployments.'), ...problems },
})

export const deploymentCreate = route({
  method: 'post',
  path: '/v1/deployments',
  operationId: 'deploymentCreate',
  summary: 'Ask for sleds that run an image',
  description:
    'One that cannot be placed is kept as well: it answers 201 with state `refused` and every ' +
    'reason in `placement`. With `Idempotency-Key` a repeat answers what the first one did.',
  'x-permission': 'deployments.write',
  request: {
    headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
    body: body(DeploymentCreateSchema),
  },
  responses: { 201: answer(DeploymentSchema, 'Placed, or refused with reasons.'), ...problems },
})

export const deploymentGet = route({
  method: 'get',
  path: '/v1/deployments/{deployment}',
  operationId: 'deploymentGet',
  summary: 'One deployment',
  'x-permission': 'deployments.read',
  request: { params },
  responses: { 200: answer(DeploymentSchema, 'The deployment.'), ...problems },
})

export const deploymentRelease = route({
  method: 'post',
  path: '/v1/deployments/{deployment}/release',
  operationId: 'deploymentRelease',
  summary: 'Give the sleds back: their sites wipe them',
  'x-permission': 'deployments.write',
  request: { params },
  responses: { 202: answer(DeploymentSchema, 'The sites are told.'), ...problems },
})

export const placementPreview = route({
  method: 'post',
  path: '/v1/placements/preview',
  operationId: 'placementPreview',
  summary: 'What a deployment would get, without asking for it',
  'x-permission': 'deployments.read',
  request: { body: body(DeploymentCreateSchema) },
  responses: { 200: answer(PlacementPreviewSchema, 'The decision and its reasons.'), ...problems },
})
