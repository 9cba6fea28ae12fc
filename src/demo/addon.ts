import { canonical, isJsonObject, type JsonObject } from '../protocol/mod.ts'
import type { Database } from './database.ts'
import { BATCH_ORDERS_MAX } from './limits.ts'
import type { DemoOrder } from './order.ts'
import { readSale, referenceOf, type Sale } from './sale.ts'

/**
 * The hub's add-on as it should be: one paid order for each reference, whatever is repeated. `enforceUnique: false`
 * makes it one that knows nothing of repetitions: each call makes one more order, and no answer says `created`.
 */
export type AddonParts = {
  readonly database: Database
  readonly enforceUnique: boolean
  /** Milliseconds since 1970. */
  now(): number
  /** Why this reference is refused; null if it is not. */
  refusalOf(reference: string): string | null
}

/** What one call meets beside its own content. */
export type Quirk = 'none' | 'no_session' | 'client_outdated'

export type AddonAnswer = JsonObject

type Refusal = { readonly type: 'UserError' | 'ValidationError'; readonly message: string; readonly code?: string }

export class Addon {
  readonly #parts: AddonParts

  constructor(parts: AddonParts) {
    this.#parts = parts
  }

  /** `hub_finalize_snapshot`. */
  finalize(snapshot: unknown, quirk: Quirk = 'none'): AddonAnswer {
    const reference = referenceOf(snapshot)
    if (reference === null || !isJsonObject(snapshot)) {
      return refuse(null, { type: 'ValidationError', message: 'posReference is missing' })
    }
    const sale = readSale(snapshot, reference)
    const refusal = this.#judgeFirst(sale, quirk)
    if (refusal !== null) return refuse(reference, refusal)
    const known = this.#parts.enforceUnique ? this.#paidOrderOf(reference) : null
    if (known !== null) {
      const same = canonical(known.snapshot) === canonical(snapshot)
      return this.#answer(known, { status: same ? 'ok' : 'conflict', created: false })
    }
    const objection = this.#judge(sale, quirk)
    if (objection !== null) return refuse(reference, objection)
    return this.#answer(this.#makePaid(sale, snapshot), { status: 'ok', created: true })
  }

  /** `hub_batch_sync`: each order for itself; one that is paid takes the road of `finalize`. */
  batch(snapshots: readonly unknown[], quirk: Quirk = 'none'): AddonAnswer {
    if (snapshots.length > BATCH_ORDERS_MAX) {
      const message = `a batch has at most ${BATCH_ORDERS_MAX} orders`
      return { status: 'error', results: [], error: { type: 'UserError', message } }
    }
    return { status: 'ok', results: snapshots.map((snapshot) => this.#store(snapshot, quirk)) }
  }

  /** An open order as a terminal on the direct road saves it; a paid one stays paid. */
  save(snapshot: unknown): AddonAnswer {
    const reference = referenceOf(snapshot)
    if (reference === null || !isJsonObject(snapshot)) {
      return refuse(null, { type: 'ValidationError', message: 'posReference is missing' })
    }
    const orders = this.#parts.database.ordersOf(reference)
    if (orders.some((order) => order.state === 'paid')) return { status: 'ok', pos_reference: reference, state: 'paid' }
    const full = this.#fullness(orders.length > 0)
    if (full !== null) return refuse(reference, full)
    const sale = readSale(snapshot, reference)
    const state = sale.isCancelled ? 'cancel' : 'draft'
    this.#put({ sale, snapshot, state, former: orders[0] ?? null })
    return { status: 'ok', pos_reference: reference, state }
  }

  #store(snapshot: unknown, quirk: Quirk): AddonAnswer {
    const reference = referenceOf(snapshot)
    const isPaid = reference !== null && isJsonObject(snapshot) && readSale(snapshot, reference).isPaid
    return isPaid ? this.finalize(snapshot, quirk) : this.save(snapshot)
  }

  /** What is refused even where the order is there already. */
  #judgeFirst({ posReference }: Sale, quirk: Quirk): Refusal | null {
    if (quirk === 'client_outdated') {
      return { type: 'UserError', code: 'CLIENT_OUTDATED', message: 'this app is too old for the server: update it' }
    }
    const reason = this.#parts.refusalOf(posReference)
    return reason === null ? null : { type: 'ValidationError', message: reason }
  }

  #judge(sale: Sale, quirk: Quirk): Refusal | null {
    const { database } = this.#parts
    const open = sale.configId === null ? database.sessions().some((one) => one.open) : isOpen(database, sale.configId)
    if (!open || quirk === 'no_session') {
      return { type: 'UserError', message: `no open POS session for config ${sale.configId ?? 'False'}` }
    }
    const unknown = sale.productIds.find((id) => id >= FIRST_UNKNOWN_PRODUCT)
    if (unknown !== undefined) return { type: 'ValidationError', message: `product ${unknown} does not exist` }
    if (sale.shortfall !== null) return { type: 'UserError', message: `underpaid: ${sale.shortfall}` }
    return this.#fullness(database.ordersOf(sale.posReference).length > 0 && this.#parts.enforceUnique)
  }

  #fullness(hasRow: boolean): Refusal | null {
    if (hasRow || !this.#parts.database.isFull()) return null
    return { type: 'UserError', message: 'the stand-in is full: give it a new file' }
  }

  #paidOrderOf(reference: string): DemoOrder | null {
    return this.#parts.database.ordersOf(reference).find((order) => order.state === 'paid') ?? null
  }

  #makePaid(sale: Sale, snapshot: JsonObject): DemoOrder {
    const { database, enforceUnique } = this.#parts
    const former = enforceUnique ? (database.ordersOf(sale.posReference)[0] ?? null) : null
    return this.#put({ sale, snapshot, state: 'paid', former })
  }

  #put(row: Row): DemoOrder {
    const { sale, snapshot, state, former } = row
    const { database } = this.#parts
    const now = this.#parts.now()
    const isPaid = state === 'paid'
    const ids = isPaid ? database.takeLineIds(sale.lineIds.length) : []
    const order: DemoOrder = {
      id: former?.id ?? database.nextOrderId(),
      posReference: sale.posReference,
      uuid: sale.uuid,
      state,
      configId: sale.configId,
      ncf: isPaid ? database.nextFiscalNumber() : null,
      lineIdMap: Object.fromEntries(ids.map((id, at) => [sale.lineIds[at] ?? '', id])),
      amounts: isPaid ? sale.amounts : { ...sale.amounts, paid: 0, back: 0 },
      orderedAt: isPaid ? now : (former?.orderedAt ?? now),
      changedAt: now,
      snapshot,
    }
    database.put(order)
    return order
  }

  #answer(order: DemoOrder, { status, created }: { status: 'ok' | 'conflict'; created: boolean }): AddonAnswer {
    return {
      status,
      pos_reference: order.posReference,
      order_id: order.id,
      ...(this.#parts.enforceUnique ? { created } : {}),
      line_id_map: order.lineIdMap,
      fiscal: {
        number: order.ncf,
        ncf: order.ncf,
        state: order.state,
        invoice: false,
        amount_total: order.amounts.total,
        amount_tax: order.amounts.tax,
        amount_paid: order.amounts.paid,
        amount_return: order.amounts.back,
      },
    }
  }
}

/** No shop has so many products; tests order this one to be refused. */
const FIRST_UNKNOWN_PRODUCT = 99_999_999

type Row = {
  readonly sale: Sale
  readonly snapshot: JsonObject
  readonly state: DemoOrder['state']
  /** The row that it replaces. */
  readonly former: DemoOrder | null
}

function isOpen(database: Database, configId: number): boolean {
  return database.openSessionOf(configId) !== null
}

function refuse(reference: string | null, error: Refusal): AddonAnswer {
  return {
    status: 'error',
    pos_reference: reference ?? false,
    order_id: false,
    created: false,
    line_id_map: {},
    fiscal: {},
    error,
  }
}
