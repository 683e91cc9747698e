import { z } from '@hono/zod-openapi'
import {
  EnrolmentTokenSchema,
  pageOf,
  SiteCreateSchema,
  SiteDetailSchema,
  SiteSchema,
} from '../schemas.ts'
import { answer, body, pageQuery, problems, route } from './route.ts'

const params = z.object({ site: z.string().max(63) })

/** A rack document is checked by `parseRackDocument`, which names every problem; here it is any object. */
const rackDocument = z.record(z.string(), z.unknown()).openapi('RackDocument')

export const siteList = route({
  method: 'get',
  path: '/v1/sites',
  operationId: 'siteList',
  summary: 'Sites by name',
  'x-permission': 'fleet.read',
  request: { query: z.object(pageQuery) },
  responses: { 200: answer(pageOf(SiteSchema), 'One page of sites.'), ...problems },
})

export const siteCreate = route({
  method: 'post',
  path: '/v1/sites',
  operationId: 'siteCreate',
  summary: 'Declare a site',
  'x-permission': 'sites.write',
  request: { body: body(SiteCreateSchema) },
  responses: { 201: answer(SiteDetailSchema, 'The new site.'), ...problems },
})

export const siteGet = route({
  method: 'get',
  path: '/v1/sites/{site}',
  operationId: 'siteGet',
  summary: 'One site with its rack',
  'x-permission': 'fleet.read',
  request: { params },
  responses: { 200: answer(SiteDetailSchema, 'The site.'), ...problems },
})

export const siteRackGet = route({
  method: 'get',
  path: '/v1/sites/{site}/rack',
  operationId: 'siteRackGet',
  summary: 'The rack document as it was put',
  'x-permission': 'fleet.read',
  request: { params },
  responses: { 200: answer(rackDocument, 'The rack document.'), ...problems },
})

export const siteRackPut = route({
  method: 'put',
  path: '/v1/sites/{site}/rack',
  operationId: 'siteRackPut',
  summary: 'Declare the rack: cages, sleds, networks; goes to the site as wanted state',
  'x-permission': 'sites.write',
  request: { params, body: body(rackDocument) },
  responses: { 200: answer(SiteDetailSchema, 'The site with its new rack.'), ...problems },
})

export const siteEnrolmentTokenCreate = route({
  method: 'post',
  path: '/v1/sites/{site}/enrolment-tokens',
  operationId: 'siteEnrolmentTokenCreate',
  summary: 'A one-time token with which the appliance of this site enrols',
  'x-permission': 'sites.enrol',
  request: { params },
  responses: { 201: answer(EnrolmentTokenSchema, 'Shown this once.'), ...problems },
})
