import { Asks } from './hub_asks.ts'
import { AWAY } from './hub_leases.ts'
import type { Heard, Words } from './hub_words.ts'
import type { LockAnswer, RevokedEvent, TableLockEvent } from './transport.ts'

export type LocksParts = {
  readonly name: string
  say(words: Words): boolean
  terminalId(): string | null
  revoked(event: RevokedEvent<'tableId', number>): void
  /** Who has which table is different. */
  changed(locks: readonly TableLockEvent[]): void
}

/** The tables that this terminal has, and who has the others. */
export class Locks {
  readonly #parts: LocksParts
  readonly #held = new Set<number>()
  readonly #all = new Map<number, TableLockEvent>()
  /** Let go of before the answer came. */
  readonly #leaving = new Set<number>()
  readonly #asks = new Asks<LockAnswer>()

  constructor(parts: LocksParts) {
    this.#parts = parts
  }

  isHeld(tableId: number): boolean {
    return this.#held.has(tableId)
  }

  get held(): readonly number[] {
    return [...this.#held]
  }

  acquire(tableId: number): Promise<LockAnswer> {
    return this.#ask({ type: 'TABLE_LOCK_ACQUIRE', tableId })
  }

  /** Managers only. */
  force(tableId: number, reason: string | undefined): Promise<LockAnswer> {
    return this.#ask({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId, reason })
  }

  release(tableId: number): void {
    if (this.#held.delete(tableId)) this.#parts.say({ type: 'TABLE_LOCK_RELEASE', tableId })
    else if (this.#asks.isWaiting(tableId)) this.#leaving.add(tableId)
  }

  granted({ tableId }: Heard<'TABLE_LOCK_GRANTED'>): void {
    this.#held.add(tableId)
    // The hub tells the new list to the others only.
    this.#all.set(tableId, { tableId, lockedBy: this.#parts.terminalId() ?? '', lockedByName: this.#parts.name })
    this.#asks.answer(tableId, { granted: true, tableId })
    this.#changed()
    if (this.#leaving.delete(tableId)) this.release(tableId)
  }

  denied(message: Heard<'TABLE_LOCK_DENIED'>): void {
    const { tableId, lockedBy, lockedByName, reason } = message
    this.#leaving.delete(tableId)
    this.#asks.answer(tableId, { granted: false, tableId, lockedBy, lockedByName, reason })
  }

  revoked({ tableId, reason }: { readonly tableId: number; readonly reason: string }): void {
    if (this.#held.delete(tableId)) this.#parts.revoked({ tableId, reason })
  }

  released(tableId: number): void {
    if (this.#all.delete(tableId)) this.#changed()
  }

  listed(locks: Heard<'TABLE_LOCKS_STATE'>['locks']): void {
    this.#all.clear()
    for (const { tableId, lockedBy, lockedByName } of locks) this.#all.set(tableId, { tableId, lockedBy, lockedByName })
    this.#changed()
  }

  /** Who has what, as the hub sees it: what is lost is said, what is held by mistake is let go of. */
  sync(locks: Heard<'SYNC_INIT'>['tableLocks']): void {
    this.listed(locks)
    const me = this.#parts.terminalId()
    for (const tableId of [...this.#held]) {
      const lock = this.#all.get(tableId)
      if (lock !== undefined && lock.lockedBy === me) continue
      this.revoked({ tableId, reason: lock === undefined ? 'Lock expired' : `Locked by ${lock.lockedByName}` })
    }
    for (const { tableId, lockedBy } of locks) {
      if (lockedBy === me && !this.#held.has(tableId) && !this.#asks.isWaiting(tableId)) {
        this.#parts.say({ type: 'TABLE_LOCK_RELEASE', tableId })
      }
    }
  }

  dropped(): void {
    this.#leaving.clear()
    this.#asks.dropped((key) => away(Number(key)))
  }

  #ask(words: Extract<Words, { tableId: number; type: `TABLE_LOCK_${string}` }>): Promise<LockAnswer> {
    const { tableId } = words
    this.#leaving.delete(tableId)
    return this.#asks.ask(tableId, { say: () => this.#parts.say(words), away: away(tableId) })
  }

  #changed(): void {
    this.#parts.changed([...this.#all.values()])
  }
}

function away(tableId: number): LockAnswer {
  return { granted: false, tableId, lockedBy: '', lockedByName: '', reason: AWAY }
}
