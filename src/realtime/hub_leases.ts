import { Asks } from './hub_asks.ts'
import type { Heard, Words } from './hub_words.ts'
import type { LeaseAnswer, RevokedEvent } from './transport.ts'

export type LeasesParts = {
  say(words: Words): boolean
  revoked(event: RevokedEvent<'posReference', string>): void
}

export const AWAY = 'The hub cannot be reached just now.'

/**
 * The orders that this terminal may write. Some are borrowed: held only until what waits in the outbox for them is
 * sent, because the caller never asked, has let go already, or is gone with an earlier page.
 */
export class Leases {
  readonly #parts: LeasesParts
  readonly #fences = new Map<string, number>()
  readonly #borrowed = new Set<string>()
  /** Let go of before the answer came. */
  readonly #leaving = new Set<string>()
  readonly #asks = new Asks<LeaseAnswer>()

  constructor(parts: LeasesParts) {
    this.#parts = parts
  }

  isHeld(posReference: string): boolean {
    return this.#fences.has(posReference) && !this.#borrowed.has(posReference)
  }

  /** Of the grant that is held, borrowed ones too. */
  fenceOf(posReference: string): number | undefined {
    return this.#fences.get(posReference)
  }

  get held(): readonly string[] {
    return [...this.#fences.keys()]
  }

  acquire(posReference: string, version: number, force: boolean): Promise<LeaseAnswer> {
    this.#borrowed.delete(posReference)
    this.#leaving.delete(posReference)
    return this.#ask(posReference, version, force)
  }

  /** For what waits in the outbox. */
  borrow(posReference: string, version: number): Promise<LeaseAnswer> {
    if (!this.#fences.has(posReference)) this.#borrowed.add(posReference)
    return this.#ask(posReference, version, false)
  }

  /** `isNeeded`: something of this order is still to be sent, and the lease is let go of after that. */
  release(posReference: string, isNeeded: boolean): void {
    if (isNeeded) this.#borrowed.add(posReference)
    else this.#letGo(posReference)
  }

  /** Nothing of this order waits any more. */
  idle(posReference: string): void {
    if (this.#borrowed.has(posReference)) this.#letGo(posReference)
  }

  granted(message: Heard<'LEASE_GRANTED'>): void {
    const { posReference, version, fence } = message
    this.#fences.set(posReference, fence)
    this.#asks.answer(posReference, { granted: true, posReference, version })
    if (this.#leaving.delete(posReference)) this.#letGo(posReference)
  }

  denied(message: Heard<'LEASE_DENIED'>): void {
    const { posReference, holder, holderName, reason, code } = message
    this.#leaving.delete(posReference)
    this.#asks.answer(posReference, { granted: false, posReference, holder, holderName, reason, code })
  }

  revoked({ posReference, reason }: { readonly posReference: string; readonly reason: string }): void {
    const wasHeld = this.isHeld(posReference)
    this.forget(posReference)
    if (wasHeld) this.#parts.revoked({ posReference, reason })
  }

  /** The hub has let go of it by itself, with what it just answered. */
  forget(posReference: string): void {
    this.#fences.delete(posReference)
    this.#borrowed.delete(posReference)
  }

  /** Who holds what, as the hub sees it: what is lost is said, what is held by mistake is let go of. */
  sync(leases: Heard<'SYNC_INIT'>['leases'], terminalId: string | null): void {
    const holders = new Map<string, Heard<'SYNC_INIT'>['leases'][number]>()
    for (const lease of leases) holders.set(lease.posReference, lease)
    for (const posReference of [...this.#fences.keys()]) {
      const lease = holders.get(posReference)
      if (lease !== undefined && lease.holder === terminalId) continue
      this.revoked({ posReference, reason: lease === undefined ? 'Lease expired' : `Held by ${lease.holderName}` })
    }
    for (const { posReference, holder } of leases) {
      if (holder === terminalId && !this.#fences.has(posReference) && !this.#asks.isWaiting(posReference)) {
        this.#parts.say({ type: 'LEASE_RELEASE', posReference })
      }
    }
  }

  dropped(): void {
    this.#leaving.clear()
    this.#asks.dropped((key) => away(String(key)))
  }

  #ask(posReference: string, baseVersion: number, force: boolean): Promise<LeaseAnswer> {
    const words: Words = { type: 'LEASE_ACQUIRE', posReference, baseVersion, ...(force ? { force } : {}) }
    return this.#asks.ask(posReference, { say: () => this.#parts.say(words), away: away(posReference) })
  }

  #letGo(posReference: string): void {
    this.#borrowed.delete(posReference)
    if (this.#fences.delete(posReference)) this.#parts.say({ type: 'LEASE_RELEASE', posReference })
    else if (this.#asks.isWaiting(posReference)) this.#leaving.add(posReference)
  }
}

function away(posReference: string): LeaseAnswer {
  return { granted: false, posReference, holder: '', holderName: '', reason: AWAY, code: 'HUB_UNAVAILABLE' }
}
