import { describe, expect, test } from 'bun:test'
import { Doubt } from '../../src/upstream/doubt.ts'
import { failureOf } from '../../src/upstream/failure.ts'
import { FakeClock } from '../engine/fake_clock.ts'

const MISSING = failureOf('ADDON_MISSING')

/** A call fails, and the probe after it is good: how long until it is believed. */
function believedAfterMs(doubt: Doubt, clock: FakeClock): number {
  doubt.heard(MISSING)
  let ms = 0
  for (; doubt.judge() !== null; ms += 500) clock.advance(500)
  return ms
}

describe('a good probe while calls fail', () => {
  test('is believed at once the first time, then later each time, up to a minute', () => {
    const clock = new FakeClock()
    const doubt = new Doubt(clock)
    const waits = Array.from({ length: 9 }, () => believedAfterMs(doubt, clock))
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  test('is not believed with the reason of the call', () => {
    const doubt = new Doubt(new FakeClock())
    doubt.heard(MISSING)
    expect(doubt.judge()).toBeNull()
    doubt.heard(MISSING)
    expect(doubt.judge()).toBe(MISSING)
  })

  test.each([null, failureOf('VALIDATION'), failureOf('COLLISION')])(
    'is believed after a call got through',
    (heard) => {
      const clock = new FakeClock()
      const doubt = new Doubt(clock)
      for (let round = 0; round < 5; round++) believedAfterMs(doubt, clock)
      doubt.heard(heard)
      expect(believedAfterMs(doubt, clock)).toBe(0)
    },
  )

  test('several calls that fail together count once', () => {
    const clock = new FakeClock()
    const doubt = new Doubt(clock)
    believedAfterMs(doubt, clock)
    for (let count = 0; count < 4; count++) doubt.heard(MISSING)
    expect(believedAfterMs(doubt, clock)).toBe(1_000)
  })

  test('a lost answer says nothing', () => {
    const clock = new FakeClock()
    const doubt = new Doubt(clock)
    believedAfterMs(doubt, clock)
    doubt.heard(failureOf('CONNECTION_LOST'))
    expect(believedAfterMs(doubt, clock)).toBe(1_000)
  })
})
