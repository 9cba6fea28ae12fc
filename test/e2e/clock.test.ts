import { expect, setDefaultTimeout, test } from 'bun:test'
import { openHub } from '../../src/bun/serve.ts'
import { configFor, JumpingClock, KeptLog } from '../support/clock.ts'
import { openFolder } from '../support/folder.ts'
import { get } from '../support/http.ts'
import type { Environment } from '../support/hub_process.ts'
import { freshMsgId, Terminal } from '../support/terminal.ts'
import { clockReaches } from '../support/wait.ts'

setDefaultTimeout(30_000)

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
const TTL_MS = 2_000
const GRACE_MS = 1_000

const SHORT = {
  HUB_TABLE_LOCK_TTL_MS: `${TTL_MS}`,
  HUB_TABLE_LOCK_HEARTBEAT_MS: '500',
  HUB_LEASE_TTL_MS: `${TTL_MS}`,
  HUB_HEARTBEAT_MS: '500',
  HUB_GRACE_MS: `${GRACE_MS}`,
}

const ROUNDING_MS = 2

/** A hub in this process, with a wall clock that jumps. Rules of time are measured on the real monotonic one. */
async function openClockShop(folder: string, clock: JumpingClock, env: Environment = {}) {
  const log = new KeptLog()
  const hub = await openHub(configFor(folder, { HUB_TIME_ZONE: 'Etc/UTC', ...env }), { clock, log })
  const url = `ws://127.0.0.1:${hub.port}/`
  const join = (deviceId: string) => Terminal.connect(url, { token: '', deviceId })
  const rejoin = (former: Terminal) => Terminal.connect(url, { ...former.options, resume: former.resume() })
  return { url, log, join, rejoin, http: `http://127.0.0.1:${hub.port}`, [Symbol.asyncDispose]: () => hub.close() }
}

test.each([
  ['forward', YEAR_MS],
  ['back', -YEAR_MS],
])('a wall clock that jumps %s by a year changes no time to live', async (_, jump) => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-10T12:00:00Z')
  await using shop = await openClockShop(folder.path, clock, SHORT)
  const [a, b] = [await shop.join('a'), await shop.join('b')]
  const asked = performance.now()
  await a.lock(5)
  await a.lease('order-1')
  const granted = performance.now()
  clock.jump(jump)
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  expect(await b.leaseDenied('order-1')).toMatchObject({ holder: a.id })
  await clockReaches(asked + TTL_MS - 300)
  expect(a.types()).not.toContain('TABLE_LOCK_REVOKED')
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  for (const type of ['TABLE_LOCK_REVOKED', 'LEASE_REVOKED'] as const) {
    const { at } = await a.nextFrame(type)
    expect(at - asked).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
    expect(at - granted).toBeLessThan(TTL_MS + 1_000)
  }
  expect((await b.lock(5)).ttlMs).toBe(TTL_MS)
  for (const terminal of [a, b]) expect(terminal.isOpen).toBe(true)
})

test.each([
  ['forward', YEAR_MS],
  ['back', -YEAR_MS],
])('a wall clock that jumps %s by a year changes no grace', async (_, jump) => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-10T12:00:00Z')
  await using shop = await openClockShop(folder.path, clock, { ...SHORT, HUB_TABLE_LOCK_TTL_MS: '60000' })
  const [a, b] = [await shop.join('a'), await shop.join('b')]
  await a.lock(5)
  await a.drop()
  clock.jump(jump)
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  const back = await shop.rejoin(a)
  expect(back.id).toBe(a.id)
  expect(back.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  const dropping = performance.now()
  await back.drop()
  clock.jump(-jump)
  const { at } = await b.nextFrame('TABLE_LOCK_RELEASED')
  expect(at - dropping).toBeGreaterThanOrEqual(GRACE_MS - ROUNDING_MS)
  expect(at - dropping).toBeLessThan(GRACE_MS + 1_000)
})

test('heartbeats renew across jumps in both directions', async () => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-10T12:00:00Z')
  await using shop = await openClockShop(folder.path, clock, SHORT)
  const [a, b] = [await shop.join('a'), await shop.join('b')]
  const started = performance.now()
  await a.lock(5)
  await a.lease('order-1')
  for (let beat = 1; beat <= 6; beat++) {
    await clockReaches(started + beat * 500)
    clock.jump(beat % 2 === 0 ? YEAR_MS : -YEAR_MS)
    a.send({ type: 'HEARTBEAT' })
    const { hubTime } = await a.next('HEARTBEAT_OK')
    expect(Math.abs(hubTime - clock.wall())).toBeLessThan(1_000)
    expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
    expect(await b.leaseDenied('order-1')).toMatchObject({ holder: a.id })
  }
})

test.each([
  ['forward', YEAR_MS],
  ['back', -YEAR_MS],
])('a wall clock that is a year %s after a new start changes no time to live', async (_, jump) => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-10T12:00:00Z')
  let a: Terminal
  {
    await using before = await openClockShop(folder.path, clock, SHORT)
    a = await before.join('a')
    await a.lock(5)
  }
  clock.jump(jump)
  const starting = performance.now()
  await using after = await openClockShop(folder.path, clock, SHORT)
  const started = performance.now()
  const b = await after.join('b')
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  const { at } = await b.nextFrame('TABLE_LOCK_RELEASED')
  expect(at - starting).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
  expect(at - started).toBeLessThan(TTL_MS + 1_000)
})

async function ticket(terminal: Terminal): Promise<number> {
  const msgId = freshMsgId()
  terminal.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId })
  return (await terminal.next('TICKET_NUMBER_ASSIGNED', { where: (message) => message.msgId === msgId })).ticketNumber
}

test('ticket numbers begin again with the business day, not with the date', async () => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-10T12:00:00Z')
  await using shop = await openClockShop(folder.path, clock, { HUB_DAY_START: '05:00' })
  const a = await shop.join('a')
  expect([await ticket(a), await ticket(a)]).toEqual([1, 2])
  clock.set('2027-03-10T23:59:00Z')
  expect(await ticket(a)).toBe(3)
  clock.set('2027-03-11T04:59:00Z')
  expect(await ticket(a)).toBe(4)
  clock.set('2027-03-11T05:00:00Z')
  expect([await ticket(a), await ticket(a)]).toEqual([1, 2])
})

test('the business day begins by the time of the shop, in summer and in winter', async () => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-01-15T09:58:00Z')
  const env = { HUB_DAY_START: '05:00', HUB_TIME_ZONE: 'America/New_York' }
  await using shop = await openClockShop(folder.path, clock, env)
  const a = await shop.join('a')
  expect(await ticket(a)).toBe(1)
  clock.set('2027-01-15T09:59:30Z')
  expect(await ticket(a)).toBe(2)
  clock.set('2027-01-15T10:00:00Z')
  expect(await ticket(a)).toBe(1)
  clock.set('2027-07-15T08:58:00Z')
  expect(await ticket(a)).toBe(1)
  clock.set('2027-07-15T09:00:00Z')
  expect(await ticket(a)).toBe(1)
  clock.set('2027-07-16T08:59:00Z')
  expect(await ticket(a)).toBe(2)
})

test('while the clock is earlier than what is stored, the hub says so and stays in the last business day', async () => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-11T12:00:00Z')
  {
    await using shop = await openClockShop(folder.path, clock)
    const a = await shop.join('a')
    expect([await ticket(a), await ticket(a)]).toEqual([1, 2])
    expect(await said(shop)).not.toMatch(/clock[ _-]?not[ _-]?set/i)
  }
  clock.set('1970-01-01T00:01:00Z')
  await using shop = await openClockShop(folder.path, clock)
  const a = await shop.join('a')
  expect(await ticket(a)).toBe(3)
  expect(await said(shop)).toMatch(/clock[ _-]?not[ _-]?set/i)
  clock.set('2027-03-11T20:00:00Z')
  expect(await ticket(a)).toBe(4)
  clock.set('2027-03-12T12:00:00Z')
  expect(await ticket(a)).toBe(1)
})

/** Wherever a person would look. */
async function said({ log, http }: { readonly log: KeptLog; readonly http: string }): Promise<string> {
  const pages = await Promise.all(['health', 'readyz'].map((page) => get(`${http}/${page}`)))
  return `${log.text}\n${JSON.stringify(pages)}`
}

test('a business day that is come back to goes on counting', async () => {
  await using folder = await openFolder()
  const clock = new JumpingClock('2027-03-11T04:00:00Z')
  {
    await using shop = await openClockShop(folder.path, clock, { HUB_DAY_START: '05:00' })
    const a = await shop.join('a')
    expect([await ticket(a), await ticket(a), await ticket(a)]).toEqual([1, 2, 3])
    clock.set('2027-03-11T06:00:00Z')
    expect(await ticket(a)).toBe(1)
  }
  // The shop is told to begin its day later: the same morning belongs to the day before again.
  clock.set('2027-03-11T06:30:00Z')
  await using shop = await openClockShop(folder.path, clock, { HUB_DAY_START: '07:00' })
  const a = await shop.join('a')
  expect(await ticket(a)).toBe(4)
  clock.set('2027-03-11T07:00:00Z')
  expect(await ticket(a)).toBe(2)
})
