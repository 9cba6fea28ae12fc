import type { Ms } from '../protocol/mod.ts'
import { type AddonToken, decodeBytes, expiryOf } from './auth_token.ts'
import { CLAIM_SUBJECTS, NO_ACCESS, readUser } from './auth_user.ts'
import { expired, type No, refused, type Yes, yes } from './auth_verdict.ts'

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** What a token is that was issued to renew another one. It lives for weeks, and is no sign-in. */
const RENEWAL = ['kind', 'type', 'token_type', 'token_use'] as const

/** Null: the secret cannot be used as a key. */
export async function importSecret(secret: string): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), HMAC, false, ['verify'])
  } catch {
    return null
  }
}

/**
 * Checks a token of the add-on by the secret that it signs with (HS256 and nothing else). It is good until `exp` on the
 * hub's wall clock. `iat` and `nbf` are not looked at: a clock without a battery may stand before the day of issue at
 * boot, and would refuse every good token of the shop. It lets in nobody who does not know the secret.
 */
export async function verifyHere(token: AddonToken, key: CryptoKey, wall: Ms): Promise<Yes | No> {
  if (token.header['alg'] !== 'HS256' || !(await isSigned(token.text, key))) {
    return refused('The token is neither one of this hub nor one of its Odoo.')
  }
  const { claims } = token
  if (RENEWAL.some((key) => claims[key] === 'refresh')) return refused('The token only renews another one.')
  const said = readUser({ user: claims, subjects: CLAIM_SUBJECTS, shop: claims })
  if (!said.ok) return said.lack === 'no_access' ? refused(NO_ACCESS) : refused(LACKS[said.lack])
  const expiry = expiryOf(token)
  if (expiry === null) return refused('The token of Odoo has no expiry (exp).')
  return expiry <= wall ? expired() : yes(said.identity)
}

const LACKS = {
  subject: 'The token of Odoo does not say whom it is for (uid, user_id or sub).',
  configs: 'The token of Odoo has a list of points of sale that cannot be read (configs).',
} as const

async function isSigned(text: string, key: CryptoKey): Promise<boolean> {
  const end = text.lastIndexOf('.')
  const signature = decodeBytes(text.slice(end + 1))
  if (signature === null) return false
  return crypto.subtle.verify(HMAC, key, signature, new TextEncoder().encode(text.slice(0, end)))
}
