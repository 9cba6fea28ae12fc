import type { OdooFailure } from '../core/odoo.ts'
import type { Clock } from '../engine/ports.ts'
import { DOUBT_FIRST_MS, DOUBT_LONGEST_MS } from './limits.ts'

/**
 * Holds a good probe back while real calls go on failing: a method that is missing, a right, a page in the way of one
 * address only. Else the probe would say "Odoo is back", all that rests would go at once and fail, and so on without a
 * pause. The first good probe after a failure is believed; from the second time on without a real call that got
 * through, each is believed later than the one before.
 */
export class Doubt {
  readonly #clock: Pick<Clock, 'now'>
  /** Good probes that were believed after a failure, and no call got through afterwards. */
  #disappointments = 0
  #isBelieved = false
  #last: { readonly failure: OdooFailure; readonly at: number } | null = null

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** How a real call ended. A lost answer says nothing: one is lost now and then. */
  heard(failure: OdooFailure | null): void {
    if (failure !== null && failure.kind === 'ambiguous') return
    if (failure === null || failure.scope === 'call') {
      this.#disappointments = 0
      this.#isBelieved = false
      this.#last = null
      return
    }
    if (this.#isBelieved) this.#disappointments++
    this.#isBelieved = false
    this.#last = { failure, at: this.#clock.now() }
  }

  /** What a good probe counts for: null, or what the last real call met. */
  judge(): OdooFailure | null {
    if (this.#last !== null && this.#disappointments > 0) {
      const waitMs = Math.min(DOUBT_FIRST_MS * 2 ** Math.min(this.#disappointments - 1, 20), DOUBT_LONGEST_MS)
      if (this.#clock.now() < this.#last.at + waitMs) return this.#last.failure
    }
    this.#isBelieved = this.#last !== null
    return null
  }
}
