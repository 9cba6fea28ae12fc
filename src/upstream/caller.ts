import type { OdooAnswered } from '../core/command.ts'
import type { CallItem, OdooAnswer, OdooCall, OdooFailure } from '../core/odoo.ts'
import type { Order } from '../core/state.ts'
import type { Odoo, OdooOrder } from '../engine/ports.ts'

export type CallerParts = {
  readonly odoo: Odoo
  /** From 0 up to 1. */
  chance(): number
  /** To the engine. */
  submit(command: OdooAnswered): void
  /** The order as it is now; null where the disk cannot say. */
  orderAt(item: CallItem): Pick<Order, 'record' | 'snapshot'> | null
}

/** What could not be sent was not carried out. */
const UNREADABLE: OdooFailure = {
  kind: 'transient',
  code: 'UNAVAILABLE',
  text: 'The hub could not read the order from its disk just now.',
  scope: 'call',
  mayHaveLanded: false,
  retryAfterMs: null,
}

/**
 * Makes the calls that the core decided on, and brings back what came of them. It remembers nothing but which
 * references are in flight: after the engine has read its memory anew, the core does not know them, and a second call
 * for one of them waits until the first is over.
 */
export class Caller {
  readonly #parts: CallerParts
  readonly #flying = new Map<string, Promise<void>>()
  #age = 0
  #running = 0
  #isClosed = false
  readonly #whenIdle: (() => void)[] = []

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  perform(call: OdooCall): void {
    // Its intent is on the disk: the next start looks what became of it.
    if (this.#isClosed) return
    const age = this.#age
    this.#running++
    void this.#make(call, age).then(() => {
      this.#running--
      if (this.#running === 0) for (const told of this.#whenIdle.splice(0)) told()
    })
  }

  /** The engine has read its memory anew: what comes back for calls made before means nothing to it. */
  forget(): void {
    this.#age++
  }

  /** Nothing is called any more, and what still comes back is not told. */
  close(): void {
    this.#isClosed = true
    this.forget()
  }

  /** When no call is in flight. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  async #make(call: OdooCall, age: number): Promise<void> {
    const references = call.what === 'finalize' || call.what === 'batch' ? call.items.map(referenceOf) : []
    const before = references.flatMap((reference) => this.#flying.get(reference) ?? [])
    const done = Promise.withResolvers<void>()
    for (const reference of references) this.#flying.set(reference, done.promise)
    if (before.length > 0) await Promise.all(before)
    const result = age === this.#age ? await this.#ask(call) : null
    for (const reference of references) {
      if (this.#flying.get(reference) === done.promise) this.#flying.delete(reference)
    }
    done.resolve()
    if (result === null || age !== this.#age) return
    this.#parts.submit({ kind: 'odoo_answered', call: call.id, result, chance: this.#parts.chance() })
  }

  async #ask(call: OdooCall): Promise<OdooAnswer> {
    const { odoo } = this.#parts
    const { what, items } = call
    switch (what) {
      case 'probe':
        return { what, answer: await odoo.probe() }
      case 'look':
      case 'sweep':
        return { what, answer: await odoo.look(items.map(referenceOf)) }
      case 'finalize': {
        const [order] = this.#ordersOf(call)
        if (order === undefined) return { what, answer: { kind: 'failed', failure: UNREADABLE } }
        return { what, answer: await odoo.finalize(order) }
      }
      case 'batch': {
        // One that cannot be read is missing in the answer, and so tried again.
        const orders = this.#ordersOf(call)
        if (orders.length === 0) return { what, answer: { kind: 'failed', failure: UNREADABLE } }
        return { what, answer: await odoo.batch(orders) }
      }
    }
  }

  #ordersOf({ items, what }: OdooCall): OdooOrder[] {
    const isBatch = what === 'batch'
    return items.flatMap((item) => {
      const order = this.#parts.orderAt(item)
      // Paid in the very turn that began the batch: a payment goes its own road.
      if (order === null || (isBatch && order.record.state === 'finalizing')) return []
      const { posReference, configId } = item
      return [{ posReference, configId, snapshot: order.snapshot, isDiscarded: order.record.state === 'discarded' }]
    })
  }
}

function referenceOf({ posReference }: CallItem): CallItem['posReference'] {
  return posReference
}
