import { isJsonObject } from '../protocol/mod.ts'
import type { Quirk } from './addon.ts'
import { accessError, type OdooError, privateMethod, typeError, unknownMethod, unknownModel } from './error.ts'
import type { World } from './plan.ts'
import { argumentsOf, rowsOf, search } from './search.ts'
import type { DemoUser } from './user.ts'

/** A method of a model, called by any of Odoo's own ways. */
export type ModelCall = {
  readonly model: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly kwargs: unknown
  readonly user: DemoUser
}

export type Executed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: OdooError }

const SEARCHES = ['search_read', 'search_count']
const HUB_METHODS = ['hub_finalize_snapshot', 'hub_batch_sync']

const METHODS: { readonly [model: string]: readonly string[] } = {
  'pos.order': SEARCHES,
  'pos.session': SEARCHES,
  'pos.config': SEARCHES,
  'res.users': ['has_group'],
}

export function isModel(model: string): boolean {
  return Object.hasOwn(METHODS, model)
}

export function hasMethod(world: World, { model, method }: Pick<ModelCall, 'model' | 'method'>): boolean {
  if (!isModel(model)) return false
  if (METHODS[model]?.includes(method) === true) return true
  return world.hasAddon && model === 'pos.order' && HUB_METHODS.includes(method)
}

/** The snapshots that a call brings, and what it is called on record. */
export function describe(call: Omit<ModelCall, 'user'>): {
  readonly what: string
  readonly snapshots: readonly unknown[]
} {
  const { model, method } = call
  const hub = model === 'pos.order' ? method : ''
  if (hub === 'hub_finalize_snapshot') return { what: 'finalize', snapshots: [argumentOf(call, 'snapshot')] }
  const list = argumentOf(call, 'snapshots')
  if (hub === 'hub_batch_sync') return { what: 'batch', snapshots: Array.isArray(list) ? list : [] }
  return { what: `${model}.${method}`, snapshots: [] }
}

export function execute(world: World, call: ModelCall, quirk: Quirk): Executed {
  const { series } = world
  const { model, method, user } = call
  if (method.startsWith('_')) return refused(privateMethod({ series, model, method }))
  if (!isModel(model)) return refused(unknownModel(model))
  if (!hasMethod(world, call)) return refused(unknownMethod({ series, model, method }))
  if (method === 'has_group') return checkGroup(call)
  if (user.groups.length === 0) return refused(accessError(series, model))
  if (HUB_METHODS.includes(method)) return callAddon(world, call, quirk)
  return read(world, call)
}

/** The name of an argument that a hub's method needs and did not get. */
export function missingArgument(call: Omit<ModelCall, 'user'>): string | null {
  const name = call.method === 'hub_finalize_snapshot' ? 'snapshot' : 'snapshots'
  return HUB_METHODS.includes(call.method) && argumentOf(call, name) === undefined ? name : null
}

function callAddon(world: World, call: ModelCall, quirk: Quirk): Executed {
  const missing = missingArgument(call)
  if (missing !== null) {
    const method = `${world.series >= 17 ? 'PosOrder.' : ''}${call.method}`
    return refused(typeError(`${method}() missing 1 required positional argument: '${missing}'`))
  }
  const { what, snapshots } = describe(call)
  const answer = what === 'finalize' ? world.addon.finalize(snapshots[0], quirk) : world.addon.batch(snapshots, quirk)
  return { ok: true, value: answer }
}

/** 12 to 17 send `[group]`, 19 sends `[ids, group]`. */
function checkGroup({ args, kwargs, user }: ModelCall): Executed {
  const named = isJsonObject(kwargs) ? kwargs['group_ext_id'] : undefined
  const group = args.length > 1 ? args[1] : (args[0] ?? named)
  if (typeof group !== 'string') return refused(typeError('has_group() needs the external id of a group'))
  return { ok: true, value: user.groups.includes(group) }
}

function read({ database, series }: World, { model, method, args, kwargs }: ModelCall): Executed {
  const asked = { series, model, ...argumentsOf(args, kwargs) }
  const isCount = method === 'search_count'
  const unlimited = isCount ? { fields: [], offset: 0, limit: 0, order: '' } : {}
  const found = search(rowsOf(database, model), { ...asked, ...unlimited })
  if (!found.ok) return refused(found.error)
  return { ok: true, value: isCount ? found.rows.length : found.rows }
}

function argumentOf({ args, kwargs }: Omit<ModelCall, 'user'>, name: string): unknown {
  return args[0] ?? (isJsonObject(kwargs) ? kwargs[name] : undefined)
}

function refused(error: OdooError): Executed {
  return { ok: false, error }
}
