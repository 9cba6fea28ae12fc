import { describe, expect, test } from 'bun:test'
import { createClock } from '../../src/bun/clock.ts'
import { ANSWER_MS, within } from '../support/wait.ts'

describe('the real clock', () => {
  test('shows whole milliseconds that never go back', () => {
    const clock = createClock()
    let last = clock.now()
    for (let look = 0; look < 100_000; look++) {
      const now = clock.now()
      if (now < last || !Number.isInteger(now)) throw new Error(`${last}, then ${now}`)
      last = now
    }
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(1_000)
  })

  test('wakes each once, and never before its time', async () => {
    const clock = createClock()
    const start = clock.now()
    const all = Promise.withResolvers<void>()
    const woken: { readonly time: number; readonly at: number }[] = []
    const waits = Array.from({ length: 60 }, (_, at) => (at * 37) % 61)
    for (const wait of waits) {
      const time = start + wait
      clock.at(time, () => {
        woken.push({ time, at: clock.now() })
        if (woken.length === waits.length) all.resolve()
      })
    }
    expect(woken).toEqual([])
    await within(all.promise, ANSWER_MS, () => 'all to be woken')
    expect(woken.filter(({ time, at }) => at < time)).toEqual([])
    const times = woken.map(({ time }) => time - start)
    expect(times.toSorted((left, right) => left - right)).toEqual(waits.toSorted((left, right) => left - right))
  })

  test('wakes at once for what is over, but not before it has answered', async () => {
    const clock = createClock()
    const { promise, resolve } = Promise.withResolvers<string>()
    let isBack = false
    clock.at(clock.now() - 1_000_000, () => resolve(isBack ? 'later' : 'within'))
    isBack = true
    expect(await within(promise, ANSWER_MS, () => 'to be woken')).toBe('later')
  })

  test('wakes nobody who has called it off, nor far too early who waits for long', async () => {
    const clock = createClock()
    const woken: string[] = []
    clock.at(clock.now() + 5, () => void woken.push('called off'))()
    // 24.8 days and more do not fit into a timer of 31 bits.
    const far = [2 ** 31, 2 ** 32 + 5, 10 * 365 * 86_400_000].map((wait) => {
      return clock.at(clock.now() + wait, () => void woken.push(`after ${wait}`))
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    clock.at(clock.now() + 20, resolve)
    await within(promise, ANSWER_MS, () => 'the clock')
    for (const cancel of far) cancel()
    expect(woken).toEqual([])
  })
})
