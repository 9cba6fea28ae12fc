import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

const GROUPS = { HUB_GROUPS: 'main=1,2;terrace=4' }

test('terminals of one group see each other, whatever their configurations', async () => {
  await using shop = await Shop.open(GROUPS)
  const [a, b] = [await shop.join('Till 1', { configId: 1 }), await shop.join('Till 2', { configId: 2 })]
  await a.lock(5)
  expect((await b.next('TABLE_LOCKS_STATE')).locks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: [] })
  expect((await b.updated('order-1')).version).toBe(1)
  expect(await b.leaseDenied('order-1', 1)).toMatchObject({ holder: a.id })
})

test('terminals of two groups never see each other, nor what the other group has', async () => {
  await using shop = await Shop.open(GROUPS)
  const [a, z] = [await shop.join('Till 1', { configId: 1 }), await shop.join('Terrace', { configId: 4 })]
  const zv1 = await shop.join('Terrace v1', { configs: [4], protocol: 1 })
  await a.lock(5)
  await a.lease('order-1')
  await a.write('order-1', 0, { tableId: 5, lines: ['main'] })
  a.send({ type: 'TABLE_UPDATE', tableId: 5, status: 'occupied' })
  a.send({ type: 'FLOOR_PLAN_UPDATE', floorId: 1, tables: [{ id: 5 }] })
  a.send({ type: 'ORDER_FINALIZE', posReference: 'paid-1', snapshot: { of: 'main' }, configId: 4, msgId: 'pay' })
  await a.next('ORDER_FINALIZE_QUEUED')
  await a.lease('gone-1')
  await a.write('gone-1', 0, {})
  a.send({ type: 'ORDER_DISCARD', posReference: 'gone-1', baseVersion: 1, msgId: 'discard' })
  await a.next('ORDER_DISCARDED')
  a.send({ type: 'TABLE_LOCK_RELEASE', tableId: 5 })
  await a.next('TABLE_LOCK_RELEASED')
  await a.lock(5)
  for (const stranger of [z, zv1]) {
    await stranger.caughtUp()
    expect<string[]>(stranger.types()).toEqual(['AUTH_OK', 'SYNC_INIT'])
  }
  const late = await shop.join('Terrace 2', { configId: 4 })
  const nothing = { orders: [], closed: [], tables: [], tableLocks: [], leases: [], floors: [], seq: 0 } as const
  expect(late.init.message).toMatchObject(nothing)
})

test('the same order, table and ticket number in two groups are two', async () => {
  await using shop = await Shop.open(GROUPS)
  const [a, z] = [await shop.join('Till 1', { configId: 1 }), await shop.join('Terrace', { configId: 4 })]
  const manager = await shop.join('Maria', { configId: 4, role: 'manager' })
  await a.lock(5)
  await z.lock(5)
  await a.lease('order-1')
  await z.lease('order-1')
  await a.write('order-1', 0, { of: 'main' })
  await a.write('order-1', 1, { of: 'main' })
  expect((await z.write('order-1', 0, { of: 'terrace' })).version).toBe(1)
  for (const terminal of [a, z]) {
    terminal.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId: 'ticket' })
    expect((await terminal.next('TICKET_NUMBER_ASSIGNED')).ticketNumber).toBe(1)
  }
  manager.send({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId: 5 })
  expect((await z.next('TABLE_LOCK_REVOKED')).tableId).toBe(5)
  manager.send({ type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 1, force: true })
  await manager.next('LEASE_GRANTED')
  expect((await a.write('order-1', 2, { of: 'main' })).version).toBe(3)
  await a.caughtUp()
  for (const gone of ['TABLE_LOCK_REVOKED', 'LEASE_REVOKED', 'TABLE_LOCKS_STATE'] as const) {
    expect(a.types()).not.toContain(gone)
  }
  await shop.hub.restart('SIGKILL')
  const [mainAgain, terraceAgain] = [
    await shop.join('Till 3', { configId: 2 }),
    await shop.join('Terrace 3', { configId: 4 }),
  ]
  expect(mainAgain.init.message.orders).toMatchObject([{ version: 3, snapshot: { of: 'main' } }])
  expect(terraceAgain.init.message.orders).toMatchObject([{ version: 1, snapshot: { of: 'terrace' } }])
  expect(mainAgain.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  expect(terraceAgain.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: manager.id }])
})

test('without a configId the first one of the token counts', async () => {
  await using shop = await Shop.open(GROUPS)
  const writer = await shop.join('Terrace', { configId: 4 })
  await writer.lease('order-1')
  await writer.write('order-1', 0, { of: 'terrace' })
  for (const protocol of [1, 2] as const) {
    const inside = await shop.join(`Inside ${protocol}`, { configs: [4, 1], protocol })
    expect(inside.init.message.orders).toMatchObject([{ snapshot: { of: 'terrace' } }])
    const outside = await shop.join(`Outside ${protocol}`, { configs: [2, 4], protocol })
    expect(outside.init.message.orders).toEqual([])
  }
})

test('unless groups are set the whole hub is one', async () => {
  await using shop = await Shop.open()
  const writer = await shop.join('Till 1', { configId: 1 })
  await writer.lease('order-1')
  await writer.write('order-1', 0, { lines: [] })
  for (const one of [await shop.join('Till 4', { configId: 4 }), await shop.join('Till 9', { configs: [9] })]) {
    expect(one.init.message.orders).toHaveLength(1)
  }
})
