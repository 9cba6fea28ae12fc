import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import type { Database } from './database.ts'
import { type OdooError, type Series, valueError } from './error.ts'
import { ORDERS_MAX } from './limits.ts'
import type { DemoOrder } from './order.ts'

/** `search_read` and `search_count`, as far as a hub asks for them: a list of conditions, all of which must hold. */
export type Search = {
  readonly series: Series
  readonly model: string
  readonly domain: unknown
  /** None given means all. */
  readonly fields: unknown
  readonly offset: unknown
  readonly limit: unknown
  /** `date_order asc, id asc`. */
  readonly order: unknown
}

export type Searched =
  | { readonly ok: true; readonly rows: readonly JsonObject[] }
  | { readonly ok: false; readonly error: OdooError }

const NO_ROWS: JsonObject = { id: 0 }

/** The columns of an empty table are known all the same: a wrong field is an error there too. */
const COLUMNS: { readonly [model: string]: JsonObject } = {
  'pos.order': rowOf({
    id: 0,
    posReference: '',
    uuid: null,
    state: 'draft',
    configId: null,
    ncf: null,
    lineIdMap: {},
    amounts: { total: 0, tax: 0, paid: 0, back: 0 },
    orderedAt: 0,
    changedAt: 0,
    snapshot: {},
  }),
  'pos.session': { id: 0, name: '', config_id: false, state: 'opened' },
  'pos.config': { id: 0, name: '', active: true, has_active_session: false },
}

export function rowsOf(database: Database, model: string): readonly JsonObject[] {
  if (model === 'pos.order') return database.orders().map(rowOf)
  const sessions = database.sessions()
  if (model === 'pos.session') {
    return sessions.map(({ id, configId, open }) => ({
      id,
      name: `POS/${String(id).padStart(5, '0')}`,
      config_id: [configId, configName(configId)],
      state: open ? 'opened' : 'closed',
    }))
  }
  return sessions.map(({ configId, open }) => ({
    id: configId,
    name: configName(configId),
    active: true,
    has_active_session: open,
  }))
}

export function search(rows: readonly JsonObject[], asked: Search): Searched {
  const columns = COLUMNS[asked.model] ?? NO_ROWS
  const domain = asked.domain ?? []
  if (!Array.isArray(domain)) return refused('Domain must be a list')
  const found = [...rows]
  for (const leaf of domain) {
    if (leaf === '&') continue
    const problem = problemOf(leaf, { columns, asked })
    if (problem !== null) return refused(problem)
    found.splice(0, found.length, ...found.filter((row) => holds(row, leaf)))
  }
  const fields = Array.isArray(asked.fields) && asked.fields.length > 0 ? asked.fields : Object.keys(columns)
  const unknown = fields.find((field) => typeof field !== 'string' || !Object.hasOwn(columns, field))
  if (unknown !== undefined) return refused(`Invalid field '${unknown}' on '${asked.model}'`)
  const offset = countOf(asked.offset) ?? 0
  const page = sort(found, asked.order).slice(offset, offset + (countOf(asked.limit) ?? ORDERS_MAX))
  return { ok: true, rows: page.map((row) => pick(row, fields)) }
}

function rowOf(order: DemoOrder): JsonObject {
  return {
    id: order.id,
    name: order.ncf ?? '/',
    pos_reference: order.posReference,
    uuid: order.uuid ?? false,
    state: order.state,
    amount_total: order.amounts.total,
    amount_tax: order.amounts.tax,
    amount_paid: order.amounts.paid,
    amount_return: order.amounts.back,
    config_id: order.configId === null ? false : [order.configId, configName(order.configId)],
    date_order: printTime(order.orderedAt),
    write_date: printTime(order.changedAt),
  }
}

function configName(configId: number): string {
  return `Restaurant ${configId}`
}

/** As Odoo prints times: UTC, whole seconds. */
export function printTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function problemOf(leaf: unknown, { columns, asked }: { columns: JsonObject; asked: Search }): string | null {
  if (!Array.isArray(leaf) || leaf.length !== 3) return `Invalid leaf ${JSON.stringify(leaf)}`
  const [field, operator, value] = leaf
  if (typeof field !== 'string' || !Object.hasOwn(columns, field)) {
    const condition = asked.series === 19 ? 'condition' : 'leaf'
    const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
    return `Invalid field ${asked.model}.${field} in ${condition} ('${field}', '${operator}', ${shown})`
  }
  const wantsList = operator === 'in' || operator === 'not in'
  if (typeof operator !== 'string' || !OPERATORS.has(operator) || wantsList !== Array.isArray(value)) {
    return `Invalid operator in ${JSON.stringify(leaf)}`
  }
  return null
}

const OPERATORS = new Set(['=', '!=', 'in', 'not in', '<', '<=', '>', '>='])

function holds(row: JsonObject, leaf: unknown): boolean {
  if (!Array.isArray(leaf)) return true
  const [field, operator, wanted] = leaf
  const value = plain(row[String(field)])
  if (operator === '=') return value === wanted
  if (operator === '!=') return value !== wanted
  if (Array.isArray(wanted)) return wanted.includes(value) === (operator === 'in')
  const order = compare(value, wanted)
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

/** `[id, name]` is compared by its id. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  const [one, other] = [String(left), String(right)]
  return one < other ? -1 : one > other ? 1 : 0
}

function sort(rows: readonly JsonObject[], order: unknown): readonly JsonObject[] {
  const wanted = typeof order === 'string' && order.trim() !== '' ? order : 'id desc'
  const terms = wanted.split(',').map((term) => {
    const [field = 'id', direction = 'asc'] = term.trim().split(/\s+/)
    return { field, sign: direction.toLowerCase() === 'desc' ? -1 : 1 }
  })
  return rows.toSorted((left, right) => {
    for (const { field, sign } of terms) {
      const difference = compare(plain(left[field]), plain(right[field]))
      if (difference !== 0) return sign * difference
    }
    return 0
  })
}

function pick(row: JsonObject, fields: readonly unknown[]): JsonObject {
  const names = fields.map(String).filter((field) => field !== 'id')
  return { id: row['id'], ...Object.fromEntries(names.map((field) => [field, row[field]])) }
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function refused(message: string): Searched {
  return { ok: false, error: valueError(message) }
}

/** A list of arguments by place or by name, as both ways of Odoo send them. */
export function argumentsOf(args: readonly unknown[], kwargs: unknown): Omit<Search, 'series' | 'model'> {
  const named = isJsonObject(kwargs) ? kwargs : {}
  return {
    domain: args[0] ?? named['domain'],
    fields: args[1] ?? named['fields'],
    offset: args[2] ?? named['offset'],
    limit: args[3] ?? named['limit'],
    order: args[4] ?? named['order'],
  }
}
