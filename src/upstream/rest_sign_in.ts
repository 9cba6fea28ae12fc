import type { OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { failureOf, harmless, wireFailure } from './failure.ts'
import { TOKEN_CHARS_MAX } from './limits.ts'
import { hubHeaders, readReply } from './rest_reply.ts'
import { parseJson } from './slice.ts'
import { addressOf, post, type Said, unsaid, type WayParts } from './way.ts'

type Tokens = { readonly access: string; readonly refresh: string | null }
export type Token =
  | { readonly ok: true; readonly access: string }
  | { readonly ok: false; readonly failure: OdooFailure }

/** The add-on's sign-in: {login, password} gives an access token and one that renews it. */
export class RestSignIn {
  readonly #parts: WayParts
  #tokens: Tokens | null = null
  /** One sign-in serves all calls that wait for it. */
  #running: Promise<Token> | null = null

  constructor(parts: WayParts) {
    this.#parts = parts
  }

  secrets(): readonly string[] {
    const { access, refresh } = this.#tokens ?? { access: '', refresh: null }
    return refresh === null ? [access] : [access, refresh]
  }

  forget(): void {
    this.#tokens = null
  }

  /** A token other than `bad`, which the server did not take. */
  async token(bad?: string): Promise<Token> {
    const known = this.#tokens
    if (known !== null && known.access !== bad) return { ok: true, access: known.access }
    const running = this.#running ?? this.#renew(known)
    this.#running = running
    const token = await running
    if (this.#running === running) this.#running = null
    return token
  }

  async #renew(known: Tokens | null): Promise<Token> {
    if (known !== null && known.refresh !== null) {
      const body = JSON.stringify({ refresh_token: known.refresh })
      const renewed = this.#keep(await this.#ask('/auth/refresh', body), known.refresh)
      // No answer at all: a sign-in would get none either.
      if (renewed.ok || isAway(renewed.failure)) return renewed
    }
    this.#tokens = null
    const { user, password } = this.#parts.settings
    if (user === null) return refused('ODOO_USER is not set')
    if (password === null) return refused('ODOO_PASSWORD is not set')
    return this.#keep(await this.#ask('/auth/login', JSON.stringify({ login: user, password })), null)
  }

  #keep(answer: Said, refresh: string | null): Token {
    if (!answer.ok) return { ok: false, failure: harmless(asSignIn(answer.failure)) }
    const tokens = parseJson(answer.json)
    const access = isJsonObject(tokens) ? readToken(tokens['access_token']) : null
    if (!isJsonObject(tokens) || access === null) return refused('the answer to the sign-in has no access_token')
    this.#tokens = { access, refresh: readToken(tokens['refresh_token']) ?? refresh }
    return { ok: true, access }
  }

  async #ask(path: string, body: string): Promise<Said> {
    const { settings, clock } = this.#parts
    const whole = `${settings.restPrefix}${path}`
    const reply = await post(this.#parts, { path: whole, headers: hubHeaders(settings), body })
    if (!reply.ok) return unsaid(wireFailure(reply))
    return readReply(reply, { url: addressOf(settings, whole), missing: 'ADDON_MISSING', wall: clock.wall() })
  }
}

function isAway({ code, kind, scope }: OdooFailure): boolean {
  return kind === 'ambiguous' || (kind === 'transient' && scope === 'server' && code !== 'ADDON_MISSING')
}

/** A no to a sign-in is about the sign-in, whatever it is called. */
function asSignIn(failure: OdooFailure): OdooFailure {
  if (failure.kind !== 'refused' && failure.code !== 'ACCESS') return failure
  if (failure.code === 'CLIENT_OUTDATED') return { ...failure, kind: 'transient', scope: 'server' }
  return failureOf('SIGN_IN', { detail: failure.text })
}

function refused(detail: string): Token {
  return { ok: false, failure: failureOf('SIGN_IN', { detail }) }
}

/** Null for what cannot stand in a header. */
function readToken(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > TOKEN_CHARS_MAX) return null
  return /^[\x21-\x7e]+$/.test(value) ? value : null
}
