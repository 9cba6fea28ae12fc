import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import type { Quirk } from './addon.ts'
import { type Answer, type Incoming, json, notFound, parseJson } from './answer.ts'
import { accessDenied, type OdooError, statusOf } from './error.ts'
import { PAGE_ORDERS_MAX } from './limits.ts'
import { type Plan, settled, type World } from './plan.ts'
import { readToken, signToken } from './token.ts'
import type { DemoUser } from './user.ts'

/**
 * The REST way of the add-on in use today, and what terminals on the direct road need. Under the prefix:
 * `auth/login {login, password}` and `auth/refresh {refresh_token}` give `{access_token, refresh_token, token_type,
 * expires_in, user}`; `bootstrap` gives `{user, config}`; `hub/finalize {snapshot}` and `hub/batch-sync {snapshots}` the
 * add-on's answers; `orders?since=MS` gives `{orders, now}`, those changed at or after that moment, oldest change first;
 * `POST orders {snapshot}` saves an open order. Errors are `{error: {code, message}}`. Nobody has recorded the real one:
 * all this is chosen.
 */
export type RestOptions = {
  readonly prefix: string
  /** Signs tokens (HS256). A hub that knows it can check them by itself. */
  readonly tokenSecret: string
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** What `bootstrap` tells terminals about the hub. */
  readonly hubEnabled: boolean
  readonly hubUrl: string | null
  /** Stands in each token: when it changes, all tokens issued so far are void. */
  generation(): number
}

const ISSUER = 'demo-odoo'
const WORDS = {
  way: 'rest' as const,
  fail,
  deny: () => refuse('TOKEN_EXPIRED', { status: 401, message: 'Sign in again.' }),
}

export async function planRest(world: World, options: RestOptions, incoming: Incoming): Promise<Plan> {
  const path = incoming.path.slice(options.prefix.length + 1)
  const parsed = parseJson(incoming.body === '' ? '{}' : incoming.body)
  const body = parsed.ok && isJsonObject(parsed.value) ? parsed.value : null
  const end = (what: string, answer: Answer) => settled({ ...WORDS, what }, answer)
  if (!world.hasAddon || !isPath(path, incoming.method)) return end('unknown', notFound())
  if (body === null) return end('bad_json', refuse('BAD_JSON', { status: 400, message: 'The body is not JSON.' }))
  if (path === 'auth/login') return end('login', await signIn(world, options, body))
  if (path === 'auth/refresh') return end('refresh', await renew(world, options, body))
  const bearer = /^bearer\s+(\S+)$/i.exec(incoming.headers.get('Authorization') ?? '')?.[1] ?? ''
  const user = await holderOf({ token: bearer, kind: 'access' }, { world, options })
  if (user === null) return end(path, WORDS.deny())
  if (path === 'bootstrap') return end('bootstrap', json({ user: shown(user), config: hubConfig(options) }))
  if (user.role === null) return end(path, refuse('ACCESS', { status: 403, message: 'Not a user of the till.' }))
  return planOrders(world, { path, incoming, body })
}

function isPath(path: string, method: string): boolean {
  if (path === 'orders') return method === 'GET' || method === 'POST'
  return (
    method === 'POST' && ['auth/login', 'auth/refresh', 'bootstrap', 'hub/finalize', 'hub/batch-sync'].includes(path)
  )
}

type OrderCall = { readonly path: string; readonly incoming: Incoming; readonly body: JsonObject }

function planOrders(world: World, { path, incoming, body }: OrderCall): Plan {
  const { addon } = world
  if (path === 'orders' && incoming.method === 'GET') {
    return settled({ ...WORDS, what: 'orders' }, listOrders(world, Number(incoming.query.get('since') ?? 0)))
  }
  if (path === 'hub/batch-sync') {
    const { snapshots } = body
    if (!Array.isArray(snapshots)) return settled({ ...WORDS, what: 'batch' }, missing('snapshots'))
    const perform = (quirk: Quirk) => tell(addon.batch(snapshots, quirk))
    return { ...WORDS, what: 'batch', snapshots, isWrite: true, perform }
  }
  const { snapshot } = body
  const what = path === 'orders' ? 'save' : 'finalize'
  if (snapshot === undefined) return settled({ ...WORDS, what }, missing('snapshot'))
  const perform = (quirk: Quirk) => tell(what === 'save' ? addon.save(snapshot) : addon.finalize(snapshot, quirk))
  return { ...WORDS, what, snapshots: [snapshot], isWrite: true, perform }
}

/** An app that is too old hears it before anything else, as the whole answer. */
function tell(answer: JsonObject): Answer {
  const error = isJsonObject(answer['error']) ? answer['error'] : {}
  return error['code'] === 'CLIENT_OUTDATED' ? json({ error }, { status: 426 }) : json(answer)
}

function listOrders(world: World, since: number): Answer {
  const changed = world.database.orders().filter((order) => order.changedAt >= (Number.isFinite(since) ? since : 0))
  const page = changed.toSorted((left, right) => left.changedAt - right.changedAt).slice(0, PAGE_ORDERS_MAX)
  const orders = page.map(({ posReference, state, id, changedAt, snapshot }) => {
    return { posReference, state, orderId: id, changedAt, snapshot }
  })
  return json({ orders, now: world.now() })
}

async function signIn(world: World, options: RestOptions, body: JsonObject): Promise<Answer> {
  const user = world.users.signIn(body['login'], body['password'])
  const message = 'The login or the password is wrong.'
  return user === null ? refuse('INVALID_CREDENTIALS', { status: 401, message }) : issue(world, options, user)
}

async function renew(world: World, options: RestOptions, body: JsonObject): Promise<Answer> {
  const user = await holderOf({ token: String(body['refresh_token']), kind: 'refresh' }, { world, options })
  return user === null ? WORDS.deny() : issue(world, options, user)
}

async function issue(world: World, options: RestOptions, user: DemoUser): Promise<Answer> {
  const sign = (kind: TokenKind, lifeSeconds: number) => {
    const seconds = world.now() / 1_000
    return signToken(
      {
        iss: ISSUER,
        sub: String(user.id),
        name: user.name,
        ...(user.role === null ? {} : { role: user.role }),
        kind,
        era: world.users.eraOf(user.id),
        generation: options.generation(),
        iat: Math.floor(seconds),
        exp: seconds + lifeSeconds,
      },
      options.tokenSecret,
    )
  }
  return json({
    access_token: await sign('access', options.accessTokenSeconds),
    refresh_token: await sign('refresh', options.refreshTokenSeconds),
    token_type: 'Bearer',
    expires_in: options.accessTokenSeconds,
    user: shown(user),
  })
}

type TokenKind = 'access' | 'refresh'

type Presented = { readonly token: string; readonly kind: TokenKind }

async function holderOf(
  { token, kind }: Presented,
  at: { world: World; options: RestOptions },
): Promise<DemoUser | null> {
  const { world, options } = at
  const claims = await readToken(token, options.tokenSecret)
  if (claims === null || claims['kind'] !== kind) return null
  const expiry = Number(claims['exp']) * 1_000
  if (!(expiry > world.now()) || claims['generation'] !== options.generation()) return null
  const id = Number(claims['sub'])
  return claims['era'] === world.users.eraOf(id) ? world.users.find(id) : null
}

function shown({ id, name, login, role, groups }: DemoUser): JsonObject {
  return { id, name, login, role, groups }
}

function hubConfig({ hubEnabled, hubUrl }: RestOptions): JsonObject {
  return { nu_hub_enabled: hubEnabled, nu_hub_url: hubUrl ?? false }
}

function missing(name: string): Answer {
  return refuse('BAD_REQUEST', { status: 400, message: `"${name}" is missing.` })
}

function fail(error: OdooError): Answer {
  if (error.name === accessDenied(19).name) return WORDS.deny()
  return refuse(error.name.split('.').at(-1) ?? '', { status: statusOf(error), message: error.message })
}

function refuse(code: string, { status, message }: { status: number; message: string }): Answer {
  return json({ error: { code, message } }, { status })
}
