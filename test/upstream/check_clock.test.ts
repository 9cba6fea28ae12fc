import { expect, test } from 'bun:test'
import { judgeClocks } from '../../src/upstream/check_clock.ts'
import { walk } from './check_stage.ts'
import { reply } from './road.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

function shown(date: string) {
  return reply({ headers: { date }, body: '' })
}

test.each([
  [0, 'ok', 'the same time'],
  [60_000, 'ok', 'the same time'],
  [-60_000, 'ok', 'the same time'],
  [61_000, 'warning', 'The clock of the hub is 1 min 1 s ahead'],
  [-3_900_000, 'warning', 'The clock of the hub is 1 h 5 min behind'],
  [-3 * 86_400_000 - 30_000, 'warning', 'The clock of the hub is 3 d 30 s behind'],
] as const)('the hub is %d ms ahead', (aheadMs, mark, found) => {
  const finding = judgeClocks(shown(new Date(NOON).toUTCString()), NOON + aheadMs)
  expect(finding.mark).toBe(mark)
  expect(finding.found.en).toContain(found)
  if (mark === 'warning') expect(finding.advice?.es).toContain('timedatectl set-ntp true')
})

test.each(['', 'nonsense'])('a server that says %j shows no clock', (date) => {
  expect(judgeClocks(shown(date), NOON).mark).toBe('skipped')
})

test('it is looked at also where the walk ended early', async () => {
  // Behind by an amount that is the same at every hour of the day: half an hour is more than the walk takes.
  const behindMs = (3 * 24 + 2) * 3_600_000 + 1_800_000
  const there = { ...shown(new Date(Date.now() - behindMs).toUTCString()), status: 502 }
  const { step, troubles } = await walk({ url: 'http://odoo.test' }, { fetch: async () => there })
  expect(troubles.at(0)).toBe('odoo wrong')
  expect(step('clocks').mark).toBe('warning')
  expect(step('clocks').found.es).toMatch(/^El reloj del hub va 3 d 2 h adelantado/)
})
