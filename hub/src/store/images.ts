import type { ImageCreate } from '@brickyard/api/schemas'
import type { Tx } from './hub-store.ts'
import { readToken, type PageRequest } from './page.ts'
import type { ImageTable } from './tables.ts'

/** The declaration without what has its own column. */
export type ImageSpec = Omit<ImageCreate, 'name' | 'sha256' | 'bytes'>

/** Images of a tenant by name. */
export async function listImages(tx: Tx, tenant: string, page: PageRequest): Promise<ImageTable[]> {
  let query = tx
    .selectFrom('images')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('name')
    .orderBy('sha256')
    .limit(page.limit + 1)
  const [name, sha256] = readToken(page.pageToken, 2) ?? []
  if (name !== undefined && sha256 !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('name', '>', String(name)),
        eb.and([eb('name', '=', String(name)), eb('sha256', '>', String(sha256))]),
      ]),
    )
  }
  return await query.execute()
}

export const findImage = (
  tx: Tx,
  tenant: string,
  sha256: string,
): Promise<ImageTable | undefined> =>
  tx
    .selectFrom('images')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('sha256', '=', sha256)
    .executeTakeFirst()

/** By SHA-256, or by name; several may have one name. */
export const findImages = (tx: Tx, tenant: string, named: string): Promise<ImageTable[]> =>
  tx
    .selectFrom('images')
    .selectAll()
    .where('tenant', '=', tenant)
    .where((eb) => eb.or([eb('sha256', '=', named), eb('name', '=', named)]))
    .execute()

/** A site fetches only images that it is to run, and only with the certificate that is in force. */
export async function siteMayFetch(
  tx: Tx,
  site: string,
  spkiSha256: string,
  sha256: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('assignments')
    .innerJoin('deployments', 'deployments.id', 'assignments.deployment')
    .innerJoin('sites', 'sites.name', 'assignments.site')
    .select('assignments.id')
    .where('assignments.site', '=', site)
    .where('assignments.state', '!=', 'released')
    .where('deployments.image', '=', sha256)
    .where('sites.certified_spki', '=', spkiSha256)
    .executeTakeFirst()
  return row !== undefined
}
