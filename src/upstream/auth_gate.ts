import type { Clock } from '../engine/ports.ts'
import { CALLS_MAX, STRANGERS_PER_SECOND_MAX, WAITING_MAX } from './auth_limits.ts'

/** How many checks go to Odoo: some at once, the others in a row, and those of unknown tokens not too fast. */
export class Gate {
  readonly #clock: Pick<Clock, 'now'>
  #running = 0
  readonly #waiting: (() => void)[] = []
  #second = Number.NEGATIVE_INFINITY
  #strangers = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Null: there is no room for it. */
  async run<T>(isStranger: boolean, work: () => Promise<T>): Promise<T | null> {
    if (isStranger && !this.#takeStranger()) return null
    if (this.#running >= CALLS_MAX) {
      if (this.#waiting.length >= WAITING_MAX) return null
      // Whoever leaves hands its place over, so that nobody who comes meanwhile takes it.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  #takeStranger(): boolean {
    const now = this.#clock.now()
    if (now - this.#second >= 1_000) {
      this.#second = now
      this.#strangers = 0
    }
    this.#strangers++
    return this.#strangers <= STRANGERS_PER_SECOND_MAX
  }
}
