import { describe, expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import type { Till } from './till.ts'
import { acquire, discard, HEARTBEAT, lock, pay, release, sync, updateFloor, updateTable, write } from './words.ts'

function open(): { shop: Play; a: Till; b: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'Till A' }), shop.join()]
  for (const till of [a, b]) till.take()
  return { shop, a, b }
}

/** Orders A to F, each a change: seq 1 to 6; then table, floor, lock and lease. */
function fill(a: Till): void {
  for (const order of ['A', 'B', 'C', 'D', 'E', 'F']) {
    a.say(acquire(order))
    a.say(write(order, 0, { name: order }))
    a.say(release(order))
  }
  a.say(updateTable(1, 'free'))
  a.say(updateFloor(1, [{ id: 1 }]))
  a.say(lock(5))
  a.say(acquire('A', 1))
}

const names = (orders: readonly { readonly posReference: string }[]) => orders.map(({ posReference }) => posReference)

describe('a full SYNC_INIT', () => {
  test('[Y1] holds every active order with state, version and content, and all else that stands', () => {
    const { shop, a } = open()
    fill(a)
    a.say(pay('B', { paid: 1 }))
    shop.mark('C', { state: 'refused' })
    shop.mark('D', { state: 'parked' })
    shop.mark('E', { state: 'final', result: { orderId: 7, lineIdMap: new Opaque('{}'), fiscal: null } })
    shop.mark('F', { state: 'discarded' })
    const { init } = shop.join()
    expect(init).toMatchObject({ mode: 'full', closed: [], epoch: 'e1', seq: 13 })
    const orders = init.orders.map(({ posReference, state, version }) => `${posReference} ${state} ${version}`)
    expect(orders.sort()).toEqual(['A open 1', 'B finalizing 2', 'C refused 1', 'D parked 1'])
    expect(init.orders.find(({ posReference }) => posReference === 'B')?.snapshot).toMatchObject({ paid: 1 })
    expect(init.tables).toMatchObject([{ tableId: 1, status: 'free', seq: 7 }])
    expect(init.floors).toMatchObject([{ floorId: 1, tables: [{ id: 1 }], seq: 8 }])
    expect(init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id, lockedByName: 'Till A' }])
    expect(init.leases).toMatchObject([{ posReference: 'A', holder: a.id, holderName: 'Till A' }])
  })

  test('[Y1] holds nothing of another group, and no group knows the seq of another', () => {
    const { shop, a } = open()
    fill(a)
    const other = shop.join({ group: 'other' })
    const nothing = { orders: [], closed: [], tables: [], tableLocks: [], leases: [], floors: [], seq: 0 }
    expect(other.init).toMatchObject({ mode: 'full', ...nothing })
    other.take()
    other.ask(acquire('A'), 'LEASE_GRANTED')
    other.ask(write('A', 0, { name: 'other' }), 'ORDER_ACCEPTED')
    other.ask(lock(5), 'TABLE_LOCK_GRANTED')
    expect(shop.group.seq).toBe(8)
    expect(shop.order('A').snapshot.json).toBe('{"name":"A"}')
  })

  test('[Y1] names no lock or lease whose time is over, though nobody has noticed', () => {
    const { shop, a } = open()
    fill(a)
    shop.advance(59_999)
    shop.pass(1)
    expect(shop.join().init).toMatchObject({ tableLocks: [], leases: [] })
  })

  test('[Y1] v1 always gets it whole', () => {
    const { shop, a } = open()
    fill(a)
    const old = shop.join({ protocol: 1 })
    old.drop().back()
    expect(old.init.mode).toBe('full')
    expect(old.init.orders).toHaveLength(6)
  })
})

describe('a delta', () => {
  test('[Y2] at every seq holds just the orders that changed since, and all tables, locks, leases and floors', () => {
    const { a, b } = open()
    fill(a)
    for (let seq = 0; seq <= 8; seq++) {
      const init = b.ask(sync('e1', seq), 'SYNC_INIT')
      expect(init).toMatchObject({ mode: 'delta', seq: 8, closed: [] })
      expect(names(init.orders)).toEqual(['A', 'B', 'C', 'D', 'E', 'F'].slice(seq))
      expect([init.tables, init.floors, init.tableLocks, init.leases].map((list) => list.length)).toEqual([1, 1, 1, 1])
    }
  })

  test('[Y2] names the orders that closed since, with what Odoo said of them', () => {
    const { shop, a, b } = open()
    fill(a)
    shop.mark('E', {
      state: 'final',
      result: { orderId: 7, lineIdMap: new Opaque('{}'), fiscal: new Opaque('{"n":1}') },
    })
    shop.mark('F', { state: 'final', result: { orderId: 8, lineIdMap: new Opaque('{}'), fiscal: null } })
    a.say(discard('A', 1))
    b.take()
    const closed = [
      { posReference: 'E', state: 'final', orderId: 7, fiscal: { n: 1 } },
      { posReference: 'F', state: 'final', orderId: 8 },
      { posReference: 'A', state: 'discarded' },
    ]
    for (const [seq, from] of [[0, 0] as const, [8, 0] as const, [9, 1] as const, [10, 2] as const, [11, 3] as const]) {
      const init = b.ask(sync('e1', seq), 'SYNC_INIT')
      expect<unknown>(init.closed).toEqual(closed.slice(from))
      expect(init.mode).toBe('delta')
    }
  })

  test('[Y2] an order that closed and was opened again is among the orders, and not among the closed', () => {
    const { a, b } = open()
    a.say(acquire('A'))
    a.say(write('A', 0))
    a.say(discard('A', 1))
    a.say(acquire('A', 1))
    a.say(write('A', 1))
    b.take()
    const init = b.ask(sync('e1', 1), 'SYNC_INIT')
    expect(names(init.orders)).toEqual(['A'])
    expect(init.closed).toEqual([])
  })

  test('[Y2] brings a v2 terminal that was away to where one that stayed is', () => {
    const { shop, a, b } = open()
    fill(a)
    b.back()
    const seq = b.init.seq
    b.drop()
    a.say(write('A', 1, { name: 'new' }))
    a.say(pay('B'))
    b.back({ seq })
    expect(b.init.mode).toBe('delta')
    expect(names(b.init.orders)).toEqual(['A', 'B'])
    expect(b.init.seq).toBe(shop.group.seq)
  })

  test('[Y2] the same after a restart: the closed ones are known by the disk', () => {
    const { shop, a, b } = open()
    fill(a)
    a.say(discard('A', 1))
    shop.restart()
    b.back({ seq: 8 })
    expect(b.init).toMatchObject({ mode: 'delta', orders: [], closed: [{ posReference: 'A', state: 'discarded' }] })
  })
})

describe('no delta is possible', () => {
  test('[Y3] in another epoch, or ahead of the hub', () => {
    const { shop, a, b } = open()
    fill(a)
    for (const [epoch, seq] of [['e0', 3] as const, ['e1', 9] as const, ['e1', 2 ** 53 - 1] as const]) {
      const init = b.ask(sync(epoch, seq), 'SYNC_INIT')
      expect(init).toMatchObject({ mode: 'full', epoch: 'e1', seq: 8, closed: [] })
      expect(init.orders).toHaveLength(6)
      const back = shop.join()
      back.drop().back({ epoch, seq })
      expect(back.init.mode).toBe('full')
    }
  })

  test('[Y3] a delta that just reaches, at seq 0 and at the hub’s own, is one', () => {
    const { a, b } = open()
    fill(a)
    for (const seq of [0, 8]) expect(b.ask(sync('e1', seq), 'SYNC_INIT').mode).toBe('delta')
  })
})

test('[Y2] HEARTBEAT_OK says the seq of the group and the time of the wall, to v2 alone', () => {
  const { shop, a } = open()
  fill(a)
  const old = shop.join({ protocol: 1 })
  old.take()
  old.tell(HEARTBEAT)
  shop.jump(5_000)
  expect(a.ask(HEARTBEAT, 'HEARTBEAT_OK')).toEqual({ type: 'HEARTBEAT_OK', hubTime: shop.wall, seq: 8 })
})
