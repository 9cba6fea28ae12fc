import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

test('three terminals: one locks a table and edits, the others see every change', async () => {
  await using shop = await Shop.open()
  const [a, b, c] = [
    await shop.join('Till 1'),
    await shop.join('Till 2'),
    await shop.join('Tablet', { role: 'waiter' }),
  ]
  const lock = await a.lock(5)
  for (const other of [b, c]) {
    const { locks } = await other.next('TABLE_LOCKS_STATE')
    const expected = { tableId: 5, lockedBy: a.id, lockedByName: 'Till 1', expiresAt: lock.expiresAt }
    expect(locks).toEqual([expected])
  }
  await a.lease('order-1')
  for (const version of [1, 2, 3]) {
    const snapshot = { tableId: 5, lines: [{ product: 'soup', quantity: version }] }
    const accepted = await a.write('order-1', version - 1, snapshot)
    expect(accepted.version).toBe(version)
    for (const other of [b, c]) {
      const updated = await other.updated('order-1')
      expect(updated).toMatchObject({ version, sourceTerminal: a.id, seq: accepted.seq, state: 'open' })
      expect(updated.snapshot).toEqual(snapshot)
    }
  }
  await a.caughtUp()
  expect(a.seen('ORDER_UPDATED')).toEqual([])
  expect(a.seen('TABLE_LOCKS_STATE')).toEqual([])
})

test('a locked table is denied to the others, with the name of its holder, and all hear when it is free', async () => {
  await using shop = await Shop.open()
  const [a, b, c] = [await shop.join('Till 1'), await shop.join('Till 2'), await shop.join('Till 3')]
  const first = await a.lock(5)
  for (const other of [b, c]) {
    const denied = await other.lockDenied(5)
    expect(denied).toMatchObject({ lockedBy: a.id, lockedByName: 'Till 1' })
    expect(denied.reason).not.toBe('')
  }
  a.send({ type: 'TABLE_LOCK_RELEASE', tableId: 5 })
  for (const anybody of [a, b, c]) expect((await anybody.next('TABLE_LOCK_RELEASED')).tableId).toBe(5)
  const second = await b.lock(5)
  expect(second.fence).toBeGreaterThan(first.fence)
  expect(await a.lockDenied(5)).toMatchObject({ lockedBy: b.id, lockedByName: 'Till 2' })
})

test('a lock says how long it lives, and asking again is the same grant', async () => {
  await using shop = await Shop.open({ HUB_TABLE_LOCK_TTL_MS: '45000' })
  const a = await shop.join('Till 1')
  const before = Date.now()
  const first = await a.lock(7)
  expect(first.ttlMs).toBe(45_000)
  expect(first.expiresAt).toBeGreaterThanOrEqual(before + 45_000 - 2)
  expect(first.expiresAt).toBeLessThanOrEqual(Date.now() + 45_000 + 2)
  const again = await a.lock(7)
  expect(again.fence).toBe(first.fence)
  const other = await a.lock(8)
  expect(other.fence).toBeGreaterThan(first.fence)
})

test('a manager takes a table over: the loser hears it by name and loses the orders of that table', async () => {
  await using shop = await Shop.open()
  const manager = await shop.join('Maria', { role: 'manager' })
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const lost = await a.lock(5)
  await a.lock(6)
  for (const [order, tableId] of [['of-five', 5] as const, ['of-six', 6] as const]) {
    await a.lease(order)
    await a.write(order, 0, { tableId })
  }
  for (const terminal of [manager, a, b]) {
    await terminal.caughtUp()
    terminal.forget()
  }
  manager.send({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId: 5, reason: 'the till is broken' })
  const taken = await manager.next('TABLE_LOCK_GRANTED')
  expect(taken.tableId).toBe(5)
  expect(taken.fence).toBeGreaterThan(lost.fence)
  const revoked = await a.next('TABLE_LOCK_REVOKED')
  expect(revoked.tableId).toBe(5)
  expect(revoked.reason).toContain('Maria')
  expect((await a.next('LEASE_REVOKED')).posReference).toBe('of-five')
  for (const anybody of [manager, a, b]) {
    const { locks } = await anybody.next('TABLE_LOCKS_STATE')
    expect(Object.fromEntries(locks.map((lock) => [lock.tableId, lock.lockedBy]))).toEqual({ 5: manager.id, 6: a.id })
  }
  a.say('of-five', 1, { tableId: 5, late: true })
  expect((await a.next('LEASE_DENIED')).posReference).toBe('of-five')
  expect((await a.write('of-six', 1, { tableId: 6 })).version).toBe(2)
  expect(await a.lockDenied(5)).toMatchObject({ lockedBy: manager.id, lockedByName: 'Maria' })
  await a.caughtUp()
  expect(a.seen('LEASE_REVOKED')).toHaveLength(1)
})

test.each(['waiter', 'cashier', 'kitchen'] as const)('a %s cannot take a table over', async (role) => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Somebody', { role })]
  await a.lock(5)
  b.send({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId: 5, reason: 'I want it' })
  expect(await b.next('TABLE_LOCK_DENIED')).toMatchObject({ tableId: 5, reason: 'Manager role required' })
  b.send({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId: 6 })
  expect(await b.next('TABLE_LOCK_DENIED')).toMatchObject({ tableId: 6, reason: 'Manager role required' })
  await a.caughtUp()
  expect(a.types()).not.toContain('TABLE_LOCK_REVOKED')
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  const free = await a.lock(6)
  expect(free.tableId).toBe(6)
})

test('whoever does not hold a lock can neither release nor renew it', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lock(5)
  b.send({ type: 'TABLE_LOCK_RELEASE', tableId: 5 })
  b.send({ type: 'TABLE_LOCK_RELEASE', tableId: 6 })
  b.send({ type: 'TABLE_LOCK_HEARTBEAT', tableId: 5 })
  const revoked = await b.next('TABLE_LOCK_REVOKED')
  expect(revoked.tableId).toBe(5)
  expect(revoked.reason).not.toBe('')
  await a.caughtUp()
  for (const terminal of [a, b]) expect(terminal.seen('TABLE_LOCK_RELEASED')).toEqual([])
  expect(await b.lockDenied(5)).toMatchObject({ lockedBy: a.id })
})

test('the state of a table goes to the others, and to whoever comes later', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  a.send({ type: 'TABLE_UPDATE', tableId: 3, status: 'occupied', posReference: 'order-9' })
  const first = await b.next('TABLE_UPDATED')
  expect(first).toMatchObject({ tableId: 3, status: 'occupied', posReference: 'order-9', sourceTerminal: a.id })
  a.send({ type: 'TABLE_UPDATE', tableId: 4, status: 'cuenta ñ' })
  const second = await b.next('TABLE_UPDATED')
  expect(second).toMatchObject({ tableId: 4, status: 'cuenta ñ', seq: first.seq + 1 })
  expect(second.posReference).toBeUndefined()
  a.send({ type: 'TABLE_UPDATE', tableId: 3, status: 'free' })
  const third = await b.next('TABLE_UPDATED')
  expect(third).toMatchObject({ tableId: 3, status: 'free', seq: second.seq + 1 })
  await a.caughtUp()
  expect(a.seen('TABLE_UPDATED')).toEqual([])
  const late = await shop.join('Till 3')
  const tables = late.init.message.tables.toSorted((one, other) => one.tableId - other.tableId)
  expect(tables).toMatchObject([
    { tableId: 3, status: 'free' },
    { tableId: 4, status: 'cuenta ñ' },
  ])
})

test('a floor plan goes to the others as it was sent; the newest is kept, across a restart too', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const tables = [{ id: 1, x: 0.5, seats: { count: 4, kind: [] }, note: 'junto a la ventana ☀' }, {}]
  a.send({ type: 'FLOOR_PLAN_UPDATE', floorId: 1, tables: [{ id: 1 }] })
  a.send({ type: 'FLOOR_PLAN_UPDATE', floorId: 1, tables, layoutMode: 'grid' })
  a.send({ type: 'FLOOR_PLAN_UPDATE', floorId: 2, tables: [] })
  const first = await b.next('FLOOR_PLAN_CHANGED')
  expect(first.tables).toEqual([{ id: 1 }])
  const second = await b.next('FLOOR_PLAN_CHANGED')
  expect(second).toMatchObject({ floorId: 1, layoutMode: 'grid', sourceTerminal: a.id, seq: first.seq + 1 })
  expect(second.tables).toEqual(tables)
  expect(await b.next('FLOOR_PLAN_CHANGED')).toMatchObject({ floorId: 2, tables: [], seq: first.seq + 2 })
  await a.caughtUp()
  expect(a.seen('FLOOR_PLAN_CHANGED')).toEqual([])
  await shop.hub.restart('SIGKILL')
  const late = await shop.join('Till 3')
  const floors = late.init.message.floors.toSorted((one, other) => one.floorId - other.floorId)
  expect(floors.map((floor) => [floor.floorId, floor.layoutMode])).toEqual([
    [1, 'grid'],
    [2, undefined],
  ])
  expect(floors[0]?.tables).toEqual(tables)
})

test('whoever comes later sees locks and leases as they are', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lock(5)
  await a.lease('order-1')
  await a.write('order-1', 0, { tableId: 5 })
  for (const protocol of [1, 2] as const) {
    const { message } = (await shop.join(`Late ${protocol}`, { protocol })).init
    expect(message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id, lockedByName: 'Till 1' }])
    expect(message.leases).toMatchObject([{ posReference: 'order-1', holder: a.id, holderName: 'Till 1' }])
    expect(message.orders).toMatchObject([{ posReference: 'order-1', version: 1, state: 'open' }])
  }
})

test('every broadcast of a group has the next seq', async () => {
  await using shop = await Shop.open()
  const [a, b, c] = [await shop.join('Till 1'), await shop.join('Till 2'), await shop.join('Till 3')]
  const start = c.init.message.seq
  await Promise.all([a.lease('order-a'), b.lease('order-b')])
  for (let version = 0; version < 5; version++) {
    await Promise.all([a.write('order-a', version, { version }), b.write('order-b', version, { version })])
    a.send({ type: 'TABLE_UPDATE', tableId: version, status: 'occupied' })
    b.send({ type: 'FLOOR_PLAN_UPDATE', floorId: version, tables: [] })
  }
  a.send({ type: 'ORDER_DISCARD', posReference: 'order-a', baseVersion: 5, msgId: 'discard' })
  await c.next('ORDER_DISCARDED')
  await Promise.all([a.caughtUp(), b.caughtUp()])
  await c.caughtUp()
  const heard = c.frames.flatMap(({ message }) =>
    'seq' in message && message.type !== 'SYNC_INIT' && message.type !== 'HEARTBEAT_OK' ? [message.seq] : [],
  )
  expect(heard).toEqual(Array.from({ length: 21 }, (_, at) => start + 1 + at))
  c.send({ type: 'HEARTBEAT' })
  expect((await c.next('HEARTBEAT_OK')).seq).toBe(start + 21)
})
