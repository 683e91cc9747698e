import { ROUTES } from '@brickyard/api/routes'
import { OpenAPIHono } from '@hono/zod-openapi'

/** The contract as OpenAPI 3.1; `hub/openapi.json` is this, and a test fails when they differ. */
export function openapiDocument(): Record<string, unknown> {
  const app = new OpenAPIHono()
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
  })
  for (const route of Object.values(ROUTES)) {
    app.openAPIRegistry.registerPath({
      ...route,
      security: route['x-permission'] === 'public' ? [] : [{ bearer: [] }],
    })
  }
  return {
    ...app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Brickyard hub',
        version: '1',
        description:
          'Times are milliseconds since 1970, sizes bytes; null means unknown or not there.',
      },
    }),
  }
}
