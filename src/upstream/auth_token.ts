import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { TOKEN_CHARACTERS_MAX, WEB_SESSION_CHARACTERS_MAX, WEB_SESSION_CHARACTERS_MIN } from './auth_limits.ts'
import { parseJson } from './slice.ts'

/** A token of the add-on; what it claims is not believed yet. */
export type AddonToken = {
  readonly kind: 'addon'
  readonly text: string
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** An id of a web session, as it stands in the cookie `session_id`. */
export type WebSessionToken = { readonly kind: 'web'; readonly text: string }

export type ForeignToken = AddonToken | WebSessionToken

/** Nothing that could end a header or a cookie and begin another one. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/
const WEB_SESSION = /^[\w-]+$/

/** Which kind of token this is; null for whatever no Odoo gives out. */
export function sortToken(text: string): ForeignToken | null {
  if (text.length > TOKEN_CHARACTERS_MAX) return null
  if (JWT.test(text)) {
    const [head = '', payload = ''] = text.split('.')
    const header = decodeJson(head)
    return header === null ? null : { kind: 'addon', text, header, claims: decodeJson(payload) ?? {} }
  }
  const isLong = text.length >= WEB_SESSION_CHARACTERS_MIN && text.length <= WEB_SESSION_CHARACTERS_MAX
  return isLong && WEB_SESSION.test(text) ? { kind: 'web', text } : null
}

/**
 * What stays the same of a token for as long as it is the same sign-in. From 18 on Odoo changes the second half of a
 * session's id every three hours; a till whose id changed just before the line to Odoo broke is still the same till.
 * The first half alone has 252 random bits.
 */
export function stablePartOf({ kind, text }: ForeignToken): string {
  return kind === 'web' && text.length === 84 ? text.slice(0, 42) : text
}

/** Milliseconds since 1970; null where the token does not say. */
export function expiryOf(token: ForeignToken): number | null {
  const expiry = token.kind === 'addon' ? token.claims['exp'] : null
  return typeof expiry === 'number' && Number.isFinite(expiry) ? expiry * 1_000 : null
}

/** Null for what is not base64url. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  } catch {
    return null
  }
}

function decodeJson(text: string): JsonObject | null {
  const bytes = decodeBytes(text)
  const value = bytes === null ? null : parseJson(new TextDecoder().decode(bytes))
  return isJsonObject(value) ? value : null
}
