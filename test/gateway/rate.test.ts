import { expect, test } from 'bun:test'
import { Rate } from '../../src/gateway/rate.ts'

test('so many are taken in a second, and not one more', () => {
  const rate = new Rate(3)
  expect([0, 1, 2, 3, 999].map((now) => rate.take(now))).toEqual([true, true, true, false, false])
  expect([1_000, 1_500, 1_999, 1_999].map((now) => rate.take(now))).toEqual([true, true, true, false])
})

test('a new second begins with the first one after the old: there is no debt', () => {
  const rate = new Rate(1)
  for (let count = 0; count < 1_000; count++) rate.take(0)
  expect(rate.take(5_400)).toBe(true)
  expect(rate.take(6_399)).toBe(false)
  expect(rate.take(6_400)).toBe(true)
})
