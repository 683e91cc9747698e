/** Roles (DESIGN.md §9) and what each may do; a route names one permission, all else is denied. */
export const ROLES = [
  'viewer',
  'site-tech',
  'operator',
  'firmware-manager',
  'security-admin',
  'auditor',
  'tenant',
  'site-owner',
] as const
export type Role = (typeof ROLES)[number]

export const PERMISSIONS = [
  'fleet.read',
  'sites.write',
  'sites.enrol',
  'sleds.power',
  'sleds.identify',
  'sleds.recover',
  'sleds.credentials',
  'sleds.secrets',
  'images.read',
  'images.write',
  'deployments.read',
  'deployments.write',
  'operations.read',
  'events.read',
  'consoles.use',
  /** Reads what was printed and typed at consoles, passwords among it. */
  'consoles.audit',
  'session',
] as const
export type Permission = (typeof PERMISSIONS)[number]

const READ: readonly Permission[] = [
  'fleet.read',
  'images.read',
  'deployments.read',
  'operations.read',
  'events.read',
  'session',
]

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: READ,
  'site-tech': [...READ, 'sleds.identify', 'sleds.power'],
  operator: [
    ...READ,
    'sites.write',
    'sites.enrol',
    'sleds.power',
    'sleds.identify',
    'sleds.recover',
    'consoles.use',
    'sleds.credentials',
    'images.write',
    'deployments.write',
  ],
  'firmware-manager': READ,
  'security-admin': [
    ...READ,
    'sites.enrol',
    'sleds.credentials',
    'sleds.secrets',
    'consoles.audit',
  ],
  auditor: [...READ, 'consoles.audit'],
  tenant: [
    'session',
    'images.read',
    'images.write',
    'deployments.read',
    'deployments.write',
    'operations.read',
  ],
  'site-owner': ['session', 'fleet.read', 'events.read'],
}
