import type { KnownToken } from '../core/state.ts'
import type { Clock, Identity } from '../engine/ports.ts'
import type { Ms } from '../protocol/mod.ts'
import { CLOCK_SET_SINCE_MS, FRESH_MS } from './auth_limits.ts'

/** Where the tokens that Odoo found good are kept: in the hub's memory and on its disk, by their digests. */
export type TokenShelf = {
  known(digest: string): KnownToken | null
  /** Null: it is forgotten. */
  learn(digest: string, token: KnownToken | null): void
}

/**
 * What a good answer of Odoo is still worth. Ages are by the wall clock, as no other one goes on while the hub is off,
 * and that clock may be wrong in both directions:
 *
 * A check that lies ahead of the clock has no age that anybody knows. It is never fresh: then Odoo is asked, and its
 * answer gets a date that the clock agrees with. While Odoo is away it holds as if it were as old as it lies ahead: the
 * clock of a small computer comes back from a power cut some days behind, and the shop opens all the same; a date that a
 * mad clock once wrote into the far future ends within the same time.
 *
 * A clock from before 2026 is not set at all: a computer without a battery begins in 1970 until it finds a time server,
 * and without internet it finds none, on the very day for which answers are kept. Then what was found good holds, and
 * nothing else gets in.
 */
export class TokenMemory {
  readonly #shelf: TokenShelf
  readonly #clock: Pick<Clock, 'wall'>
  readonly #holdMs: Ms

  constructor(shelf: TokenShelf, options: { readonly clock: Pick<Clock, 'wall'>; readonly holdMs: Ms }) {
    this.#shelf = shelf
    this.#clock = options.clock
    this.#holdMs = options.holdMs
  }

  find(digest: string): KnownToken | null {
    return this.#shelf.known(digest)
  }

  /** Good without asking. */
  isFresh(known: KnownToken): boolean {
    const wall = this.#clock.wall()
    const age = wall - known.checkedAt
    return isSet(wall) && age >= 0 && age < FRESH_MS
  }

  /** Good as long as Odoo says nothing. */
  holds(known: KnownToken): boolean {
    const wall = this.#clock.wall()
    if (!isSet(wall)) return this.#holdMs > 0
    return Math.abs(wall - known.checkedAt) < this.#holdMs
  }

  /** A clock that is not set puts no date over a better one: the check would look 50 years old once it is set. */
  keep(digest: string, { subject, name, role, configIds }: Identity): void {
    const wall = this.#clock.wall()
    const before = this.find(digest)
    const checkedAt = isSet(wall) || before === null ? wall : before.checkedAt
    this.#shelf.learn(digest, { digest, subject, name, role, configIds, checkedAt })
  }

  forget(digest: string): void {
    if (this.find(digest) !== null) this.#shelf.learn(digest, null)
  }
}

function isSet(wall: Ms): boolean {
  return wall >= CLOCK_SET_SINCE_MS
}
