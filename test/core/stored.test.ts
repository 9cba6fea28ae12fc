import { describe, expect, test } from 'bun:test'
import { refreshDeadline } from '../../src/core/evolve.ts'
import { remembered } from '../../src/core/stored.ts'
import { Opaque } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import { SETTINGS, YEAR_MS } from './stage.ts'
import type { Till } from './till.ts'
import {
  acquire,
  discard,
  force,
  forceLock,
  lock,
  pay,
  release,
  ticket,
  updateFloor,
  updateTable,
  write,
} from './words.ts'

function open(): { shop: Play; a: Till; b: Till } {
  const shop = new Play()
  return { shop, a: shop.join(), b: shop.join() }
}

describe('after a restart', () => {
  test('[R1] sessions, locks and leases all run for the longest time to live, and not longer', () => {
    const { shop, a, b } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.ask(acquire('A'), 'LEASE_GRANTED')
    shop.advance(40_000)
    shop.restart()
    b.back()
    shop.advance(59_999)
    b.take()
    b.ask(lock(5), 'TABLE_LOCK_DENIED')
    b.ask(acquire('A'), 'LEASE_DENIED')
    shop.advance(1)
    b.take()
    b.ask(lock(5), 'TABLE_LOCK_GRANTED')
    b.ask(acquire('A'), 'LEASE_GRANTED')
  })

  test('[R1] the longest is that of the locks, where they live longer', () => {
    const settings = { ...SETTINGS, leaseMs: 30_000, lockMs: 90_000 }
    const shop = new Play({ settings })
    const [a, b] = [shop.join(), shop.join()]
    a.ask(acquire('A'), 'LEASE_GRANTED')
    shop.restart()
    b.back()
    shop.advance(89_999)
    b.take()
    b.ask(acquire('A'), 'LEASE_DENIED')
    shop.advance(1)
    b.take()
    b.ask(acquire('A'), 'LEASE_GRANTED')
  })

  for (const protocol of [1, 2] as const) {
    test('[R1] a terminal that comes back within that time has all that it held, one that comes later does not', () => {
      for (const [ms, holds] of [[59_999, true] as const, [60_000, false] as const]) {
        const shop = new Play()
        const a = shop.join({ protocol })
        a.ask(lock(5), 'TABLE_LOCK_GRANTED')
        a.ask(acquire('A'), 'LEASE_GRANTED')
        const { id } = a
        shop.restart()
        shop.advance(ms)
        a.back()
        expect(a.init.leases.map(({ holder }) => holder)).toEqual(holds ? [id as never] : [])
        expect(a.init.tableLocks).toHaveLength(holds ? 1 : 0)
      }
    })
  }

  test('[R1] no deadline lies further ahead than that, whatever the clocks say', () => {
    for (const [nowMs, wallMs] of [[0, 0] as const, [-900_000, -YEAR_MS] as const, [YEAR_MS, YEAR_MS] as const]) {
      const { shop, a } = open()
      a.ask(lock(5), 'TABLE_LOCK_GRANTED')
      shop.now += nowMs
      shop.wall += wallMs
      shop.restart()
      expect(shop.hub.nextDeadline).toBe(shop.now + 60_000)
      refreshDeadline(shop.hub)
      expect(shop.hub.nextDeadline).toBe(shop.now + 60_000)
    }
  })

  test('[R1] fences go on from where they were, though their grants are over', () => {
    const { shop, a, b } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    const { fence } = a.ask(acquire('A'), 'LEASE_GRANTED')
    a.say(release('A'))
    shop.restart()
    b.back()
    b.take()
    expect(b.ask(acquire('A'), 'LEASE_GRANTED').fence).toBeGreaterThan(fence)
  })

  test('[R1] the grant that runs on keeps its fence', () => {
    const { shop, a } = open()
    const { fence } = a.ask(acquire('A'), 'LEASE_GRANTED')
    shop.restart()
    a.back({ leases: ['A'] })
    a.take()
    a.ask(write('A', 0, {}, { fence }), 'ORDER_ACCEPTED')
    expect(a.ask(acquire('A', 1), 'LEASE_GRANTED').fence).toBe(fence)
  })
})

describe('what is remembered', () => {
  test('[R2] is the same before and after: a shop in the middle of its evening', () => {
    const { shop, a, b } = open()
    const manager = shop.join({ role: 'manager', protocol: 1 })
    for (const order of ['A', 'B', 'C', 'D']) {
      a.say(acquire(order))
      a.say(write(order, 0, { tableId: 5, name: order }))
    }
    a.say(lock(5))
    b.say(lock(6))
    manager.say(forceLock(6, 'because'))
    manager.say(force('A'))
    a.say(discard('B', 1))
    a.say(pay('C', { paid: 1 }, { settled: { orderId: 9 } }))
    b.say(pay('C', { paid: 2 }))
    b.say(updateTable(5, 'occupied', { posReference: 'A' }))
    b.say(updateFloor(1, [{ id: 1 }], { layoutMode: 'grid' }))
    for (const type of ['takeout', 'takeout', 'delivery'] as const) b.say(ticket(type, { msgId: shop.name('t') }))
    shop.mark('D', {
      state: 'final',
      result: { orderId: 4, lineIdMap: new Opaque('{"1":2}'), fiscal: new Opaque('{}') },
    })
    shop.join({ group: 'other' }).say(lock(1))
    b.drop()
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
    expect(shop.hub.snapshotChars).toBe(
      [...shop.group.orders.values()].reduce((sum, { snapshot }) => sum + snapshot.json.length, 0),
    )
  })

  test('[R2] an end that came before the restart stays an end', () => {
    const { shop, a, b } = open()
    a.say(lock(5))
    a.say(acquire('A'))
    shop.advance(60_000)
    b.drop()
    shop.advance(10_000)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
    expect(shop.join().init).toMatchObject({ leases: [], tableLocks: [] })
  })

  test('[R2] the newest time is among it', () => {
    const { shop, a } = open()
    shop.advance(1_000)
    a.say(updateTable(1, 'free'))
    const newest = shop.wall
    shop.jump(-YEAR_MS)
    a.say(updateTable(2, 'free'))
    shop.restart()
    expect(shop.hub).toMatchObject({ newestWall: newest, newestDay: '2026-11-22' })
  })
})
