import { sign } from 'hono/jwt'
import type { Role } from '../../src/protocol/mod.ts'

/** What the hubs of these tests are started with, as `HUB_TOKEN_SECRET`. */
export const TOKEN_SECRET = 'a-secret-for-end-to-end-tests-0123456789'

export type TokenFor = {
  readonly name: string
  readonly role?: Role
  /** Who it is for, if not a name of its own. */
  readonly subject?: string
  readonly configs?: readonly number[]
  /** Negative: it has expired already. */
  readonly expiresInS?: number
  readonly secret?: string
}

/** A signed terminal token, as `pos-hub token` prints it. */
export function tokenFor(holder: TokenFor): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000)
  const claims = {
    sub: holder.subject ?? `subject of ${holder.name}`,
    name: holder.name,
    role: holder.role ?? 'cashier',
    iss: 'pos-hub',
    iat: Math.min(nowS, nowS + (holder.expiresInS ?? 3600)) - 1,
    exp: nowS + (holder.expiresInS ?? 3600),
    ...(holder.configs === undefined ? {} : { configs: [...holder.configs] }),
  }
  return sign(claims, holder.secret ?? TOKEN_SECRET, 'HS256')
}
