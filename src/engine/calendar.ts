import type { Ms } from '../protocol/mod.ts'

const MINUTE_MS = 60_000

/**
 * The business day of a wall time, as `2026-11-22`: a day begins `startMinutes` after midnight in the shop's time zone,
 * so that a sale at one in the morning belongs to the evening before.
 */
export function createCalendar(timeZone: string, startMinutes: number): (wall: Ms) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  let minute = Number.NaN
  let day = ''
  return (wall) => {
    // Formatting costs some microseconds, and every turn asks: within one minute the day is the same.
    const asked = Math.floor(wall / MINUTE_MS)
    if (asked !== minute) {
      minute = asked
      day = format.format((asked - startMinutes) * MINUTE_MS)
    }
    return day
  }
}
