import { readFileSync } from 'node:fs'
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from '@brickyard/api/permissions'
import { ROUTES } from '@brickyard/api/routes'
import { describe, expect, it } from 'vitest'
import { hubRig, type HubRig } from '../../../test/scenarios/hub-rig.ts'
import { openapiDocument } from './openapi.ts'

const routes = Object.entries(ROUTES)

const ask = (rig: HubRig, route: (typeof routes)[number][1], token?: string): Promise<Response> => {
  const path = route.path
    .replace('{sha256}', '0'.repeat(64))
    .replaceAll(/\{(\w+)\}/g, 'nothing-of-that-name')
  return rig.fetch(
    new Request(`http://hub.test${path}`, {
      method: route.method.toUpperCase(),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    }),
  )
}

describe('permissions', () => {
  it('stand on every route, and only those that there are', () => {
    const known: readonly string[] = [...PERMISSIONS, 'public']
    const wrong = routes.filter(([, route]) => !known.includes(route['x-permission']))
    expect(wrong).toEqual([])
  })

  it('leave public only what signing in and watching the process need', () => {
    const open = routes.flatMap(([name, route]) =>
      route['x-permission'] === 'public' ? [name] : [],
    )
    expect(open.sort()).toEqual(['healthGet', 'openapiGet', 'readyGet', 'sessionCreate'])
  })

  it('refuse everybody who is not signed in, on every route that is not public', async () => {
    const rig = await hubRig()
    for (const [name, route] of routes) {
      const { status } = await ask(rig, route)
      if (route['x-permission'] === 'public') expect([name, status]).not.toEqual([name, 401])
      else expect([name, status]).toEqual([name, 401])
    }
    await rig.stop()
  })

  it('let each role do what its line says and nothing else', async () => {
    const rig = await hubRig()
    for (const role of ROLES) {
      for (const [name, route] of routes) {
        const permission = route['x-permission']
        // Signing out would end the session that the next request needs.
        const token = await rig.token(role)
        const response = await ask(rig, route, token)
        await response.body?.cancel()
        const allowed = permission === 'public' || ROLE_PERMISSIONS[role].includes(permission)
        expect([role, name, response.status === 403]).toEqual([role, name, !allowed])
        // What is declared is served: no route answers that the path itself is unknown.
        expect([name, response.status]).not.toEqual([name, 500])
      }
    }
    await rig.stop()
  })

  it('never serve a path under /v1 that no route names', async () => {
    const rig = await hubRig()
    const token = await rig.token('operator')
    const response = await rig.fetch(
      new Request('http://hub.test/v1/secrets', { headers: { authorization: `Bearer ${token}` } }),
    )
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    await rig.stop()
  })
})

describe('openapi.json', () => {
  it('is what the routes say (otherwise: node hub/src/write-openapi.ts)', () => {
    const kept: unknown = JSON.parse(
      readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'),
    )
    expect(kept).toEqual(JSON.parse(JSON.stringify(openapiDocument())))
  })

  it('describes every route with its permission', () => {
    const { paths } = openapiDocument() as {
      paths: Record<string, Record<string, { operationId: string; 'x-permission': string }>>
    }
    const described = Object.values(paths).flatMap((path) => Object.values(path))
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(
      routes.map(([name]) => name).sort(),
    )
    expect(described.every((operation) => operation['x-permission'] !== undefined)).toBe(true)
  })
})
