import type { FoundOrder, LookAnswer } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { readId } from './answer.ts'
import { failureOf, harmless } from './failure.ts'
import { parseJson } from './slice.ts'

/** Odoo's orders, as `search_read` answers them. One that cannot be read makes the whole answer bad: it is not "missing". */
export function readFound(json: string): LookAnswer {
  const rows = parseJson(json)
  const orders = Array.isArray(rows) ? rows.map(readRow) : [null]
  if (orders.every((order) => order !== null)) return { kind: 'looked', orders }
  const failure = failureOf('BAD_JSON', { detail: 'the answer to a look-up is no list of orders' })
  return { kind: 'failed', failure: harmless(failure) }
}

function readRow(row: unknown): FoundOrder | null {
  if (!isJsonObject(row)) return null
  const { id, pos_reference: reference, state, amount_total: amount, config_id: config } = row
  const orderId = readId(id)
  if (orderId === null || typeof state !== 'string') return null
  // Odoo says false for what is empty; a row without a reference still counts in a page.
  if (typeof reference !== 'string' && reference !== false) return null
  return {
    posReference: reference === false ? '' : reference,
    orderId,
    state,
    amountTotal: typeof amount === 'number' ? amount : null,
    configId: readId(Array.isArray(config) ? config[0] : config),
  }
}
