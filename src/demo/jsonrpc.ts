import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { type Answer, badJson, type Incoming, json, parseJson } from './answer.ts'
import { accessDenied, type OdooError, rpcError, typeError, unknownDatabase, userError, valueError } from './error.ts'
import { describe, execute, type ModelCall } from './model.ts'
import { type Plan, settled, type World } from './plan.ts'
import type { DemoUser } from './user.ts'

/** `/jsonrpc`: errors come with HTTP 200. */
export function planJsonRpc(world: World, incoming: Incoming): Plan {
  const parsed = parseJson(incoming.body)
  const envelope = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {}
  const words = wordsOf(world, envelope['id'] ?? null)
  if (!parsed.ok) return settled({ way: 'jsonrpc', what: 'bad_json', ...words }, badJson())
  const params = isJsonObject(envelope['params']) ? envelope['params'] : {}
  const { service, method, args } = params
  if (typeof service !== 'string' || typeof method !== 'string' || !Array.isArray(args)) {
    const error = typeError(
      "OpenERPSession.dispatch_rpc() missing 3 required positional arguments: 'service', 'method', and 'args'",
    )
    return settled({ way: 'jsonrpc', what: 'bad_call', ...words }, words.fail(error))
  }
  if (service === 'object' && (method === 'execute_kw' || method === 'execute')) {
    return planExecute(world, { args, isPlain: method === 'execute' }, words)
  }
  const answer = serve(world, { service, method, args })
  const what = method === 'login' ? 'authenticate' : method
  return settled({ way: 'jsonrpc', what, ...words }, answer.ok ? words.tell(answer.value) : words.fail(answer.error))
}

type Words = {
  tell(value: unknown): Answer
  fail(error: OdooError): Answer
  deny(): Answer
}

function wordsOf({ series }: World, id: unknown): Words {
  const fail = (error: OdooError) => json({ jsonrpc: '2.0', id, error: rpcError(error, series) })
  return {
    tell: (value) => json({ jsonrpc: '2.0', id, result: value }),
    fail,
    deny: () => fail(accessDenied(series)),
  }
}

type Service = { readonly service: string; readonly method: string; readonly args: readonly unknown[] }
type Served = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: OdooError }

function serve(world: World, { service, method, args }: Service): Served {
  const { series, databaseName, users } = world
  if (service === 'common' && method === 'version') return { ok: true, value: versionOf(world) }
  if (service === 'db' && method === 'list') return { ok: true, value: [databaseName] }
  if (service === 'common' && (method === 'login' || method === 'authenticate')) {
    if (args[0] !== databaseName) return { ok: false, error: unknownDatabase(series, String(args[0])) }
    return { ok: true, value: (users.signIn(args[1], args[2]) ?? keyHolder(world, args))?.id ?? false }
  }
  return { ok: false, error: userError(`the stand-in has no ${service}.${method}`) }
}

/** An API key may stand where the password does. */
function keyHolder({ users }: World, args: readonly unknown[]): DemoUser | null {
  const owner = users.ownerOf(String(args[2]))
  return owner?.login === args[1] ? owner : null
}

export function versionOf({ series }: World): JsonObject {
  return {
    server_version: `${series}.0`,
    server_version_info: [series, 0, 0, 'final', 0, ''],
    server_serie: `${series}.0`,
    protocol_version: 1,
  }
}

type Execute = { readonly args: readonly unknown[]; readonly isPlain: boolean }

/** Database, then password, then the model: the order in which Odoo looks. */
function planExecute(world: World, { args: all, isPlain }: Execute, words: Words): Plan {
  const [databaseName, uid, password, model, method, ...rest] = all
  const args = isPlain ? rest : Array.isArray(rest[0]) ? rest[0] : []
  const kwargs = isPlain ? {} : rest[1]
  const refuse = (error: OdooError) => settled({ way: 'jsonrpc', what: 'execute_kw', ...words }, words.fail(error))
  if (databaseName !== world.databaseName) return refuse(unknownDatabase(world.series, String(databaseName)))
  const user = world.users.opens(uid, password) ? world.users.find(Number(uid)) : null
  if (user === null) return refuse(accessDenied(world.series))
  if (typeof model !== 'string' || typeof method !== 'string')
    return refuse(valueError('a model and a method are needed'))
  return planModel(world, { model, method, args, kwargs, user }, { way: 'jsonrpc', words })
}

/** The same for whatever speaks JSON-RPC. */
export function planModel(
  world: World,
  call: ModelCall,
  { way, words }: { way: 'jsonrpc' | 'web'; words: Words },
): Plan {
  const { what, snapshots } = describe(call)
  return {
    way,
    what,
    snapshots,
    isWrite: what === 'finalize' || what === 'batch',
    perform: (quirk) => {
      const done = execute(world, call, quirk)
      return done.ok ? words.tell(done.value) : words.fail(done.error)
    },
    fail: words.fail,
    deny: words.deny,
  }
}
