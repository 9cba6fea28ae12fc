import type { BatchAnswer, FinalizeAnswer, LookAnswer, ProbeAnswer } from '../../src/core/odoo.ts'
import type { Odoo, OdooOrder } from '../../src/engine/ports.ts'
import { Opaque } from '../../src/protocol/mod.ts'
import { failureOf } from '../../src/upstream/failure.ts'

/** A road to Odoo without a network: it answers in the same turn, and is away when it is told to be. */
export class FakeOdoo implements Odoo {
  isAway = false
  readonly calls = { finalize: 0, batch: 0, look: 0, probe: 0 }
  /** In the order in which they were made. */
  readonly made: { readonly posReference: string; readonly configId: number | null }[] = []
  /** The most calls of one configuration at a time. */
  peak = 0
  readonly #flying = new Map<number | null, number>()

  async finalize({ posReference, configId }: OdooOrder): Promise<FinalizeAnswer> {
    this.calls.finalize++
    if (this.isAway) return AWAY
    const flying = (this.#flying.get(configId) ?? 0) + 1
    this.#flying.set(configId, flying)
    this.peak = Math.max(this.peak, flying)
    // Others get their turn while this one is on its way.
    await new Promise((resolve) => setImmediate(resolve))
    this.#flying.set(configId, flying - 1)
    this.made.push({ posReference, configId })
    const orderId = this.made.length
    return { kind: 'made', orderId, lineIdMap: new Opaque('{}'), fiscal: null, created: true }
  }

  async batch(): Promise<BatchAnswer> {
    this.calls.batch++
    return this.isAway ? AWAY : { kind: 'batched', results: new Map() }
  }

  async look(): Promise<LookAnswer> {
    this.calls.look++
    return this.isAway ? AWAY : { kind: 'looked', orders: [] }
  }

  list(): Promise<LookAnswer> {
    return this.look()
  }

  async probe(): Promise<ProbeAnswer> {
    this.calls.probe++
    return { kind: 'probed', failure: this.isAway ? AWAY.failure : null }
  }
}

const AWAY = { kind: 'failed', failure: failureOf('CONNECTION_REFUSED') } as const
