/** Settings by which no business day begins while a test runs, wherever and whenever that is. */
export function dayAwayFromNow() {
  const hour = (new Date().getUTCHours() + 12) % 24
  return { HUB_TIME_ZONE: 'Etc/UTC', HUB_DAY_START: `${String(hour).padStart(2, '0')}:00` }
}
