import { err, ok, type Result } from '@brickyard/std/result'

declare const brand: unique symbol

/** Name of a site, unique at the hub. Lower-case letters, digits and dashes, 1..63 characters. */
export type SiteName = string & { readonly [brand]: 'SiteName' }
/** Name of a sled, unique within its site. */
export type SledName = string & { readonly [brand]: 'SledName' }
/** A tenant; `default` until there are more. */
export type TenantName = string & { readonly [brand]: 'TenantName' }

const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** True for a DNS label: what sites, sleds, cages, networks and tenants may be called. */
export const isName = (text: string): boolean => NAME_PATTERN.test(text)

const parseName = <T extends string>(text: string, what: string): Result<T> =>
  isName(text)
    ? ok(text as T)
    : err(`'${text}' is no ${what} name; use a-z, 0-9 and '-', 1 to 63 characters`)

export const SiteName = { parse: (text: string): Result<SiteName> => parseName(text, 'site') }
export const SledName = { parse: (text: string): Result<SledName> => parseName(text, 'sled') }
export const TenantName = { parse: (text: string): Result<TenantName> => parseName(text, 'tenant') }

/** A sled as people and URLs name it across sites: `edge-1/sled-03`. */
export interface SledRef {
  readonly site: SiteName
  readonly sled: SledName
}

export const SledRef = {
  format: (ref: SledRef): string => `${ref.site}/${ref.sled}`,
  parse(text: string): Result<SledRef> {
    const [siteText = '', sledText = '', ...more] = text.split('/')
    const site = SiteName.parse(siteText)
    const sled = SledName.parse(sledText)
    if (!site.ok || !sled.ok || more.length > 0) {
      return err(`'${text}' names no sled; write SITE/SLED, e.g. edge-1/sled-03`)
    }
    return ok({ site: site.value, sled: sled.value })
  },
}
