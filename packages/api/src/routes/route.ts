import { createRoute, z, type RouteConfig } from '@hono/zod-openapi'
import type { Permission } from '../permissions.ts'
import { ProblemSchema } from '../problem.ts'

/** What a caller needs for a route; `public` needs no session at all. */
export type RoutePermission = Permission | 'public'

/** Declares a route with the permission it asks for; the document shows it as `x-permission`. */
export const route = <
  const P extends string,
  const R extends Omit<RouteConfig, 'path'> & { path: P; 'x-permission': RoutePermission },
>(
  config: R,
) => createRoute<P, R>(config)

/** A JSON answer. */
export const answer = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A JSON body that must be there. */
export const body = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** Every refusal, whatever its status. */
export const problems = {
  default: {
    description: 'Refused; the body says why (RFC 9457).',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
} as const

/** Rows in one page: enough for a screen, bounded so that one request never reads a whole table. */
export const PAGE_ROWS_DEFAULT = 50
export const PAGE_ROWS_MAX = 500

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_ROWS_MAX).default(PAGE_ROWS_DEFAULT),
  pageToken: z.string().max(400).optional(),
}
