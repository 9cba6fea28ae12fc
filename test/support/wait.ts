/**
 * Waiting in tests: always for something to be so, never for a length of time, and never for ever.
 */

/** The longest that a hub on a busy machine may take for an ordinary answer. */
export const ANSWER_MS = 5_000

const LOOK_AGAIN_MS = 15

/** The promise's value, or an error that says what was waited for. */
export async function within<T>(promise: Promise<T>, ms: number, what: () => string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`after ${ms} ms still waiting for ${what()}`)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export type Until = { readonly withinMs?: number; readonly what: string }

/** For what has no event of its own: a file, an HTTP answer, a number in /proc, the time on the clock. */
export async function until(condition: () => boolean | Promise<boolean>, options: Until): Promise<void> {
  const withinMs = options.withinMs ?? ANSWER_MS
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`after ${withinMs} ms it is still not so that ${options.what}`)
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, LOOK_AGAIN_MS)
    await promise
  }
}

/** The clock has reached `time` (of `performance.now()`): for rules that are about time and have no event. */
export function clockReaches(time: number): Promise<void> {
  const withinMs = Math.max(0, time - performance.now()) + ANSWER_MS
  return until(() => performance.now() >= time, { withinMs, what: `the clock shows ${time}` })
}
