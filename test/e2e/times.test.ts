import { expect, setDefaultTimeout, test } from 'bun:test'
import { RawSocket } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import type { Terminal } from '../support/terminal.ts'
import { tokenFor } from '../support/tokens.ts'
import { clockReaches } from '../support/wait.ts'

setDefaultTimeout(30_000)

const TTL_MS = 1_500
const GRACE_MS = 1_200

const SHORT = {
  HUB_TABLE_LOCK_TTL_MS: `${TTL_MS}`,
  HUB_TABLE_LOCK_HEARTBEAT_MS: '500',
  HUB_LEASE_TTL_MS: `${TTL_MS}`,
  HUB_HEARTBEAT_MS: '500',
  HUB_GRACE_MS: `${GRACE_MS}`,
  HUB_FRAMES_PER_SECOND_MAX: '1000000',
}

/** Clocks count whole milliseconds, and a hub may round either way. */
const ROUNDING_MS = 2

/** Whoever holds something hears within this that it does not any more. */
const TOLD_MS = 1_000

type What = 'lock' | 'lease'

const ASK = {
  lock: { type: 'TABLE_LOCK_ACQUIRE', tableId: 5 },
  lease: { type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 0 },
} as const
const BEAT = {
  lock: { type: 'TABLE_LOCK_HEARTBEAT', tableId: 5 },
  lease: { type: 'LEASE_HEARTBEAT', posReference: 'order-1' },
} as const
const GRANTED = { lock: 'TABLE_LOCK_GRANTED', lease: 'LEASE_GRANTED' } as const
const DENIED = { lock: 'TABLE_LOCK_DENIED', lease: 'LEASE_DENIED' } as const
const REVOKED = { lock: 'TABLE_LOCK_REVOKED', lease: 'LEASE_REVOKED' } as const

type Asked = { readonly granted: boolean; readonly askedAt: number; readonly answeredAt: number }

async function ask(terminal: Terminal, what: What): Promise<Asked> {
  const askedAt = performance.now()
  terminal.send(ASK[what])
  const { message, at } = await terminal.nextFrame([GRANTED[what], DENIED[what]])
  return { granted: message.type === GRANTED[what], askedAt, answeredAt: at }
}

/** Asks again and again until it is granted. */
async function askUntilGranted(terminal: Terminal, what: What) {
  let denied: Asked | undefined
  for (;;) {
    const asked = await ask(terminal, what)
    if (asked.granted) return { denied, granted: asked }
    denied = asked
  }
}

test.each(['lock', 'lease'] as const)('a %s without a heartbeat is gone at its time to live', async (what) => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const held = await ask(a, what)
  expect(held.granted).toBe(true)
  const { denied, granted } = await askUntilGranted(b, what)
  // Not before its time is over, counted from the earliest moment at which it can have been granted ...
  expect(granted.answeredAt - held.askedAt).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
  // ... and nobody is denied who asks when its time is over, counted from the latest such moment.
  expect((denied?.askedAt ?? 0) - held.answeredAt).toBeLessThan(TTL_MS + ROUNDING_MS)
  const { message, at } = await a.nextFrame(REVOKED[what], { withinMs: 3_000 })
  expect(message.reason).toBe(what === 'lock' ? 'Lock expired' : 'Lease expired')
  expect(at - held.askedAt).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
  expect(at - held.answeredAt).toBeLessThan(TTL_MS + TOLD_MS)
})

test('the holder hears it within a second when nobody asks, and so do those who were denied', async () => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  const [lock, lease] = [await ask(a, 'lock'), await ask(a, 'lease')]
  expect((await ask(b, 'lease')).granted).toBe(false)
  const lockGone = await a.nextFrame('TABLE_LOCK_REVOKED', { withinMs: 4_000 })
  const leaseGone = await a.nextFrame('LEASE_REVOKED', { withinMs: 4_000 })
  for (const [held, gone] of [[lock, lockGone] as const, [lease, leaseGone] as const]) {
    expect(gone.at - held.askedAt).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
    expect(gone.at - held.answeredAt).toBeLessThan(TTL_MS + TOLD_MS)
  }
  expect((await b.next('TABLE_LOCK_RELEASED')).tableId).toBe(5)
  expect((await b.next('LEASE_AVAILABLE')).posReference).toBe('order-1')
})

test.each(['own', 'plain'] as const)(
  '%s heartbeats keep a lock and a lease for longer than they live',
  async (kind) => {
    await using shop = await Shop.open(SHORT)
    const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
    const start = performance.now()
    await ask(a, 'lock')
    await ask(a, 'lease')
    for (let beats = 1; beats <= 7; beats++) {
      await clockReaches(start + beats * 500)
      if (kind === 'plain') a.send({ type: 'HEARTBEAT' })
      else for (const what of ['lock', 'lease'] as const) a.send(BEAT[what])
      await a.caughtUp()
      for (const what of ['lock', 'lease'] as const) expect((await ask(b, what)).granted).toBe(false)
    }
    expect(a.types()).not.toContain('TABLE_LOCK_REVOKED')
    expect(a.types()).not.toContain('LEASE_REVOKED')
  },
)

test('writing keeps a lease', async () => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const start = performance.now()
  await a.lease('order-1')
  for (let version = 0; version < 7; version++) {
    await clockReaches(start + (version + 1) * 500)
    expect((await a.write('order-1', version, { version })).version).toBe(version + 1)
  }
  expect((await ask(b, 'lease')).granted).toBe(false)
})

test('a plain heartbeat on a new socket renews what was named as held, heartbeated or written to', async () => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  for (const tableId of [5, 6, 7]) await a.lock(tableId)
  for (const order of ['order-1', 'order-2', 'order-3', 'order-4']) await a.lease(order)
  await a.drop()
  const back = await shop.rejoin(a, { resume: a.resume({ tableLocks: [5], leases: ['order-1'] }) })
  const start = performance.now()
  back.send({ type: 'TABLE_LOCK_HEARTBEAT', tableId: 6 })
  back.send({ type: 'LEASE_HEARTBEAT', posReference: 'order-2' })
  await back.write('order-3', 0, { lines: [] })
  for (let beats = 1; beats <= 5; beats++) {
    await clockReaches(start + beats * 500)
    back.send({ type: 'HEARTBEAT' })
    await back.caughtUp()
  }
  for (const tableId of [5, 6]) expect(await b.lockDenied(tableId)).toMatchObject({ lockedBy: a.id })
  for (const order of ['order-1', 'order-2', 'order-3']) {
    expect(await b.leaseDenied(order, 1)).toMatchObject({ holder: a.id })
  }
  expect((await b.lock(7)).tableId).toBe(7)
  expect((await b.lease('order-4')).posReference).toBe('order-4')
})

test('a lock of a terminal that drops is kept for the grace, and not longer', async () => {
  await using shop = await Shop.open({ ...SHORT, HUB_TABLE_LOCK_TTL_MS: '60000' })
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await ask(a, 'lock')
  const dropping = performance.now()
  await a.drop()
  const dropped = performance.now()
  const { denied, granted } = await askUntilGranted(b, 'lock')
  expect(granted.answeredAt - dropping).toBeGreaterThanOrEqual(GRACE_MS - ROUNDING_MS)
  // The hub hears of the end of a line a little after it.
  expect((denied?.askedAt ?? 0) - dropped).toBeLessThan(GRACE_MS + 100)
  const released = b.frames.find(({ message }) => message.type === 'TABLE_LOCK_RELEASED')
  expect((released?.at ?? Number.NaN) - dropped).toBeLessThan(GRACE_MS + TOLD_MS)
})

test('whoever is back in the grace has the whole time to live again', async () => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const start = performance.now()
  await ask(a, 'lock')
  await clockReaches(start + 1_000)
  await a.drop()
  await clockReaches(start + 1_800)
  const returning = performance.now()
  const back = await shop.rejoin(a)
  const returned = performance.now()
  const { denied, granted } = await askUntilGranted(b, 'lock')
  expect(granted.answeredAt - returning).toBeGreaterThanOrEqual(TTL_MS - ROUNDING_MS)
  expect((denied?.askedAt ?? 0) - returned).toBeLessThan(TTL_MS + ROUNDING_MS)
  expect((await back.next('TABLE_LOCK_REVOKED')).reason).toBe('Lock expired')
})

test('a link from which nothing comes for three heartbeats is closed; one that answers pings is not', async () => {
  await using shop = await Shop.open({ ...SHORT, HUB_TABLE_LOCK_TTL_MS: '60000' })
  const [idle, old] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
  const dead = await RawSocket.open(shop.hub.port)
  const { auth } = await dead.signIn(await tokenFor({ name: 'Dead' }), 'dead', { protocol: 2 })
  const sent = performance.now()
  await dead.send({ type: 'TABLE_LOCK_ACQUIRE', tableId: 5 })
  await dead.next('TABLE_LOCK_GRANTED')
  const heard = performance.now()
  expect(await dead.closing()).toBe(4003)
  expect(performance.now() - sent).toBeGreaterThanOrEqual(1_500 - ROUNDING_MS)
  expect(performance.now() - heard).toBeLessThan(1_500 + TOLD_MS)
  expect(await idle.lockDenied(5)).toMatchObject({ lockedBy: auth.terminalId })
  await idle.next('TABLE_LOCK_RELEASED', { withinMs: GRACE_MS + 2 * TOLD_MS })
  for (const terminal of [idle, old]) {
    await terminal.caughtUp()
    expect(terminal.isOpen).toBe(true)
  }
  dead.check()
})

test('a hub that was suspended takes the heartbeats that wait in the sockets first', async () => {
  await using shop = await Shop.open(SHORT)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await ask(a, 'lock')
  await ask(a, 'lease')
  shop.hub.signal('SIGSTOP')
  const stopped = performance.now()
  await clockReaches(stopped + TTL_MS + 1_500)
  b.send(ASK.lock)
  b.send(ASK.lease)
  a.send({ type: 'HEARTBEAT' })
  shop.hub.signal('SIGCONT')
  await a.next('HEARTBEAT_OK')
  expect((await b.next('TABLE_LOCK_DENIED')).lockedBy).toBe(a.id)
  expect((await b.next('LEASE_DENIED')).holder).toBe(a.id)
  await a.caughtUp()
  for (const gone of ['TABLE_LOCK_REVOKED', 'LEASE_REVOKED'] as const) expect(a.types()).not.toContain(gone)
  for (const terminal of [a, b]) expect(terminal.isOpen).toBe(true)
})

test('after a new start whoever does not come back loses what it has at the longest time to live', async () => {
  await using shop = await Shop.open({ ...SHORT, HUB_LEASE_TTL_MS: '2500' })
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await ask(a, 'lock')
  await shop.hub.kill('SIGKILL')
  const starting = performance.now()
  await shop.hub.start()
  const started = performance.now()
  const { denied, granted } = await askUntilGranted(await shop.rejoin(b), 'lock')
  expect(granted.answeredAt - starting).toBeGreaterThanOrEqual(2_500 - ROUNDING_MS)
  expect((denied?.askedAt ?? 0) - started).toBeLessThan(2_500 + ROUNDING_MS)
})
