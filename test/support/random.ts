/** One seed, one sequence: a test that fails with a seed fails with it again. */
export type Random = {
  readonly seed: number
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number
  /** Letters of several scripts, so that bytes and characters differ in number. */
  text(length: number): string
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz éñßçü 日本語 кофе 🍕🍺']

/** Mulberry32: small, and good enough to choose moments and fill orders. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (bound: number) => Math.floor(next() * bound)
  const text = (length: number) => Array.from({ length }, () => LETTERS[below(LETTERS.length)]).join('')
  return { seed, below, text }
}

/** One of them, each as often as its weight says. */
export function pickWeighted<T>(random: Random, rows: readonly (readonly [weight: number, value: T])[]): T {
  let left = random.below(rows.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, value] of rows) {
    if (left < weight) return value
    left -= weight
  }
  throw new Error('there is nothing to pick from')
}
