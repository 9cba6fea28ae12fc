import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

test('an order that another holds is denied, and those who were denied hear when it is free', async () => {
  await using shop = await Shop.open()
  const [a, b, c, d] = [
    await shop.join('Till 1'),
    await shop.join('Till 2'),
    await shop.join('Till 3'),
    await shop.join('Till 4'),
  ]
  const first = await a.lease('order-1')
  for (const other of [b, c]) {
    expect(await other.leaseDenied('order-1')).toMatchObject({ holder: a.id, holderName: 'Till 1', code: 'LEASE_HELD' })
  }
  await a.write('order-1', 0, { lines: [] })
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  for (const denied of [b, c]) expect((await denied.next('LEASE_AVAILABLE')).posReference).toBe('order-1')
  await d.caughtUp()
  expect(d.seen('LEASE_AVAILABLE')).toEqual([])
  const second = await b.lease('order-1', 1)
  expect(second.fence).toBeGreaterThan(first.fence)
  expect(second.version).toBe(1)
  expect((await b.write('order-1', 1, { lines: ['tea'] })).version).toBe(2)
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await c.caughtUp()
  expect(c.seen('LEASE_AVAILABLE')).toHaveLength(1)
})

test('a lease says how long it lives, and asking again is the same grant', async () => {
  await using shop = await Shop.open({ HUB_LEASE_TTL_MS: '60000' })
  const a = await shop.join('Till 1')
  const before = Date.now()
  const first = await a.lease('order-1')
  expect(first).toMatchObject({ version: 0, ttlMs: 60_000 })
  expect(first.expiresAt).toBeGreaterThanOrEqual(before + 60_000 - 2)
  expect(first.expiresAt).toBeLessThanOrEqual(Date.now() + 60_000 + 2)
  expect((await a.lease('order-1')).fence).toBe(first.fence)
  expect((await a.lease('order-2')).fence).toBeGreaterThan(first.fence)
})

test('who asks for a lease from an old version gets the stored one first', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  await a.write('order-1', 1, { lines: ['one', 'two'] })
  await b.caughtUp()
  b.forget()
  expect((await b.leaseDenied('order-1', 1)).holder).toBe(a.id)
  expect(b.types()).toEqual(['ORDER_UPDATED', 'LEASE_DENIED'])
  expect(b.seen('ORDER_UPDATED')).toMatchObject([{ version: 2, snapshot: { lines: ['one', 'two'] } }])
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await b.next('LEASE_AVAILABLE')
  b.forget()
  expect((await b.lease('order-1', 0)).version).toBe(2)
  expect(b.types()).toEqual(['ORDER_UPDATED', 'LEASE_GRANTED'])
  b.forget()
  await b.lease('order-1', 2)
  expect(b.types()).toEqual(['LEASE_GRANTED'])
})

test('a snapshot without the lease is denied and stored nowhere', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const msgId = b.say('order-1', 0, { mine: true })
  const nobody = { posReference: 'order-1', holder: '', holderName: '', code: 'NO_LEASE', msgId } as const
  expect(await b.next('LEASE_DENIED')).toMatchObject(nobody)
  await a.lease('order-1')
  b.say('order-1', 0, { mine: true })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ holder: a.id, holderName: 'Till 1' })
  await a.caughtUp()
  expect(a.seen('ORDER_UPDATED')).toEqual([])
  expect((await a.write('order-1', 0, { mine: false })).version).toBe(1)
})

test('whoever does not hold a lease can neither renew nor release it', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  b.send({ type: 'LEASE_HEARTBEAT', posReference: 'order-1' })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-1', holder: a.id, holderName: 'Till 1' })
  b.send({ type: 'LEASE_HEARTBEAT', posReference: 'order-2' })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-2', holder: '', code: 'NO_LEASE' })
  b.forget()
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-2' })
  await b.caughtUp()
  expect(b.types()).toEqual([])
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-1', finalSnapshot: { mine: true }, msgId: 'last-words' })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-1', holder: a.id })
  await a.caughtUp()
  expect(a.seen('ORDER_UPDATED')).toEqual([])
  expect((await a.write('order-1', 0, {})).version).toBe(1)
})

test('a release with a last snapshot saves it first', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: [] })
  await b.leaseDenied('order-1', 1)
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1', finalSnapshot: { lines: ['last'] }, msgId: 'final' })
  expect(await a.next('ORDER_ACCEPTED', { where: ({ msgId }) => msgId === 'final' })).toMatchObject({ version: 2 })
  await b.next('LEASE_AVAILABLE')
  const saved = b.frames.findIndex(({ message }) => message.type === 'ORDER_UPDATED' && message.version === 2)
  const free = b.frames.findIndex(({ message }) => message.type === 'LEASE_AVAILABLE')
  expect(saved).toBeGreaterThanOrEqual(0)
  expect(free).toBeGreaterThan(saved)
  expect(await b.lease('order-1', 2)).toMatchObject({ version: 2 })
  const late = await shop.join('Till 3')
  expect(late.init.message.orders).toMatchObject([{ version: 2, snapshot: { lines: ['last'] } }])
})

test('a manager takes a lease by force, and the loser hears it by name', async () => {
  await using shop = await Shop.open()
  const [a, manager] = [await shop.join('Till 1'), await shop.join('Maria', { role: 'manager' })]
  const lost = await a.lease('order-1')
  await a.write('order-1', 0, { lines: [] })
  manager.send({ type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 1, force: true })
  const taken = await manager.next('LEASE_GRANTED')
  expect(taken.version).toBe(1)
  expect(taken.fence).toBeGreaterThan(lost.fence)
  const revoked = await a.next('LEASE_REVOKED')
  expect(revoked.posReference).toBe('order-1')
  expect(revoked.reason).toContain('Maria')
  a.say('order-1', 1, { late: true })
  expect(await a.next('LEASE_DENIED')).toMatchObject({ holder: manager.id, holderName: 'Maria' })
  expect((await manager.write('order-1', 1, { lines: ['m'] })).version).toBe(2)
})

test.each(['waiter', 'cashier', 'kitchen'] as const)('a %s cannot take a lease by force', async (role) => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Somebody', { role })]
  await a.lease('order-1')
  b.send({ type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 0, force: true })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-1', holder: a.id, holderName: 'Till 1' })
  await a.caughtUp()
  expect(a.seen('LEASE_REVOKED')).toEqual([])
  expect((await a.write('order-1', 0, {})).version).toBe(1)
})

test('an order of a table that another has locked is denied, but not to the kitchen', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const kitchen = await shop.join('Kitchen', { role: 'kitchen' })
  await a.lease('order-1')
  await a.write('order-1', 0, { tableId: 7, lines: [] })
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await a.caughtUp()
  await b.lock(7)
  expect(await a.leaseDenied('order-1', 1)).toMatchObject({ holder: b.id, holderName: 'Till 2' })
  expect(await kitchen.lease('order-1', 1)).toMatchObject({ version: 1 })
  kitchen.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await kitchen.caughtUp()
  expect(await b.lease('order-1', 1)).toMatchObject({ version: 1 })
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  b.send({ type: 'TABLE_LOCK_RELEASE', tableId: 7 })
  await a.next('TABLE_LOCK_RELEASED')
  expect(await a.lease('order-1', 1)).toMatchObject({ version: 1 })
})

test('a lease that was granted stays good when another locks the table', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { tableId: 7 })
  await b.lock(7)
  expect((await a.write('order-1', 1, { tableId: 7, more: true })).version).toBe(2)
  a.send({ type: 'LEASE_HEARTBEAT', posReference: 'order-1' })
  await a.caughtUp()
  expect(a.seen('LEASE_DENIED')).toEqual([])
  expect(a.seen('LEASE_REVOKED')).toEqual([])
})
