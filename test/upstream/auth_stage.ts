import { createOdooFetch } from '../../src/bun/odoo_fetch.ts'
import type { KnownToken } from '../../src/core/state.ts'
import type { SignIn, SignInResult } from '../../src/engine/ports.ts'
import { createOdooSignIn, type OdooSignInParts } from '../../src/upstream/auth.ts'
import type { HttpFetch } from '../../src/upstream/http.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { KeptLog } from '../support/clock.ts'

export const SECRET = 'secret-of-the-add-on'
export const WEB = 'ab12'.repeat(10)
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const WALL = 1_795_000_000_000

export type Heard = {
  readonly path: string
  readonly headers: Headers
  readonly body: { readonly [key: string]: unknown }
}
export type Answerer = (heard: Heard) => Response | Promise<Response>

/** A JSON answer. */
export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status })
}

export function result(value: unknown): Response {
  return json({ jsonrpc: '2.0', id: 1, result: value })
}

export function exception(name: string, code = 200): Response {
  return json({ jsonrpc: '2.0', id: 1, error: { code, message: 'Odoo Server Error', data: { name, message: name } } })
}

export const EXPIRED = () => exception('odoo.http.SessionExpiredException', 100)

/** An Odoo with web sessions: of the user 6, who has these groups. */
export function webOdoo(groups: readonly string[], session: object = {}): Answerer {
  return ({ path, body }) => {
    if (path === '/web/session/get_session_info') {
      return result({ uid: 6, name: 'Marta', db: 'shop', server_version_info: [17, 0], ...session })
    }
    const { args } = body['params'] as { args: unknown[] }
    return result(groups.includes(String(args.at(-1))))
  }
}

/** The add-on's answer about a token. */
export function addonOdoo(user: object, rest: object = {}): Answerer {
  return () => json({ user: { id: 6, name: 'Marta', ...user }, ...rest })
}

/** A door for tokens, and a little server that stands for Odoo. */
export class AuthStage {
  readonly heard: Heard[] = []
  readonly clock = new FakeClock(1_000, WALL)
  readonly log = new KeptLog()
  readonly shelf = new Map<string, KnownToken>()
  readonly learned: (KnownToken | null)[] = []
  readonly door: SignIn
  /** Changed at any time. */
  answer: Answerer
  readonly #server: Bun.Server<undefined>
  /** True: nobody listens. */
  isAway = false

  constructor(answer: Answerer, settings: Partial<OdooSignInParts['settings']> = {}) {
    this.answer = answer
    this.#server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => this.#serve(request) })
    const url = `http://127.0.0.1:${this.#server.port}`
    this.door = createOdooSignIn({
      clock: this.clock,
      log: this.log,
      fetch: this.#fetch(),
      settings: {
        ...{ url, db: 'shop', checkPath: '/pos-api/v1/bootstrap', deviceId: 'hub-1', appVersion: '0.1.0' },
        ...{ secret: null, holdMs: 14 * DAY_MS, ...settings },
      },
      digest: (text) => `digest of ${Bun.hash(text)}`,
      known: (digest) => this.shelf.get(digest) ?? null,
      learn: (digest, token) => {
        this.learned.push(token)
        if (token === null) this.shelf.delete(digest)
        else this.shelf.set(digest, token)
      },
    })
  }

  check(token: string): Promise<SignInResult> {
    return this.door.check(token)
  }

  /** What became of it in a word: the role, or the code of the refusal. */
  async word(token: string): Promise<string> {
    const checked = await this.check(token)
    return checked.ok ? checked.identity.role : checked.code
  }

  get paths(): string[] {
    return this.heard.map(({ path }) => path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true)
  }

  /** The hub's own HTTP, with timeouts that a test can wait for. */
  #fetch(): HttpFetch {
    const real = createOdooFetch({ certificates: null })
    return (request) => {
      const url = this.isAway ? 'http://127.0.0.1:1/' : request.url
      return real({ ...request, url, connectTimeoutMs: 2_000, answerTimeoutMs: 300 })
    }
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const heard = { path: pathname, headers: request.headers, body: await request.json() }
    this.heard.push(heard)
    return this.answer(heard)
  }
}

/** A token of the add-on, signed with `SECRET` if nothing else is said. Good for an hour of `WALL`. */
export async function addonToken(claims: object = {}, secret = SECRET, algorithm = 'HS256'): Promise<string> {
  const text = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode({ uid: 6, exp: WALL / 1000 + 3600, ...claims })}`
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), hmac, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
