import type { Surroundings } from './surroundings.ts'

export type BackOff = { readonly firstMs: number; readonly longestMs: number }

/** A hub that restarts is back in a second; forty tills that ask every 30 s do not hinder one that is ill. */
export const BACK_OFF: BackOff = { firstMs: 1_000, longestMs: 30_000 }

/** A session of this length was a good one: the next trouble begins anew with a short wait. */
export const STEADY_MS = 5_000

export type ReconnectParts = {
  readonly surroundings: Pick<Surroundings, 'now' | 'at' | 'random'>
  readonly backOff?: BackOff | undefined
  /** Tries once. */
  attempt(): void
}

/** When to try again: after a wait that doubles, spread by chance so that not all tills of a shop knock at once. */
export class Reconnect {
  readonly #parts: ReconnectParts
  #failures = 0
  #steadySince: number | null = null
  #retryAt: number | null = null
  #cancel: () => void = () => undefined

  constructor(parts: ReconnectParts) {
    this.#parts = parts
  }

  /** On `now()`; null while nothing is planned. */
  get retryAt(): number | null {
    return this.#retryAt
  }

  /** Signed in. */
  ready(): void {
    this.#steadySince = this.#parts.surroundings.now()
  }

  /** The line is gone, or did not come about: plans the next try. */
  failed(): void {
    const { surroundings, backOff = BACK_OFF } = this.#parts
    const now = surroundings.now()
    if (this.#steadySince !== null && now - this.#steadySince >= STEADY_MS) this.#failures = 0
    this.stop()
    const ceilingMs = Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(this.#failures + 1, 16))
    this.#failures++
    this.#retryAt = now + backOff.firstMs + surroundings.random() * Math.max(0, ceilingMs - backOff.firstMs)
    this.#cancel = surroundings.at(this.#retryAt, () => this.#try())
  }

  /** Something says that it may work now: does not wait any longer, if it was waiting. */
  hurry(): void {
    if (this.#retryAt === null) return
    this.#failures = 0
    this.#try()
  }

  stop(): void {
    this.#cancel()
    this.#cancel = () => undefined
    this.#retryAt = null
    this.#steadySince = null
  }

  #try(): void {
    this.stop()
    this.#parts.attempt()
  }
}
