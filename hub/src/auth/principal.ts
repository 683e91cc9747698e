import { ROLE_PERMISSIONS, ROLES, type Permission, type Role } from '@brickyard/api/permissions'

/** Who asks, and what rows that person may see. */
export interface Principal {
  readonly user: string
  readonly role: Role
  /** Images and deployments of this tenant only. */
  readonly tenant: string
  /** Sites of this owner only; undefined: of all. */
  readonly owner: string | undefined
  readonly expiresAtMs: number
  readonly tokenHash: string
}

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text)

/** Deny by default: a role may do what its line says and nothing else. */
export const mayDo = (principal: Principal, permission: Permission): boolean =>
  ROLE_PERMISSIONS[principal.role].includes(permission)
