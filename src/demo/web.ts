import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { type Answer, badJson, type Incoming, json, parseJson } from './answer.ts'
import { accessDenied, type OdooError, rpcError, unknownDatabase, valueError } from './error.ts'
import { planModel, versionOf } from './jsonrpc.ts'
import { type Plan, settled, type World } from './plan.ts'
import { type DemoUser, MANAGER_GROUP } from './user.ts'

/** Web sessions, as a browser that is signed in to Odoo has one. */

const AUTHENTICATE = '/web/session/authenticate'
const SESSION_INFO = '/web/session/get_session_info'
const CALL = /^\/web\/dataset\/call_kw(?:\/.*)?$/

export function isWebCall(path: string): boolean {
  return path === AUTHENTICATE || path === SESSION_INFO || CALL.test(path)
}

export function planWeb(world: World, incoming: Incoming): Plan {
  const parsed = parseJson(incoming.body)
  const envelope = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {}
  const words = wordsOf(world, envelope['id'] ?? null)
  const what = incoming.path.split('/')[3] ?? ''
  if (!parsed.ok) return settled({ way: 'web', what, ...words }, badJson())
  const params = isJsonObject(envelope['params']) ? envelope['params'] : {}
  if (incoming.path === AUTHENTICATE) {
    return settled({ way: 'web', what, ...words }, authenticate(world, params, words))
  }
  const user = world.users.userOfWebSession(cookieOf(incoming.headers))
  if (user === null) return settled({ way: 'web', what, ...words }, words.deny())
  if (incoming.path === SESSION_INFO) {
    return settled({ way: 'web', what, ...words }, words.tell(sessionInfo(world, user)))
  }
  const { model, method, args, kwargs } = params
  if (typeof model !== 'string' || typeof method !== 'string') {
    const error = valueError('a model and a method are needed')
    return settled({ way: 'web', what, ...words }, words.fail(error))
  }
  const call = { model, method, args: Array.isArray(args) ? args : [], kwargs, user }
  return planModel(world, call, { way: 'web', words })
}

/** The server's version, without signing in; only later series have it. */
export function planVersion(world: World): Plan {
  const { server_version: version, server_version_info: info } = versionOf(world)
  const words = wordsOf(world, null)
  return settled({ way: 'web', what: 'version', ...words }, json({ version_info: info, version }))
}

type Words = ReturnType<typeof wordsOf>

function wordsOf({ series }: World, id: unknown) {
  const expired: OdooError = { name: 'odoo.http.SessionExpiredException', message: 'Session expired' }
  const answer = (rest: JsonObject, headers: { readonly [name: string]: string } = {}) =>
    json({ jsonrpc: '2.0', id, ...rest }, { headers })
  return {
    tell: (value: unknown, headers?: { readonly [name: string]: string }): Answer => answer({ result: value }, headers),
    fail: (error: OdooError): Answer => answer({ error: rpcError(error, series) }),
    deny: (): Answer => answer({ error: { ...rpcError(expired, series), code: 100, message: 'Odoo Session Expired' } }),
  }
}

/** A wrong password is an exception from 14 on; 12 answers with a session that has no user. */
function authenticate(world: World, params: JsonObject, words: Words): Answer {
  const { db, login, password } = params
  if (db !== world.databaseName) return words.fail(unknownDatabase(world.series, String(db)))
  const user = world.users.signIn(login, password)
  if (user === null) {
    return world.series === 12 ? words.tell({ uid: false, username: login }) : words.fail(accessDenied(world.series))
  }
  const id = world.users.openWebSession(user)
  return words.tell(sessionInfo(world, user), { 'Set-Cookie': `session_id=${id}; Max-Age=604800; HttpOnly; Path=/` })
}

function sessionInfo(world: World, user: DemoUser): JsonObject {
  const isAdmin = user.groups.includes(MANAGER_GROUP)
  return {
    uid: user.id,
    is_system: isAdmin,
    is_admin: isAdmin,
    user_context: { lang: 'en_US', tz: 'America/Santo_Domingo', uid: user.id },
    db: world.databaseName,
    server_version: `${world.series}.0`,
    server_version_info: [world.series, 0, 0, 'final', 0, ''],
    name: user.name,
    username: user.login,
    partner_display_name: user.name,
    partner_id: user.id + 1,
  }
}

function cookieOf(headers: Headers): string {
  const pairs = (headers.get('Cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith('session_id='))?.slice('session_id='.length) ?? ''
}
