import type { Clock } from '../engine/ports.ts'

/** `setTimeout` takes 31 bits; a longer wait is done in parts. */
const WAIT_MS_MAX = 2 ** 31 - 1

export function createClock(): Clock {
  const now = () => Math.floor(performance.now())
  return {
    now,
    wall: () => Date.now(),
    at(time, wake) {
      let timer: ReturnType<typeof setTimeout>
      const wait = (waitMs: number) => {
        timer = setTimeout(look, Math.min(Math.max(0, waitMs), WAIT_MS_MAX))
      }
      // A timer may fire a moment early: then the rest is waited for too.
      const look = () => {
        const leftMs = time - now()
        if (leftMs > 0) wait(leftMs)
        else wake()
      }
      // Whole milliseconds on both sides, so that of two deadlines the earlier one is due first.
      wait(time - now())
      return () => clearTimeout(timer)
    },
  }
}
