/** Password hashing as a port (argon2id in production). */
export interface Password {
  hash(secret: string): Promise<string>
  verify(hash: string, secret: string): Promise<boolean>
}
