import { expect, setDefaultTimeout, test } from 'bun:test'
import { RawSocket } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import { tokenFor } from '../support/tokens.ts'
import { clockReaches } from '../support/wait.ts'

setDefaultTimeout(30_000)

const LONG_GRACE = { HUB_GRACE_MS: '20000' }
const SHORT_GRACE = { HUB_GRACE_MS: '300' }

test.each([1, 2] as const)('a v%i terminal that drops and comes back in its grace has everything', async (protocol) => {
  await using shop = await Shop.open(LONG_GRACE)
  const [a, b] = [await shop.join('Till 1', { protocol }), await shop.join('Till 2')]
  const lock = await a.lock(5)
  const lease = await a.lease('order-1')
  a.say('order-1', 0, { tableId: 5 })
  await b.updated('order-1')
  await a.drop()
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id, lockedByName: 'Till 1' })
  expect(await b.leaseDenied('order-1', 1)).toMatchObject({ holder: a.id, holderName: 'Till 1' })
  const back = await shop.rejoin(a)
  expect(back.id).toBe(a.id)
  expect(back.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  expect(back.init.message.leases).toMatchObject([{ posReference: 'order-1', holder: a.id }])
  back.say('order-1', 1, { tableId: 5, back: true }, { fence: lease.fence })
  expect(await b.next('ORDER_UPDATED')).toMatchObject({ version: 2, sourceTerminal: a.id })
  expect((await back.lock(5)).fence).toBe(lock.fence)
  expect((await back.lease('order-1', 2)).fence).toBe(lease.fence)
  back.send({ type: 'TABLE_LOCK_HEARTBEAT', tableId: 5 })
  back.send({ type: 'LEASE_HEARTBEAT', posReference: 'order-1' })
  await back.caughtUp()
  await b.caughtUp()
  for (const refusal of ['TABLE_LOCK_REVOKED', 'LEASE_DENIED'] as const) expect(back.types()).not.toContain(refusal)
  for (const news of ['TABLE_LOCK_RELEASED', 'LEASE_AVAILABLE'] as const) expect(b.types()).not.toContain(news)
})

test.each([1, 2] as const)('a v%i terminal that comes back after its grace has nothing', async (protocol) => {
  await using shop = await Shop.open(SHORT_GRACE)
  const [a, b] = [await shop.join('Till 1', { protocol }), await shop.join('Till 2')]
  await a.lock(5)
  await a.lease('order-1')
  a.say('order-1', 0, { lines: [] })
  await b.updated('order-1')
  await b.leaseDenied('order-1', 1)
  await a.drop()
  expect((await b.next('TABLE_LOCK_RELEASED')).tableId).toBe(5)
  expect((await b.next('LEASE_AVAILABLE')).posReference).toBe('order-1')
  const back = await shop.rejoin(a)
  expect(back.init.message).toMatchObject({ tableLocks: [], leases: [] })
  back.send({ type: 'TABLE_LOCK_HEARTBEAT', tableId: 5 })
  expect((await back.next('TABLE_LOCK_REVOKED')).tableId).toBe(5)
  back.say('order-1', 1, { lines: ['late'] })
  expect(await back.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-1', holder: '' })
  if (protocol === 2) {
    expect(back.auth.sessionId).not.toBe(a.auth.sessionId)
    expect(back.init.message.mode).toBe('delta')
  }
  await b.lock(5)
  expect((await b.lease('order-1', 1)).version).toBe(1)
})

test('a v2 terminal that comes back while its old socket is open gets all, and the old socket is closed', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lock(5)
  await a.lease('order-1')
  const back = await shop.rejoin(a)
  expect((await a.closing()).code).toBe(4505)
  expect(back.id).toBe(a.id)
  expect((await back.write('order-1', 0, { lines: [] })).version).toBe(1)
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  await b.caughtUp()
  expect(b.types()).not.toContain('TABLE_LOCK_RELEASED')
})

test('a session id is good only for its own device and its own person', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lock(5)
  const otherDevice = await shop.join('Till 1', { deviceId: 'another device', resume: a.resume() })
  const otherPerson = await shop.join('Till 2', { deviceId: a.options.deviceId, resume: a.resume() })
  for (const thief of [otherDevice, otherPerson]) {
    expect(thief.id).not.toBe(a.id)
    expect(thief.auth.sessionId).not.toBe(a.auth.sessionId)
    expect(await thief.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  }
  await a.caughtUp()
  expect(a.isOpen).toBe(true)
})

test('a second tab of a v1 terminal is a terminal of its own; the two deny each other a lease', async () => {
  await using shop = await Shop.open()
  const [first, other] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  const second = await shop.join('Till 1', { protocol: 1 })
  expect(second.id).not.toBe(first.id)
  await first.lease('order-1')
  expect(await second.leaseDenied('order-1')).toMatchObject({ holder: first.id })
  await second.lock(5)
  expect(await first.lockDenied(5)).toMatchObject({ lockedBy: second.id })
  await first.caughtUp()
  expect(first.isOpen).toBe(true)
  expect(await other.lockDenied(5)).toMatchObject({ lockedBy: second.id })
})

test('a v1 terminal whose old link is dead takes it over after two seconds without a pong', async () => {
  await using shop = await Shop.open()
  const token = await tokenFor({ name: 'Till 1' })
  const dead = await RawSocket.open(shop.hub.port, { protocol: 1 })
  const { auth } = await dead.signIn(token, 'device of Till 1')
  await dead.send({ type: 'TABLE_LOCK_ACQUIRE', tableId: 5 })
  await dead.next('TABLE_LOCK_GRANTED')
  const asked = performance.now()
  const back = await shop.join('Till 1', { protocol: 1, withinMs: 6_000 })
  const tookMs = performance.now() - asked
  expect(back.id).toBe(auth.terminalId)
  expect(tookMs).toBeGreaterThan(1_950)
  expect(tookMs).toBeLessThan(3_500)
  expect(back.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: auth.terminalId }])
  expect(await dead.closing()).toBe(4505)
  dead.check()
})

test('of several v1 tabs that are gone, the last active one is the one that comes back', async () => {
  await using shop = await Shop.open(LONG_GRACE)
  const first = await shop.join('Till 1', { protocol: 1 })
  const second = await shop.join('Till 1', { protocol: 1 })
  const observer = await shop.join('Till 2')
  await second.lock(6)
  await second.drop()
  await observer.next('HUB_STATUS', { where: ({ connectedTerminals }) => connectedTerminals === 2 })
  await first.lock(5)
  await first.drop()
  await observer.next('HUB_STATUS', { where: ({ connectedTerminals }) => connectedTerminals === 1 })
  const back = await shop.rejoin(first)
  expect(back.id).toBe(first.id)
  expect((await back.lock(5)).tableId).toBe(5)
  expect(await back.lockDenied(6)).toMatchObject({ lockedBy: second.id })
})

test('after a new start everything is kept for its holder, longer than the grace', async () => {
  await using shop = await Shop.open(SHORT_GRACE)
  let [young, old] = [await shop.join('Young'), await shop.join('Old', { protocol: 1 })]
  const names = [young.id, old.id, young.auth.epoch]
  const grants = [await young.lock(5), await young.lease('order-5'), await old.lock(6), await old.lease('order-6')]
  await young.write('order-5', 0, { tableId: 5 })
  old.say('order-6', 0, { tableId: 6 })
  await young.updated('order-6')
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await shop.hub.restart(signal)
    const started = performance.now()
    const other = await shop.join(`Other after ${signal}`)
    await clockReaches(started + 900)
    expect(await other.lockDenied(5)).toMatchObject({ lockedBy: young.id, lockedByName: 'Young' })
    expect(await other.leaseDenied('order-6', 1)).toMatchObject({ holder: old.id, holderName: 'Old' })
    young = await shop.rejoin(young)
    old = await shop.rejoin(old)
    expect([young.id, old.id, young.auth.epoch]).toEqual(names)
    expect(young.init.message.mode).toBe('delta')
    const again = [
      await young.lock(5),
      await young.lease('order-5', 1),
      await old.lock(6),
      await old.lease('order-6', 1),
    ]
    expect(again.map(({ fence }) => fence)).toEqual(grants.map(({ fence }) => fence))
  }
})
