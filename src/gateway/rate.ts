import type { Ms } from '../protocol/mod.ts'

/** Frames in the present second; a new second begins with the first frame after the old one. */
export class Rate {
  readonly #countMax: number
  #since: Ms = Number.NEGATIVE_INFINITY
  #count = 0
  constructor(countMax: number) {
    this.#countMax = countMax
  }
  /** Counts one; false if it is too many. */
  take(now: Ms): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now
      this.#count = 0
    }
    this.#count++
    return this.#count <= this.#countMax
  }
}
