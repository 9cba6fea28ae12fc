import { sign, verify } from 'hono/jwt'
import type { Clock, Identity, SignIn, SignInResult } from '../engine/ports.ts'
import { boundedText, ConfigId, Role } from '../protocol/mod.ts'

/**
 * Terminal tokens: JWT with HS256. What a token claims is believed only after its signature; it is good until `exp`
 * on the hub's wall clock. `iat` and `nbf` are not looked at: a Pi's clock may stand behind the day of issue at boot,
 * and would refuse every good token of the shop.
 */

/** What tokens of a hub name as their maker. */
export const TOKEN_ISSUER = 'pos-hub'
const ALGORITHM = 'HS256'

/** An `AUTH` frame of at most 4 kB has room for it beside everything else. */
export const TOKEN_CHARACTERS_MAX = 3_072

/** More tills than a shop has; so many ids of five digits still fit in a token. */
export const TOKEN_CONFIGS_MAX = 200

const Subject = boundedText(1, 128)
const DisplayName = boundedText(1, 64)

export type TokenClaims = {
  /** The terminal, by name or id: 1 to 128 characters. A session is bound to it. */
  readonly sub: string
  /** For people's eyes: 1 to 64 characters. */
  readonly name: string
  readonly role: Role
  /** `pos.config` ids it is good for; none means all. The first one is its home. */
  readonly configs?: readonly number[]
  /** Seconds since 1970. */
  readonly iat: number
  /** Seconds since 1970. From this moment on the token is refused. */
  readonly exp: number
}

/** A token that `createTokenSignIn` takes with the same secret, if its claims keep within their bounds. */
export async function signToken(claims: TokenClaims, secret: string): Promise<string> {
  const { configs = [], ...rest } = claims
  return sign({ ...rest, iss: TOKEN_ISSUER, configs: [...configs] }, await keyOf(secret), ALGORITHM)
}

export function createTokenSignIn(options: { readonly secret: string; readonly clock: Clock }): SignIn {
  const key = keyOf(options.secret).catch(() => null)
  return {
    check: async (token) => {
      if (token === '') return refused('No token was given.')
      if (token.length > TOKEN_CHARACTERS_MAX) return refused('The token is too long.')
      const secretKey = await key
      if (secretKey === null) return unavailable('The hub cannot check tokens: its secret is not usable.')
      const claims = await verifiedClaims(token, secretKey)
      return claims === null ? refused('The token is not valid for this hub.') : judge(claims, options.clock)
    },
  }
}

/**
 * Made here and not by hono: it would take a secret with the letters PUBLIC or PRIVATE in it for a PEM file, and
 * refuse every token.
 */
function keyOf(secret: string): Promise<CryptoKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), hmac, false, ['sign', 'verify'])
}

type Claims = { readonly [claim: string]: unknown }

/** Null for whatever is no token of this hub. hono's own words are dropped: they quote the token. */
async function verifiedClaims(token: string, key: CryptoKey): Promise<Claims | null> {
  try {
    return await verify(token, key, { alg: ALGORITHM, iss: TOKEN_ISSUER, exp: false, iat: false, nbf: false })
  } catch {
    return null
  }
}

/** The signature is good: whoever made the token knew the secret. Its claims may still be nonsense. */
function judge(claims: Claims, clock: Clock): SignInResult {
  const subject = Subject.safeParse(claims['sub'])
  if (!subject.success) return refused('The token does not say whom it is for (sub).')
  const name = DisplayName.safeParse(claims['name'])
  if (!name.success) return refused('The token has no name of 1 to 64 characters (name).')
  const role = Role.safeParse(claims['role'])
  if (!role.success) return refused(`The token has no role that the hub knows (${[...Role.values].join(', ')}).`)
  const configIds = readConfigs(claims['configs'])
  if (configIds === null) return refused('The token has no list of configuration ids (configs).')
  const expiry = claims['exp']
  if (typeof expiry !== 'number' || !Number.isFinite(expiry)) return refused('The token has no expiry (exp).')
  if (expiry * 1000 <= clock.wall()) return { ok: false, code: 'TOKEN_EXPIRED', reason: 'The token has expired.' }
  return accepted({ subject: subject.data, name: name.data, role: role.data, configIds })
}

function readConfigs(claim: unknown): readonly number[] | null {
  if (claim === undefined) return []
  if (!Array.isArray(claim) || claim.length > TOKEN_CONFIGS_MAX) return null
  const ids = claim.map((id) => ConfigId.safeParse(id))
  return ids.every((id) => id.success) ? ids.map((id) => id.data) : null
}

function accepted(identity: Identity): SignInResult {
  return { ok: true, identity }
}

function refused(reason: string): SignInResult {
  return { ok: false, code: 'TOKEN_REFUSED', reason }
}

function unavailable(reason: string): SignInResult {
  return { ok: false, code: 'SIGN_IN_UNAVAILABLE', reason }
}
