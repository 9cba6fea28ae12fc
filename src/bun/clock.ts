import type { Clock } from '../engine/ports.ts'

/** `setTimeout` takes 31 bits; a longer wait wakes up early and is asked for again. */
const WAIT_MS_MAX = 2 ** 31 - 1

export function createClock(): Clock {
  return {
    now: () => Math.floor(performance.now()),
    wall: () => Date.now(),
    at(time, wake) {
      const waitMs = Math.min(Math.max(0, Math.ceil(time - performance.now())), WAIT_MS_MAX)
      const timer = setTimeout(wake, waitMs)
      return () => clearTimeout(timer)
    },
  }
}
