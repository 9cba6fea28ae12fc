import { Bases, type Draft, isFollower } from './hub_draft.ts'
import { isTooLarge, NO_ROOM, type Outcome, outcomeElsewhere } from './hub_outcome.ts'
import { snapshotOf, type Words, wordsOf } from './hub_words.ts'
import type { NewEntry, Outbox, OutboxEntry } from './outbox.ts'
import type { ConflictEvent, Refusal } from './transport.ts'

export type OutgoingParts = {
  readonly outbox: Outbox
  uuid(): string
  isReady(): boolean
  /** An old hub acknowledges nothing, and knows neither discards nor what was settled elsewhere. */
  isOld(): boolean
  say(words: Words): boolean
  fenceOf(posReference: string): number | undefined
  /** Said to an old hub. */
  said(entry: OutboxEntry): void
  /** Nothing waits for that order any more. */
  idle(posReference: string): void
  conflict(event: ConflictEvent): void
}

/** Orders whose changes are on their way at once: the hub takes 2,000 frames a second and writes them in batches. */
const IN_FLIGHT_MAX = 64

/**
 * From the outbox to the hub. One change of an order is on its way at a time, in the order in which they were made;
 * it is sent again, under the same name, on every new line until the hub has said what became of it.
 *
 * This tab sends what it wrote itself, because it holds the leases for that, and, when it is this tab's turn, what an
 * earlier page left behind. Where two tabs send one entry, its msgId makes one of it.
 */
export class Outgoing {
  readonly #parts: OutgoingParts
  readonly #bases = new Bases()
  readonly #waiters = new Map<string, (outcome: Outcome) => void>()
  /** This tab's, until they are settled, with their orders. */
  readonly #own = new Map<string, string>()
  /** By order, the entry that is on its way. */
  readonly #inFlight = new Map<string, string>()
  /** Orders that cannot go on just now: held by another, or the hub is full. */
  readonly #deferred = new Set<string>()
  /** Entries whose road is another one, or whose mark the disk did not take. */
  readonly #held = new Set<string>()
  /** What became of them is known here, and they are on their way out of the outbox, or refused in it. */
  readonly #gone = new Set<string>()
  /** This tab's, on the disk and not settled. */
  readonly #written = new Map<string, NewEntry>()
  /** Of other tabs, and there for a while: whoever wrote them would have sent them. */
  readonly #left = new Set<string>()
  #adding: Promise<unknown> = Promise.resolve()
  #isMine = false
  #line = 0
  readonly #ends: (() => void)[] = []

  constructor(parts: OutgoingParts) {
    this.#parts = parts
  }

  /** From now on it sends. */
  open(): void {
    const { outbox } = this.#parts
    if (this.#ends.length > 0) return
    this.#ends.push(
      outbox.onChange(() => this.#changed()),
      outbox.whileMine(
        () => this.#turn(true),
        () => this.#turn(false),
      ),
    )
  }

  /** Until `open`; what waits stays where it is. */
  close(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#isMine = false
  }

  get bases(): Bases {
    return this.#bases
  }

  /** Writes it down, sends it when its turn comes, and settles when it is known what became of it. */
  async send(draft: Draft): Promise<Outcome> {
    const id = this.#parts.uuid()
    const entry = this.#bases.place(id, draft, this.#waiting(draft.posReference).pop())
    this.#own.set(id, draft.posReference)
    const settled = new Promise<Outcome>((resolve) => this.#waiters.set(id, resolve))
    const adding = this.#adding.then(() => this.#parts.outbox.add(entry))
    this.#adding = adding
    if (await adding) {
      if (this.#waiters.has(id)) this.#written.set(id, entry)
      this.pump()
    } else this.#settle(entry, NO_ROOM)
    return settled
  }

  /** Whether something of that order is still to be said. */
  hasMore(posReference: string): boolean {
    return this.#waiting(posReference).length > 0 || [...this.#own.values()].includes(posReference)
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (!this.#parts.isReady()) return
    const seen = new Set<string>()
    for (const entry of this.#parts.outbox.entries()) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX) return
      if (!this.#isWaiting(entry) || seen.has(entry.posReference)) continue
      seen.add(entry.posReference)
      if (this.#mayStart(entry)) void this.#start(entry)
    }
  }

  /** The line is gone: what was on its way is sent again on the next one. */
  dropped(): void {
    this.#line++
    this.#inFlight.clear()
    this.#deferred.clear()
  }

  /** That order, or any if none is named, may be tried again. */
  again(posReference?: string): void {
    if (posReference === undefined) this.#deferred.clear()
    else this.#deferred.delete(posReference)
    this.#held.clear()
    this.pump()
  }

  /** Tries the order again when `again` is called. */
  defer(entry: OutboxEntry): void {
    this.#deferred.add(entry.posReference)
    this.#landed(entry)
  }

  /** Tries it again now. */
  resend(entry: OutboxEntry): void {
    this.#landed(entry)
    this.pump()
  }

  /** The entry on its way that an answer is about: by its name, or, from an old hub, by its order. */
  answered(msgId: string | undefined, posReference: string): OutboxEntry | undefined {
    const id = msgId ?? (this.#parts.isOld() ? this.#inFlight.get(posReference) : undefined)
    return id === undefined ? undefined : this.#parts.outbox.entries().find((entry) => entry.id === id)
  }

  /** The entry of that order that is on its way. */
  underway(posReference: string): OutboxEntry | undefined {
    return this.answered(this.#inFlight.get(posReference), posReference)
  }

  /** The other side has it. What was in conflict before it is thereby resolved. */
  async accepted(entry: OutboxEntry, outcome: Outcome): Promise<void> {
    const { outbox, idle } = this.#parts
    this.#gone.add(entry.id)
    this.#settle(entry, outcome)
    await outbox.done(entry.id)
    for (const one of outbox.entries()) {
      const isResolved = one.posReference === entry.posReference && one.n < entry.n && one.refused?.code === 'CONFLICT'
      if (isResolved) await outbox.dismiss(one.id)
    }
    this.#landed(entry)
    if (!this.hasMore(entry.posReference)) idle(entry.posReference)
    this.pump()
  }

  /** It stays, visible, with the reason. */
  async refuse(entry: OutboxEntry, refusal: Refusal): Promise<void> {
    this.#gone.add(entry.id)
    await this.#parts.outbox.refuse(entry.id, { code: refusal.code, message: refusal.message })
    this.#settle(entry, { kind: 'refused', refusal })
    this.#landed(entry)
    if (!this.hasMore(entry.posReference)) this.#parts.idle(entry.posReference)
    this.pump()
  }

  /**
   * Another version is stored. What was written behind the entry, without knowing this, is in conflict too; the last
   * one goes first, so that a page that ends in between finds the first one, and with it the conflict, again.
   */
  async conflicted(entry: OutboxEntry, stored: Pick<ConflictEvent, 'hubVersion' | 'hubSnapshot'>): Promise<void> {
    const { outbox } = this.#parts
    const { posReference } = entry
    const why = { code: 'CONFLICT', message: 'The order was changed since the terminal read it.' }
    const all: OutboxEntry[] = []
    for (let rest = this.#blind(entry); rest.length > 0; rest = this.#blind(entry)) {
      for (const one of rest.reverse()) {
        all.push(one)
        this.#gone.add(one.id)
        await outbox.refuse(one.id, why)
      }
    }
    const newest = all.reduce((last, one) => (one.n > last.n ? one : last), entry)
    const conflict = { posReference, ...stored, local: snapshotOf(newest), entryIds: all.map(({ id }) => id) }
    for (const one of all) this.#settle(one, { kind: 'conflict', conflict })
    this.#landed(entry)
    if (!this.hasMore(posReference)) this.#parts.idle(posReference)
    this.#parts.conflict(conflict)
    this.pump()
  }

  /** A heartbeat long has passed. */
  beat(): void {
    this.#leave()
    this.again()
  }

  #turn(isMine: boolean): void {
    this.#isMine = isMine
    this.#leave()
    this.pump()
  }

  #leave(): void {
    this.#left.clear()
    for (const { id } of this.#parts.outbox.entries()) this.#left.add(id)
  }

  #changed(): void {
    this.#held.clear()
    const kept = new Map(this.#parts.outbox.entries().map((entry) => [entry.id, entry]))
    for (const [id, entry] of [...this.#written]) {
      const outcome = this.#gone.has(id) ? null : outcomeElsewhere(entry, kept.get(id))
      if (outcome !== null) this.#settle(entry, outcome)
    }
    for (const id of [...this.#gone]) if (!kept.has(id)) this.#gone.delete(id)
    this.pump()
  }

  #isWaiting(entry: OutboxEntry): boolean {
    return entry.refused === null && !this.#gone.has(entry.id)
  }

  #waiting(posReference: string): OutboxEntry[] {
    return this.#parts.outbox.entries().filter((one) => one.posReference === posReference && this.#isWaiting(one))
  }

  /** The entry, and those behind it that rest on it. */
  #blind(entry: OutboxEntry): OutboxEntry[] {
    return this.#waiting(entry.posReference).filter(
      (one) => one.id === entry.id || (one.n > entry.n && isFollower(one)),
    )
  }

  #mayStart({ id, posReference, payload }: OutboxEntry): boolean {
    if (this.#inFlight.has(posReference) || this.#deferred.has(posReference) || this.#held.has(id)) return false
    if (this.#parts.isOld() && payload['settled'] !== undefined) return false
    return this.#own.has(id) || (this.#isMine && this.#left.has(id))
  }

  async #start(entry: OutboxEntry): Promise<void> {
    const { outbox, fenceOf, say, isOld, said } = this.#parts
    const { id, posReference, road, payload } = entry
    const line = this.#line
    this.#inFlight.set(posReference, id)
    // What was settled on the direct road is only told: that road keeps it, and it begins nothing here.
    const may = payload['settled'] !== undefined || road === 'hub' || (await outbox.begin(id, 'hub'))
    if (line !== this.#line) return
    if (!may) {
      this.#held.add(id)
      return this.#landed(entry)
    }
    const words = wordsOf(entry, fenceOf(posReference))
    if (isTooLarge(words)) {
      return this.refuse(entry, { code: 'TOO_LARGE', message: 'The order is too large to be sent.', next: 'never' })
    }
    if (say(words) && isOld()) said(entry)
  }

  /** It is not on its way any more. */
  #landed({ id, posReference }: OutboxEntry): void {
    if (this.#inFlight.get(posReference) === id) this.#inFlight.delete(posReference)
  }

  #settle(entry: Pick<OutboxEntry, 'id' | 'posReference'>, outcome: Outcome): void {
    this.#bases.settled(entry)
    this.#own.delete(entry.id)
    this.#written.delete(entry.id)
    const settle = this.#waiters.get(entry.id)
    this.#waiters.delete(entry.id)
    settle?.(outcome)
  }
}
