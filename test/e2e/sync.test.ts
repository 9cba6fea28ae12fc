import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'
import type { Terminal } from '../support/terminal.ts'

setDefaultTimeout(30_000)

/** Orders `order-0` to `order-9`, each at version 1 and free. */
async function tenOrders(writer: Terminal): Promise<void> {
  for (let at = 0; at < 10; at++) {
    await writer.lease(`order-${at}`)
    await writer.write(`order-${at}`, 0, { at })
    writer.send({ type: 'LEASE_RELEASE', posReference: `order-${at}` })
  }
  await writer.caughtUp()
}

test('who comes back gets what changed, what closed, and the rest of the floor in full', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await tenOrders(a)
  a.send({ type: 'TABLE_UPDATE', tableId: 1, status: 'occupied' })
  a.send({ type: 'FLOOR_PLAN_UPDATE', floorId: 1, tables: [{ id: 1 }] })
  await a.lock(1)
  await a.caughtUp()
  await b.caughtUp()
  const left = b.resume()
  await b.drop()
  await a.lease('order-3', 1)
  const changed = await a.write('order-3', 1, { at: 'changed' })
  await a.lease('order-4', 1)
  a.send({ type: 'ORDER_DISCARD', posReference: 'order-4', baseVersion: 1, msgId: 'discard' })
  const closed = await a.next('ORDER_DISCARDED')
  const { message } = (await shop.rejoin(b, { resume: left })).init
  expect(message).toMatchObject({ mode: 'delta', epoch: left.epoch, seq: closed.seq })
  expect(closed.seq).toBe(changed.seq + 1)
  expect(message.orders).toMatchObject([{ posReference: 'order-3', version: 2, snapshot: { at: 'changed' } }])
  expect(message.closed).toMatchObject([{ posReference: 'order-4', state: 'discarded' }])
  expect(message.tables).toMatchObject([{ tableId: 1, status: 'occupied' }])
  expect(message.floors).toMatchObject([{ floorId: 1, tables: [{ id: 1 }] }])
  expect(message.tableLocks).toMatchObject([{ tableId: 1, lockedBy: a.id }])
  expect(message.leases.map(({ posReference }) => posReference)).toContain('order-3')
})

test('who comes back and has missed nothing gets no orders', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await tenOrders(a)
  await b.caughtUp()
  const back = await shop.rejoin(b)
  expect(back.init.message).toMatchObject({ mode: 'delta', orders: [], closed: [], seq: b.seq })
})

test('an unknown session id gives a new session, still with a delta', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await tenOrders(a)
  const resume = { ...a.resume(), sessionId: 'f'.repeat(32) }
  await a.lease('order-0', 1)
  await a.write('order-0', 1, { at: 'changed' })
  const b = await shop.join('Till 2', { resume })
  expect(b.id).not.toBe(a.id)
  expect(b.init.message.mode).toBe('delta')
  expect(b.init.message.orders.map(({ posReference }) => posReference)).toEqual(['order-0'])
})

test('another epoch, and a seq ahead of the hub, get everything', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await tenOrders(a)
  await b.caughtUp()
  for (const resume of [
    { ...b.resume(), epoch: 'another-epoch' },
    { ...b.resume(), seq: b.seq + 1 },
  ]) {
    const { message } = (await shop.rejoin(b, { resume })).init
    expect(message.mode).toBe('full')
    expect(message.orders).toHaveLength(10)
    expect(message).toMatchObject({ epoch: a.auth.epoch, seq: b.seq })
  }
})

test('a new data folder is another epoch', async () => {
  await using first = await Shop.open()
  await using second = await Shop.open()
  const [a, b] = [await first.join('Till 1'), await second.join('Till 1')]
  expect(a.auth.epoch).not.toBe(b.auth.epoch)
  const moved = await second.join('Till 1', { resume: a.resume(), deviceId: 'moved' })
  expect(moved.init.message.mode).toBe('full')
})

test('epoch and seq outlive kill -9: who comes back gets a delta of what was before it', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await tenOrders(a)
  await b.caughtUp()
  const left = b.resume()
  await b.drop()
  await a.lease('order-7', 1)
  const changed = await a.write('order-7', 1, { at: 'changed' })
  await shop.hub.restart('SIGKILL')
  const { message } = (await shop.rejoin(b, { resume: left })).init
  expect(message).toMatchObject({ mode: 'delta', epoch: left.epoch })
  expect(message.seq).toBeGreaterThanOrEqual(changed.seq)
  expect(message.orders).toMatchObject([{ posReference: 'order-7', version: 2 }])
  const back = await shop.rejoin(a)
  const next = await back.write('order-7', 2, { at: 'again' })
  expect(next.seq).toBeGreaterThan(changed.seq)
})

test('a terminal that sees a gap asks for what it has missed', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await tenOrders(a)
  await b.caughtUp()
  const { epoch, seq } = b.resume()
  b.forget()
  b.send({ type: 'SYNC_REQUEST', epoch, seq: seq - 1 })
  const delta = await b.next('SYNC_INIT')
  expect(delta).toMatchObject({ mode: 'delta', epoch, seq, closed: [] })
  expect(delta.orders.map(({ posReference }) => posReference)).toEqual(['order-9'])
  b.send({ type: 'SYNC_REQUEST', epoch: 'another', seq })
  const full = await b.next('SYNC_INIT')
  expect(full).toMatchObject({ mode: 'full', epoch, seq })
  expect(full.orders).toHaveLength(10)
})
