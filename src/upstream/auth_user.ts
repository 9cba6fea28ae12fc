import type { Identity } from '../engine/ports.ts'
import { ConfigId, isJsonObject, type JsonObject, type Role } from '../protocol/mod.ts'
import { CONFIGS_MAX, NAME_CHARACTERS_MAX, SUBJECT_CHARACTERS_MAX } from './auth_limits.ts'

/**
 * Who somebody is, by what the add-on says: in the claims of its tokens, and in its answer about a token. Nobody has
 * recorded either, so all names here are chosen, and stand in this one file.
 */

export const MANAGER_GROUP = 'point_of_sale.group_pos_manager'
export const USER_GROUP = 'point_of_sale.group_pos_user'

export const NO_ACCESS = 'This user has no access to Point of Sale in Odoo. Ask a manager to give it.'

/** Odoo's and the add-on's words for the hub's roles. A word that is not here makes a cashier. */
const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['manager', 'manager'],
  ['admin', 'manager'],
  ['pos_manager', 'manager'],
  ['group_pos_manager', 'manager'],
  ['cashier', 'cashier'],
  ['user', 'cashier'],
  ['pos_user', 'cashier'],
  ['group_pos_user', 'cashier'],
  ['waiter', 'waiter'],
  ['kitchen', 'kitchen'],
])

/** Where the user's id stands; the first one that is there counts. */
export const CLAIM_SUBJECTS = ['uid', 'user_id', 'sub'] as const
export const ANSWER_SUBJECTS = ['id', 'uid', 'user_id', 'sub'] as const

export type Reading =
  | { readonly ok: true; readonly identity: Identity }
  /** `no_access`: it is a user, but not one of the tills. */
  | { readonly ok: false; readonly lack: 'subject' | 'configs' | 'no_access' }

export type Said = {
  readonly user: JsonObject
  readonly subjects: readonly string[]
  /** Where the points of sale stand: `configs` or `config_ids`, a list; `config` or `config_id`, the home. */
  readonly shop: JsonObject
}

/** The identity, within the bounds of the hub. */
export function readUser({ user, subjects, shop }: Said): Reading {
  const subject = subjects.map((key) => readSubject(user[key])).find((one) => one !== null)
  if (subject === undefined || subject === null) return { ok: false, lack: 'subject' }
  const configIds = readConfigs(shop)
  if (configIds === null) return { ok: false, lack: 'configs' }
  const role = readRole(user)
  if (role === null) return { ok: false, lack: 'no_access' }
  return { ok: true, identity: { subject, name: readName(user), role, configIds } }
}

/** Of a user by Odoo's own id; never the name of a token that the hub has signed itself. */
export function subjectOf(id: number | string): string {
  return `odoo:${id}`
}

/** Odoo's `false` stands for nothing. */
function readSubject(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? subjectOf(value) : null
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) return null
  const subject = subjectOf(value)
  return subject.length <= SUBJECT_CHARACTERS_MAX ? subject : null
}

export function readName(user: JsonObject): string {
  const names = [user['name'], user['login'], user['username']]
  const name = names.find((one) => typeof one === 'string' && one.trim() !== '')
  return typeof name === 'string' ? name.trim().slice(0, NAME_CHARACTERS_MAX).toWellFormed() : ''
}

/**
 * The role that is said counts most, then the groups, then `is_manager`; else it is a cashier, because the add-on gives
 * tokens to whoever works at a till. Null: the groups are told in full, by their Odoo names, and none is of the tills.
 */
function readRole(user: JsonObject): Role | null {
  const { role, groups, is_manager: isManager } = user
  if (typeof role === 'string') return ROLES.get(role.trim().toLowerCase().replace(/^.*\./, '')) ?? 'cashier'
  const names = Array.isArray(groups) ? groups : null
  if (isManager === true || names?.includes(MANAGER_GROUP)) return 'manager'
  if (names === null || names.includes(USER_GROUP)) return 'cashier'
  const isToldInFull = names.every((name) => typeof name === 'string' && /^\w+\.\w+$/.test(name))
  return isToldInFull ? null : 'cashier'
}

/** Empty: all. Null: something is said that cannot be read; to take that for "all" would open every till. */
function readConfigs(shop: JsonObject): readonly number[] | null {
  const list = shop['configs'] ?? shop['config_ids'] ?? []
  if (list !== false && !Array.isArray(list)) return null
  const config = shop['config']
  const home = shop['config_id'] ?? (isJsonObject(config) ? config['id'] : config)
  const isSaid = home !== undefined && home !== null && home !== false
  const ids = [...(isSaid ? [home] : []), ...(list === false ? [] : list)].map(readConfig)
  const known = ids.filter((id) => id !== null)
  return known.length === ids.length ? [...new Set(known)].slice(0, CONFIGS_MAX) : null
}

/** An id, {id}, or Odoo's pair of id and name. */
function readConfig(value: unknown): number | null {
  const id = ConfigId.safeParse(isJsonObject(value) ? value['id'] : Array.isArray(value) ? value[0] : value)
  return id.success ? id.data : null
}
