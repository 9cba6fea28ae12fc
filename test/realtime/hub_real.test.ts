import { expect, test } from 'bun:test'
import type { OrderUpdatedEvent } from '../../src/realtime/transport.ts'
import { Shop } from '../support/shop.ts'
import { until } from '../support/wait.ts'
import { QUICK, Till } from './hub_till.ts'

test('one till writes, the other sees it, and both know how fresh they are', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  expect(anna.state).toMatchObject({ mode: 'hub', phase: 'ready', hub: 'up', network: 'up', role: 'cashier' })
  expect(await anna.transport.acquireLease('A-1', 0)).toEqual({ granted: true, posReference: 'A-1', version: 0 })
  const saved = await anna.transport.sendOrderSnapshot('A-1', 0, { lines: [{ id: 1 }] })
  expect(saved).toEqual({ state: 'saved', posReference: 'A-1', version: 1, road: 'hub' })
  await bert.hears('updated')
  const sourceTerminal = anna.state.terminalId
  const update: OrderUpdatedEvent = {
    ...{ posReference: 'A-1', version: 1, snapshot: { lines: [{ id: 1 }] }, sourceTerminal, state: 'open' },
  }
  expect(bert.events('updated')).toEqual([update])
  expect(bert.transport.freshnessMs()).toBeLessThan(5_000)
  expect(anna.shelf.rows).toEqual([])
})

test('two tills deny each other the table and the order, and a manager takes the table', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using boss = await Till.open({ url: shop.hub.url, name: 'Boss', role: 'manager' })
  expect(await anna.transport.acquireTableLock(7)).toEqual({ granted: true, tableId: 7 })
  await anna.transport.acquireLease('A-1', 0)
  await anna.transport.sendOrderSnapshot('A-1', 0, { tableId: 7 })
  const denied = await boss.transport.acquireTableLock(7)
  expect(denied).toMatchObject({ granted: false, lockedBy: anna.state.terminalId ?? '', lockedByName: 'Anna' })
  expect(await boss.transport.acquireLease('A-1', 1)).toMatchObject({ granted: false, holderName: 'Anna' })
  const forced = await anna.transport.forceAcquireTableLock(7)
  expect(forced).toMatchObject({ granted: false, reason: 'Manager role required' })
  expect(await boss.transport.forceAcquireTableLock(7, 'guest left')).toEqual({ granted: true, tableId: 7 })
  await anna.hears('lock revoked')
  await anna.hears('lease revoked')
  expect(anna.transport.isTableLockHeld(7)).toBe(false)
  expect(anna.transport.isLeaseHeld('A-1')).toBe(false)
  expect(boss.transport.isTableLockHeld(7)).toBe(true)
  boss.transport.releaseTableLock(7)
  await anna.hears('lock released')
  expect(await anna.transport.acquireTableLock(7)).toEqual({ granted: true, tableId: 7 })
})

test('kill -9 of the hub with unsent work: nothing is lost, under the same ids, and locks and leases are back', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  const { transport } = anna
  await transport.acquireTableLock(7)
  await transport.acquireLease('A-1', 0)
  await transport.sendOrderSnapshot('A-1', 0, { n: 0 })
  await shop.hub.kill('SIGKILL')
  const sends = [1, 2, 3].map((n) => transport.sendOrderSnapshot('A-1', 1, { n }))
  const isWaiting = () => anna.state.phase === 'waiting' && anna.state.unsent === 3
  await until(isWaiting, { what: 'the till knows that the hub is away, and has written all down' })
  expect(anna.state.hub).toBe('down')
  const { ids } = anna.shelf
  expect(anna.shelf.rows.map(({ id }) => id)).toEqual(ids.slice(1))
  await shop.hub.start()
  const answers = await Promise.all(sends)
  expect(answers.map((answer) => answer.state === 'saved' && answer.version)).toEqual([2, 3, 4])
  expect(anna.shelf.ids).toHaveLength(4)
  expect(anna.shelf.rows).toEqual([])
  expect(transport.isTableLockHeld(7)).toBe(true)
  expect(transport.isLeaseHeld('A-1')).toBe(true)
  expect(anna.events('lock revoked')).toEqual([])
  await bert.ready()
  expect(await bert.transport.acquireTableLock(7)).toMatchObject({ granted: false, lockedByName: 'Anna' })
})

test('a page that ends with unsent work: the next one sends it, and lets go of what it borrowed', async () => {
  await using shop = await Shop.open(QUICK)
  const before = await Till.open({ url: shop.hub.url, name: 'Anna' })
  await before.transport.acquireLease('A-1', 0)
  await before.transport.sendOrderSnapshot('A-1', 0, { n: 0 })
  await shop.hub.kill('SIGKILL')
  void before.transport.sendOrderSnapshot('A-1', 1, { n: 1 })
  void before.transport.sendOrderSnapshot('A-1', 1, { n: 2 })
  await until(() => before.shelf.rows.length === 2, { what: 'both changes are written down' })
  before.crash()
  await shop.hub.start()
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  using after = await Till.open({ url: shop.hub.url, name: 'Anna', shelf: before.shelf, pingMs: 100 })
  const isDone = () => before.shelf.rows.length === 0
  await until(isDone, { what: 'the changes are saved, once the session of the former page is over' })
  expect(after.transport.isLeaseHeld('A-1')).toBe(false)
  await until(async () => (await bert.transport.acquireLease('A-1', 3)).granted, { what: 'the order is free' })
  expect(bert.events('updated').at(-1)).toMatchObject({ version: 3, snapshot: { n: 2 } })
})

test('a change made on an old version is a conflict that stays until a later one is saved', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  await anna.transport.acquireLease('A-1', 0)
  await anna.transport.sendOrderSnapshot('A-1', 0, { lines: [1] })
  await anna.transport.releaseLease('A-1')
  const [first, second] = await Promise.all([
    bert.transport.sendOrderSnapshot('A-1', 0, { lines: [2] }),
    bert.transport.sendOrderSnapshot('A-1', 1, { lines: [2, 3] }),
  ])
  const conflict = { posReference: 'A-1', hubVersion: 1, hubSnapshot: { lines: [1] }, local: { lines: [2, 3] } }
  expect(first).toMatchObject({ state: 'conflict', conflict })
  expect(second).toMatchObject({ state: 'conflict', conflict })
  expect(bert.events('conflict')).toHaveLength(1)
  expect(bert.state).toMatchObject({ unsent: 0, refused: 2 })
  const merged = await bert.transport.sendOrderSnapshot('A-1', 1, { lines: [1, 2, 3] })
  expect(merged).toMatchObject({ state: 'saved', version: 2 })
  await until(() => bert.state.refused === 0, { what: 'the conflict is resolved' })
})

test('an order that another till holds is written when it is free', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  await anna.transport.acquireLease('A-1', 0)
  const sent = bert.transport.sendOrderSnapshot('A-1', 0, { by: 'Bert' })
  const paid = bert.transport.finalizeOrder({ posReference: 'A-1', snapshot: { by: 'Bert', paid: 1 }, configId: 1 })
  await until(async () => !(await bert.transport.acquireLease('A-1', 0)).granted, { what: 'Bert is denied' })
  await anna.transport.releaseLease('A-1')
  expect(await sent).toMatchObject({ state: 'saved', version: 1 })
  expect(await paid).toMatchObject({ state: 'queued' })
  expect(bert.transport.isLeaseHeld('A-1')).toBe(false)
})

test('a payment waits while another till holds the order, and says why', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna' })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  await anna.transport.acquireLease('A-1', 0)
  const paid = bert.transport.finalizeOrder({ posReference: 'A-1', snapshot: { paid: 1 }, configId: 1 })
  await bert.hears('finalize error')
  expect(bert.events('finalize error')).toMatchObject([{ code: 'LEASE_HELD', retryable: false }])
  expect(bert.state).toMatchObject({ unsent: 1, refused: 0 })
  await anna.transport.releaseLease('A-1', { last: true })
  expect(await paid).toMatchObject({ state: 'queued', posReference: 'A-1' })
  expect(bert.shelf.rows).toEqual([])
})

test('discards, releases with a last snapshot, tables and tickets', async () => {
  await using shop = await Shop.open()
  using anna = await Till.open({ url: shop.hub.url, name: 'Anna', pingMs: 50 })
  using bert = await Till.open({ url: shop.hub.url, name: 'Bert' })
  const { transport } = anna
  await transport.acquireLease('A-1', 0)
  expect(await transport.releaseLease('A-1', { n: 1 })).toMatchObject({ state: 'saved', version: 1 })
  await until(async () => (await bert.transport.acquireLease('A-1', 1)).granted, { what: 'the order is free' })
  expect(await bert.transport.discardOrder('A-1', 1, 'left')).toMatchObject({ state: 'saved' })
  await anna.hears('closed')
  expect(anna.events('closed')).toMatchObject([{ posReference: 'A-1', state: 'discarded' }])
  transport.sendTableUpdate(3, 'occupied', 'A-2')
  await bert.hears('table')
  expect(bert.events('table')).toEqual([{ tableId: 3, status: 'occupied', posReference: 'A-2' }])
  const numbers = [await transport.requestTicketNumber('takeout'), await bert.transport.requestTicketNumber('takeout')]
  expect(numbers).toEqual([1, 2])
})
