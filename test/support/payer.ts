import type { Shop } from './shop.ts'
import { freshMsgId, type Terminal } from './terminal.ts'

export type Sale = {
  readonly posReference: string
  readonly configId: number
  readonly msgId: string
  readonly snapshot: { readonly [key: string]: unknown }
}

/** Beyond any of these tests: what hangs is found by the test's own bound. */
const PATIENCE_MS = 120_000

/**
 * A v2 terminal that pays a number of sales, all at once, and goes on until each has been confirmed: when the hub is
 * gone it comes back and sends again what nobody has confirmed.
 */
export class Payer {
  readonly name: string
  readonly sales: readonly Sale[]
  /** Odoo's order of each sale, as the hub has said. */
  readonly confirmed = new Map<string, number>()

  constructor(name: string, { count, configId }: { readonly count: number; readonly configId: number }) {
    this.name = name
    this.sales = Array.from({ length: count }, (_, at) => {
      const posReference = `${name} sale ${at}`
      const snapshot = { status: 'paid', uuid: `uuid of ${posReference}`, totals: { total: at + 0.5 } }
      return { posReference, configId, msgId: freshMsgId(), snapshot }
    })
  }

  get isDone(): boolean {
    return this.confirmed.size === this.sales.length
  }

  /** Pays until the hub is gone or all is confirmed. */
  async pay(shop: Shop): Promise<void> {
    const till = await shop.join(this.name, { ignored: ['ORDER_UPDATED', 'HUB_STATUS', 'ORDER_FINALIZE_QUEUED'] })
    const closed = till.closed.then(() => 'closed' as const)
    for (const sale of this.sales)
      if (!this.confirmed.has(sale.posReference)) till.send({ type: 'ORDER_FINALIZE', ...sale })
    while (!this.isDone) {
      const heard = this.#hear(till)
      heard.catch(() => undefined)
      if ((await Promise.race([heard, closed])) === 'closed') return
    }
  }

  async #hear(till: Terminal): Promise<'heard'> {
    const isOurs = ({ posReference }: { posReference: string }) => posReference.startsWith(`${this.name} `)
    const { posReference, orderId, differs } = await till.next('ORDER_FINALIZED', {
      where: isOurs,
      withinMs: PATIENCE_MS,
    })
    const before = this.confirmed.get(posReference) ?? orderId
    if (before !== orderId) throw new Error(`${posReference} was order ${before} of Odoo, now it is ${orderId}`)
    if (differs === true) throw new Error(`${posReference} is said to differ from itself`)
    this.confirmed.set(posReference, orderId)
    return 'heard'
  }
}
