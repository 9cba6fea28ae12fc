/** How old what the screen shows may be: counted from the last moment at which it was known to be in step. */
export class Freshness {
  readonly #now: () => number
  #heardAt = Number.NEGATIVE_INFINITY
  #isBehind = true

  constructor(now: () => number) {
    this.#now = now
  }

  /** Something came, and nothing before it is missing. */
  heard(): void {
    if (!this.#isBehind) this.#heardAt = this.#now()
  }

  /** Everything is here. */
  synced(): void {
    this.#isBehind = false
    this.heard()
  }

  /** Something is missing, or nobody is there to tell: the age grows until `synced`. */
  behind(): void {
    this.#isBehind = true
  }

  /** Milliseconds; Infinity before anything was known. */
  ageMs(): number {
    return Math.max(0, this.#now() - this.#heardAt)
  }
}
