import type { FoundOrder, LookAnswer } from '../../src/core/odoo.ts'
import type { Odoo, Store, StoreFailure } from '../../src/engine/ports.ts'
import { type Reconciliation, reconcile } from '../../src/engine/reconcile.ts'
import { type GroupId, Opaque, type OrderState, type PosReference, type TerminalId } from '../../src/protocol/mod.ts'
import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'

/** Two books that are compared: the hub's on a store in memory, and Odoo's, which answers as it is told to. */

export const SINCE = 1_795_000_000_000
/** Odoo's answer holds at most so many. */
export const PAGE = 500

export type Sold = {
  readonly group?: string
  readonly state?: OrderState
  readonly orderId?: number | null
  /** As it stands in the snapshot; null: the snapshot does not tell it. */
  readonly total?: number | null
  readonly at?: number
}

export type OdooBook = {
  /** With when they were sold; `list` gives those from `since` on, in this order. */
  readonly orders: (FoundOrder & { readonly at: number })[]
  readonly asked: { readonly list: [since: number, offset: number][]; readonly look: (readonly string[])[] }
  /** In place of the answer to the call of this number, counted from 0 over `list` and `look` together. */
  answer: (call: number) => LookAnswer | null
}

export class Ledger {
  readonly disk: { refuses: StoreFailure | null } = { refuses: null }
  readonly store: Store
  readonly odoo: OdooBook = { orders: [], asked: { list: [], look: [] }, answer: () => null }
  readonly #groups = new Set<string>(['default'])
  #seq = 0

  constructor() {
    this.store = createStore(createMemoryFile('e', () => this.disk.refuses))
  }

  /** In the hub's book. */
  sell(posReference: string, sold: Sold = {}): this {
    const { group = 'default', state = 'final', orderId = 1, total = 10, at = SINCE } = sold
    this.#groups.add(group)
    this.#seq++
    const result = orderId === null ? null : { orderId, lineIdMap: new Opaque('{}'), fiscal: null }
    const where = { author: 't' as TerminalId, at } as const
    const record = {
      ...{ posReference: posReference as PosReference, state, version: this.#seq, seq: this.#seq, ...where },
      ...{ tableId: null, status: null, finalize: null, result },
    }
    const snapshot = new Opaque(JSON.stringify(total === null ? {} : { totals: { total } }))
    const entry = {
      version: this.#seq,
      baseVersion: null,
      kind: 'finalize',
      authorName: '',
      ...where,
      snapshot,
    } as const
    const change = { kind: 'order_versioned', group: group as GroupId, record, snapshot, entry, message: null } as const
    const failure = this.store.commit([change])
    if (failure !== null) throw new Error(failure.text)
    return this
  }

  /** In Odoo's book. */
  enter(posReference: string, found: Partial<FoundOrder & { readonly at: number }> = {}): this {
    const base = { orderId: 1, state: 'paid', amountTotal: 10, configId: 7, at: SINCE }
    this.odoo.orders.push({ posReference, ...base, ...found })
    return this
  }

  compare(since = SINCE): Promise<Reconciliation> {
    const groups = [...this.#groups] as GroupId[]
    return reconcile({ odoo: this.#road(), store: this.store, groups }, since)
  }

  /** The differences as "A: missing_in_odoo", or what was in the way. */
  async differences(since = SINCE): Promise<string | readonly string[]> {
    const found = await this.compare(since)
    return found.ok ? found.differences.map(({ posReference, kind }) => `${posReference}: ${kind}`) : found.text
  }

  #road(): Odoo {
    const { odoo } = this
    const answer = (orders: readonly FoundOrder[]): Promise<LookAnswer> => {
      const call = odoo.asked.list.length + odoo.asked.look.length - 1
      return Promise.resolve(odoo.answer(call) ?? { kind: 'looked', orders })
    }
    const never = () => Promise.reject(new Error('comparing changes nothing'))
    return {
      ...{ finalize: never, batch: never, probe: never },
      list: (since, offset) => {
        odoo.asked.list.push([since, offset])
        return answer(odoo.orders.filter(({ at }) => at >= since).slice(offset, offset + PAGE))
      },
      look: (references) => {
        odoo.asked.look.push(references)
        return answer(odoo.orders.filter(({ posReference }) => references.includes(posReference)))
      },
    }
  }
}
