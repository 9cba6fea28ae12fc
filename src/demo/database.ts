import { ORDERS_MAX } from './limits.ts'
import { type DemoOrder, printOrder, readOrder } from './order.ts'
import type { DemoShelf } from './shelf.ts'

/** Whether a till's session stands open; the id changes with each opening. */
export type DemoPosSession = { readonly id: number; readonly configId: number; readonly open: boolean }

const FISCAL_SERIES = 'E31'
const FISCAL_DIGITS = 10

/** The configurations whose sessions stand open at first. */
const CONFIGS = [1, 2, 3]

export class Database {
  readonly #shelf: DemoShelf
  readonly #orders = new Map<number, DemoOrder>()
  readonly #idsOf = new Map<string, number[]>()
  readonly #sessions = new Map<number, DemoPosSession>()
  #lastOrderId = 0
  #lastLineId = 0
  #lastFiscal = 0
  #lastSessionId = 0

  constructor(shelf: DemoShelf) {
    this.#shelf = shelf
    for (const line of shelf.load()) {
      const order = readOrder(line)
      if (order !== null) this.#learn(order)
    }
    for (const configId of CONFIGS) this.openSession(configId)
  }

  /** All of them, oldest first. */
  orders(): readonly DemoOrder[] {
    return [...this.#orders.values()]
  }

  /** Oldest first; more than one only where uniqueness is not enforced. */
  ordersOf(reference: string): readonly DemoOrder[] {
    return (this.#idsOf.get(reference) ?? []).flatMap((id) => this.#orders.get(id) ?? [])
  }

  isFull(): boolean {
    return this.#orders.size >= ORDERS_MAX
  }

  put(order: DemoOrder): void {
    this.#learn(order)
    this.#shelf.append(printOrder(order))
  }

  nextOrderId(): number {
    return this.#lastOrderId + 1
  }

  /** Ids of `count` new lines. */
  takeLineIds(count: number): readonly number[] {
    const first = this.#lastLineId + 1
    this.#lastLineId += count
    return Array.from({ length: count }, (_, at) => first + at)
  }

  /** Rises by one with each paid order that is put. */
  nextFiscalNumber(): string {
    return `${FISCAL_SERIES}${String(this.#lastFiscal + 1).padStart(FISCAL_DIGITS, '0')}`
  }

  sessions(): readonly DemoPosSession[] {
    return [...this.#sessions.values()]
  }

  openSessionOf(configId: number): DemoPosSession | null {
    const session = this.#sessions.get(configId)
    return session?.open === true ? session : null
  }

  openSession(configId: number): void {
    if (this.openSessionOf(configId) !== null) return
    this.#lastSessionId += 1
    this.#sessions.set(configId, { id: this.#lastSessionId, configId, open: true })
  }

  closeSession(configId: number): void {
    const session = this.#sessions.get(configId)
    if (session !== undefined) this.#sessions.set(configId, { ...session, open: false })
  }

  #learn(order: DemoOrder): void {
    if (!this.#orders.has(order.id)) {
      if (this.isFull()) return
      const ids = this.#idsOf.get(order.posReference) ?? []
      this.#idsOf.set(order.posReference, [...ids, order.id])
    }
    this.#orders.set(order.id, order)
    this.#lastOrderId = Math.max(this.#lastOrderId, order.id)
    for (const id of Object.values(order.lineIdMap)) this.#lastLineId = Math.max(this.#lastLineId, id)
    if (order.ncf !== null) this.#lastFiscal = Math.max(this.#lastFiscal, Number(order.ncf.slice(FISCAL_SERIES.length)))
  }
}
