import { booleanOf, linkOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'

/** `AccountService`. */
export interface AccountService {
  readonly accounts: string | undefined
  readonly roles: string | undefined
  readonly passwordLengthMin: number | undefined
  readonly passwordLengthMax: number | undefined
  readonly lockoutThreshold: number | undefined
}

export const parseAccountService = (body: JsonObject): AccountService => ({
  accounts: linkOf(body['Accounts']),
  roles: linkOf(body['Roles']),
  passwordLengthMin: numberOf(body['MinPasswordLength']),
  passwordLengthMax: numberOf(body['MaxPasswordLength']),
  lockoutThreshold: numberOf(body['AccountLockoutThreshold']),
})

/** `ManagerAccount`. Its password is never readable. */
export interface ManagerAccount {
  readonly id: string | undefined
  /** Undefined: an empty slot, on services that show all of them. */
  readonly userName: string | undefined
  readonly role: string | undefined
  readonly enabled: boolean | undefined
  readonly locked: boolean | undefined
  readonly mustChangePassword: boolean | undefined
}

export const parseAccount = (body: JsonObject): ManagerAccount => ({
  id: textOf(body['Id']),
  userName: textOf(body['UserName']),
  role: textOf(body['RoleId']),
  enabled: booleanOf(body['Enabled']),
  locked: booleanOf(body['Locked']),
  mustChangePassword: booleanOf(body['PasswordChangeRequired']),
})
