/**
 * Which tab sends, where the browser has no locks: a lease that the tabs see in one place. Their clocks are not
 * compared, and the wall clock may jump: the holder counts up, and who waits takes over when the count stood still for
 * long enough by the waiter's own clock.
 */

export type TabLease = { readonly token: string; readonly beat: number }

export type LeaseSwap = {
  readonly expected: TabLease | null
  readonly next: TabLease | null
  /** The page is going: there is no time to compare, and the lease is surely still ours. */
  readonly isLast?: true
}

/** How often the holder counts up and others look. */
export const BEAT_MS = 2_000
/** Without a beat on the disk for so long, the holder is it no more. */
export const LAPSE_MS = 5_000
/** Longer than `LAPSE_MS`: the holder has stopped before somebody else begins. */
export const TAKE_MS = 8_000

export function sameLease(left: TabLease | null, right: TabLease | null): boolean {
  return left?.token === right?.token && left?.beat === right?.beat
}

export type LeaseOptions = {
  readonly swap: (
    swap: LeaseSwap,
  ) => Promise<{ readonly kind: 'swapped'; readonly lease: TabLease | null } | { readonly kind: 'failed' }>
  readonly token: string
  readonly now: () => number
  readonly at: (time: number, wake: () => void) => () => void
  readonly run: () => void
  readonly stop: () => void
}

/** One tab that wants to send. */
export class LeaseContender {
  readonly #options: LeaseOptions
  /** The lease as it was last seen, and since when it is so. */
  #seen: TabLease | null = null
  #seenAt: number
  #isMine = false
  #hasLeft = false
  #isLooking = false
  /** Grows when the lease is given back: the answer of a beat from before counts no more. */
  #round = 0
  /** Where it is ours: until when, unless a beat is written. */
  #mineUntil = 0
  #callOffLook: () => void = () => undefined
  #callOffLapse: () => void = () => undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#seenAt = options.now()
  }

  /** Looks now and not only at the next beat: something has happened. */
  look(): void {
    if (this.#hasLeft || this.#isLooking) return
    this.#isLooking = true
    this.#callOffLook()
    this.#beat()
      .finally(() => {
        this.#isLooking = false
        if (!this.#hasLeft) this.#callOffLook = this.#after(BEAT_MS, () => this.look())
      })
      .catch(() => undefined)
  }

  /** Gives the lease back, so that another tab need not wait until it has run out. Settles when that is written. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#callOffLook()
    await this.rest()
  }

  /** The page is being left, and may come back: gives the lease back, and looks again if it does. */
  async rest(): Promise<void> {
    const { swap, now } = this.#options
    const wasMine = this.#isMine && now() < this.#mineUntil
    this.#round += 1
    this.#lose()
    if (wasMine) await swap({ expected: this.#seen, next: null, isLast: true })
  }

  async #beat(): Promise<void> {
    const { swap, token, now } = this.#options
    const startedAt = now()
    const round = this.#round
    const next = this.#wanted(startedAt)
    const answer = await swap({ expected: this.#seen, next })
    if (answer.kind === 'failed') return
    if (round !== this.#round) {
      // The answer came after this tab had gone: what it took then is given back.
      if (answer.lease?.token === token) await swap({ expected: answer.lease, next: null })
      return
    }
    if (!sameLease(answer.lease, this.#seen)) {
      this.#seen = answer.lease
      this.#seenAt = now()
    }
    if (answer.lease?.token !== token) this.#lose()
    else if (sameLease(answer.lease, next)) this.#hold(startedAt + LAPSE_MS)
  }

  /** What the lease should be next: ours, if it is free, ours already, or has stood still; else as it is. */
  #wanted(now: number): TabLease | null {
    const { token } = this.#options
    if (this.#seen?.token === token) return { token, beat: this.#seen.beat + 1 }
    const isFree = this.#seen === null || now - this.#seenAt >= TAKE_MS
    return isFree ? { token, beat: 0 } : this.#seen
  }

  /** Counted from before the beat was written: others saw it later. */
  #hold(until: number): void {
    this.#mineUntil = until
    this.#callOffLapse()
    const { now, at } = this.#options
    if (now() >= until) {
      this.#lose()
      return
    }
    this.#callOffLapse = at(until, () => this.#lose())
    if (this.#isMine) return
    this.#isMine = true
    this.#options.run()
  }

  #lose(): void {
    this.#callOffLapse()
    if (!this.#isMine) return
    this.#isMine = false
    this.#options.stop()
  }

  #after(ms: number, wake: () => void): () => void {
    return this.#options.at(this.#options.now() + ms, wake)
  }
}
