import type { TableWords } from './hub_words.ts'

/** Tables and floors of the largest shop twice over; beyond it the oldest unheard change makes room. */
const WAITING_MAX = 4_400

type Waiting = { readonly words: TableWords; readonly beat: number }

/**
 * What tables and floors look like is not acknowledged, and only the newest look counts: it is kept until the answer
 * to a later heartbeat shows that the hub has read it, and said again on the next line if that did not come.
 */
export class Tables {
  readonly #waiting = new Map<string, Waiting>()
  readonly #say: (words: TableWords) => boolean
  #beatsSaid = 0
  #beatsHeard = 0

  constructor(say: (words: TableWords) => boolean) {
    this.#say = say
  }

  update(words: TableWords): void {
    const key = words.type === 'TABLE_UPDATE' ? `table ${words.tableId}` : `floor ${words.floorId}`
    this.#waiting.delete(key)
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size >= WAITING_MAX) this.#waiting.delete(oldest)
    this.#waiting.set(key, { words, beat: this.#beatsSaid })
    this.#say(words)
  }

  beating(): void {
    this.#beatsSaid++
  }

  /** The next heartbeat was answered. Gives how many changes may still be on their way. */
  beaten(): number {
    this.#beatsHeard++
    for (const [key, { beat }] of this.#waiting) if (beat < this.#beatsHeard) this.#waiting.delete(key)
    return this.#waiting.size
  }

  /** The heartbeats of that line are not answered any more. */
  dropped(): void {
    this.#beatsSaid = 0
    this.#beatsHeard = 0
  }

  /** On a new line: everything that may not have been heard. */
  again(): void {
    for (const [key, { words }] of [...this.#waiting]) {
      this.#waiting.set(key, { words, beat: this.#beatsSaid })
      this.#say(words)
    }
  }
}
