import type { DemoOrder } from '../../src/demo/mod.ts'
import type { JsonObject } from '../../src/protocol/mod.ts'
import type { HeardOf, Wanted } from './inbox.ts'
import type { OdooShop } from './odoo_shop.ts'
import { freshMsgId, type Terminal } from './terminal.ts'

/** What people at tills do with money, and what they hear of it. */

/** Answers of Odoo come soon or not at all, so that a test of failures does not wait for them. */
export const HASTY = {
  ODOO_TIMEOUT_MS: '300',
  ODOO_CONNECT_TIMEOUT_MS: '300',
  ODOO_CALL_DEAD_MS: '400',
  HUB_FORWARD_INTERVAL_MS: '100',
}

/** The longest that a sale may take which needs some tries, each a second or two after the other. */
export const TRIES_MS = 20_000

/** A paid sale of one dish, paid exactly. */
export function saleOf(total: number, more: JsonObject = {}): JsonObject {
  return {
    status: 'paid',
    lines: [{ id: 'line-1', productId: 5, qty: 1, priceUnit: total }],
    payments: [{ method: 'cash', amount: total }],
    totals: { total },
    ...more,
  }
}

export type Paying = {
  readonly configId?: number
  readonly msgId?: string
  readonly baseVersion?: number
  /** Odoo's order, where the till has paid at Odoo itself. */
  readonly settledId?: number
}

/** Sends ORDER_FINALIZE as the till's protocol has it. The result is the msgId, which v1 does not send. */
export function pay(till: Terminal, posReference: string, snapshot: JsonObject, paying: Paying = {}): string {
  const { configId = 1, msgId = freshMsgId(), settledId, baseVersion } = paying
  const settled = settledId === undefined ? {} : { settled: { orderId: settledId } }
  const base = baseVersion === undefined ? {} : { baseVersion }
  const v2 = till.protocol === 2 ? { msgId, ...base, ...settled } : {}
  till.send({ type: 'ORDER_FINALIZE', posReference, snapshot, configId, ...v2 })
  return msgId
}

/** The next ORDER_FINALIZED of that order. */
export function finalized(
  till: Terminal,
  posReference: string,
  wanted: Wanted<'ORDER_FINALIZED'> = {},
): Promise<HeardOf<'ORDER_FINALIZED'>> {
  const { where = () => true, withinMs = TRIES_MS } = wanted
  return till.next('ORDER_FINALIZED', {
    where: (message) => message.posReference === posReference && where(message),
    withinMs,
  })
}

/** The next ORDER_FINALIZE_ERROR of that order. */
export function refused(till: Terminal, posReference: string): Promise<HeardOf<'ORDER_FINALIZE_ERROR'>> {
  return till.next('ORDER_FINALIZE_ERROR', {
    where: (message) => message.posReference === posReference,
    withinMs: TRIES_MS,
  })
}

/** The only order of Odoo with that reference; fails if there is none, or more. */
export function onlyOrder(shop: Pick<OdooShop, 'odoo'>, posReference: string): DemoOrder {
  const orders = shop.odoo.ordersOf(posReference)
  const [order] = orders
  if (order === undefined || orders.length !== 1)
    throw new Error(`Odoo has ${orders.length} orders ${JSON.stringify(posReference)}`)
  return order
}
