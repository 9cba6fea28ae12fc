import type { Asked } from '../core/command.ts'
import type { Effect, Reply } from '../core/outcome.ts'

/** Wishes at once that wait for their turn: people and scripts, not tills. */
const WAITING_MAX = 100

const BUSY: DeskReply = { ok: false, code: 'BUSY', text: 'The hub cannot take it just now; try again in a moment.' }

export type DeskReply = Reply | { readonly ok: false; readonly code: 'BUSY'; readonly text: string }

/** Where people's wishes wait for the turn that decides them. */
export class Desk {
  readonly #submit: (command: Asked) => boolean
  readonly #waiting = new Map<number, (reply: DeskReply) => void>()
  #asks = 0

  constructor(submit: (command: Asked) => boolean) {
    this.#submit = submit
  }

  /** What became of it, once it is on the disk. */
  ask(wish: Omit<Asked, 'kind' | 'ask'>): Promise<DeskReply> {
    if (this.#waiting.size >= WAITING_MAX) return Promise.resolve(BUSY)
    this.#asks++
    const ask = this.#asks
    const { promise, resolve } = Promise.withResolvers<DeskReply>()
    this.#waiting.set(ask, resolve)
    if (!this.#submit({ kind: 'asked', ask, ...wish })) this.#answer(ask, BUSY)
    return promise
  }

  perform({ ask, reply }: Extract<Effect, { kind: 'reply' }>): void {
    this.#answer(ask, reply)
  }

  /** The turn that they were in has not happened. */
  forget(): void {
    for (const ask of [...this.#waiting.keys()]) this.#answer(ask, BUSY)
  }

  #answer(ask: number, reply: DeskReply): void {
    const told = this.#waiting.get(ask)
    this.#waiting.delete(ask)
    told?.(reply)
  }
}
