import { expect, test } from 'bun:test'
import { createCalendar } from '../../src/engine/calendar.ts'

const FIVE = 300

test.each([
  ['just before the day begins', 'UTC', FIVE, '2026-11-22T04:59:59.999Z', '2026-11-21'],
  ['when it begins', 'UTC', FIVE, '2026-11-22T05:00:00.000Z', '2026-11-22'],
  ['at midnight, if it begins there', 'UTC', 0, '2026-11-22T00:00:00.000Z', '2026-11-22'],
  ['at one in the morning of New Year', 'UTC', FIVE, '2027-01-01T01:00:00Z', '2026-12-31'],
  ['in another zone', 'Europe/Madrid', FIVE, '2026-11-22T04:00:00Z', '2026-11-22'],
  ['in another zone, a minute before', 'Europe/Madrid', FIVE, '2026-11-22T03:59:00Z', '2026-11-21'],
  ['far in the east', 'Pacific/Auckland', FIVE, '2026-11-22T16:00:00Z', '2026-11-23'],
  ['far in the west', 'Pacific/Honolulu', FIVE, '2026-11-22T14:59:00Z', '2026-11-21'],
  ['in a zone of a quarter hour', 'Asia/Kathmandu', FIVE, '2026-11-21T23:15:00Z', '2026-11-22'],
  ['on a leap day', 'UTC', FIVE, '2028-02-29T12:00:00Z', '2028-02-29'],
  ['at the beginning of time', 'UTC', FIVE, '1970-01-01T00:00:00Z', '1969-12-31'],
])('the business day %s', (_, zone, start, time, day) => {
  expect(createCalendar(zone, start)(Date.parse(time))).toBe(day)
})

test('one calendar answers for any times in any order', () => {
  const dayOf = createCalendar('UTC', FIVE)
  const times = ['2026-11-22T05:00:00Z', '2026-11-22T04:59:59Z', '2026-11-22T05:00:59Z', '2026-11-22T05:00:00Z']
  expect(times.map((time) => dayOf(Date.parse(time)))).toEqual(['2026-11-22', '2026-11-21', '2026-11-22', '2026-11-22'])
})

test('each hour of the nights when clocks change belongs to the evening before', () => {
  const dayOf = createCalendar('Europe/Madrid', FIVE)
  // 25 October 2026 has 25 hours there, 28 March 2027 has 23.
  for (const [evening, next] of [
    ['2026-10-24', '2026-10-25'],
    ['2027-03-27', '2027-03-28'],
  ] as const) {
    for (let hour = 20; hour < 24; hour++) expect(dayOf(Date.parse(`${evening}T${hour}:30:00Z`))).toBe(evening)
    for (let hour = 0; hour < 2; hour++) expect(dayOf(Date.parse(`${next}T0${hour}:30:00Z`))).toBe(evening)
    expect(dayOf(Date.parse(`${next}T06:30:00Z`))).toBe(next)
  }
})
