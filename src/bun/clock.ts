import type { Clock } from '../engine/ports.ts'

/** `setTimeout` takes 31 bits; a longer wait is done in parts. */
const WAIT_MS_MAX = 2 ** 31 - 1

export function createClock(): Clock {
  return {
    now: () => Math.floor(performance.now()),
    wall: () => Date.now(),
    at(time, wake) {
      let timer: ReturnType<typeof setTimeout>
      // A timer may fire a fraction of a millisecond early: then the rest is waited for too.
      const wait = () => {
        const leftMs = time - performance.now()
        if (leftMs <= 0) return wake()
        timer = setTimeout(wait, Math.min(Math.ceil(leftMs), WAIT_MS_MAX))
      }
      timer = setTimeout(wait, Math.min(Math.max(0, Math.ceil(time - performance.now())), WAIT_MS_MAX))
      return () => clearTimeout(timer)
    },
  }
}
