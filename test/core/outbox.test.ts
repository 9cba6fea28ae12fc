import { describe, expect, test } from 'bun:test'
import { CALL_GAP_MS, CALLS_MAX, OUTBOX_MAX } from '../../src/core/limits.ts'
import { createRoad, newRow, type OutboxItem } from '../../src/core/outbox.ts'
import { plan } from '../../src/core/road.ts'
import type { PosReference } from '../../src/protocol/mod.ts'
import { crowd } from './crowd.ts'
import {
  DOWN,
  failed,
  GROUPS,
  LOST,
  made,
  only,
  openAway,
  openShop,
  save,
  until,
  WELL,
  wellProbed,
} from './odoo_shop.ts'
import { Play } from './play.ts'
import { GROUP, ODOO } from './stage.ts'
import { acquire, pay, write } from './words.ts'

/** Counts how often the rows of an outbox are read. */
class Counted extends Map<PosReference, OutboxItem> {
  reads = 0
  override *values() {
    for (const item of super.values()) {
      this.reads++
      yield item
    }
    return undefined
  }
}

describe('a week without Odoo', () => {
  const SALES = 5_000

  test('[O3][O2] all sales go through in order of age when it is back, four at a time, at a bounded rate', () => {
    const { shop, a } = openAway()
    const sold: string[] = []
    for (let n = 0; n < SALES; n++) {
      sold.push(`sale ${n}`)
      a.ask(pay(`sale ${n}`, { n }, { configId: 7 + (n % 6) }), 'ORDER_FINALIZE_QUEUED')
      shop.pass(1)
    }
    for (let hour = 0; hour < 24; hour++) {
      shop.advance(3_600_000)
      for (const call of [...shop.calls]) shop.answer(call, failed('probe', 'transient', DOWN))
    }
    shop.answer(until(shop, 'probe'), WELL)
    const begun: { readonly name: string; readonly at: number }[] = []
    while (begun.length < SALES) {
      shop.advance(CALL_GAP_MS)
      expect(shop.calls.length).toBeLessThanOrEqual(CALLS_MAX)
      for (const call of [...shop.calls]) {
        begun.push({ name: String(call.items[0]?.posReference), at: shop.now })
        shop.answer(call, made(begun.length))
      }
    }
    expect(begun.map(({ name }) => name)).toEqual(sold)
    const seconds = Map.groupBy(begun, ({ at }) => Math.floor(at / 1_000))
    for (const { length } of seconds.values()) expect(length).toBeLessThanOrEqual(1_000 / CALL_GAP_MS)
    expect([shop.group.orders.size, shop.group.outbox.size]).toEqual([0, 0])
  }, 30_000)

  test('[O3] while it is away a step looks at none of what waits', () => {
    const { shop, a } = openAway()
    const outbox = new Counted()
    for (let n = 0; n < SALES; n++) a.ask(pay(`sale ${n}`, { n }), 'ORDER_FINALIZE_QUEUED')
    for (const [name, item] of shop.group.outbox) outbox.set(name, item)
    Object.assign(shop.group, { outbox })
    // What is told to people each second counts them; what is taken in between does not.
    shop.advance(1_000)
    a.ask(pay('another'), 'ORDER_FINALIZE_QUEUED')
    outbox.reads = 0
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect(outbox.reads).toBe(0)
    // And once it is back, a look at all of them begins one call: not all of them for each.
    shop.answer(until(shop, 'probe'), WELL)
    outbox.reads = 0
    plan(shop.hub, shop.moment)
    expect(outbox.reads).toBe(SALES + 2)
  })
})

describe('the outbox', () => {
  test('[W1] has a bound for what is only forwarded; payments are taken in any case', () => {
    const [group] = crowd({ orders: 1 }).groups
    if (group === undefined) throw new Error('a crowd has a group')
    const outbox = Array.from({ length: OUTBOX_MAX }, (_, n) => {
      const posReference = `old ${n}` as PosReference
      return { ...newRow({ posReference, kind: 'forward', configId: 7, version: 1, since: n }), isParked: true }
    })
    const stored = { ...crowd({ orders: 1 }), groups: [{ ...group, outbox }] }
    const shop = new Play({ store: null, stored, settings: { odoo: ODOO, groups: GROUPS } })
    const a = shop.join()
    save(a, 'A', { status: 'closed' })
    expect(shop.notes).toEqual(['too much waits for Odoo; this order is not forwarded'])
    expect(shop.group.outbox.size).toBe(OUTBOX_MAX)
    // Money was taken: that it is lost is worse than one row more.
    save(a, 'B', { status: 'paid' })
    a.ask(pay('C'), 'ORDER_FINALIZE_QUEUED')
    expect(shop.group.outbox.size).toBe(OUTBOX_MAX + 2)
    // One that is there already is renewed.
    save(a, 'old 1', { status: 'closed' })
    expect([shop.group.outbox.size, shop.group.outboxParked]).toEqual([OUTBOX_MAX + 2, OUTBOX_MAX - 1])
  })

  test('[O3] a new hub with no Odoo has nothing to do, one with it begins with a probe', () => {
    expect([createRoad(5, false).nextAt, createRoad(5, true).nextAt]).toEqual([Number.POSITIVE_INFINITY, 5])
    const { shop } = openAway()
    shop.advance(0)
    wellProbed(shop)
    expect(shop.hub.odoo).toBe('online')
  })
})

describe('terminals that wait', () => {
  test('[F4] v1 hears after 10 s that Odoo has not answered, and of the order whenever it comes', () => {
    const { shop } = openShop()
    const old = shop.join({ protocol: 1 })
    old.take()
    old.tell(pay('A'))
    shop.advance(9_999)
    expect(old.take()).toEqual([])
    shop.advance(1)
    expect(old.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ posReference: 'A', retryable: true, code: 'ODOO_AWAY' }])
    shop.answer(only(shop, 'finalize'), LOST)
    shop.answer(until(shop, 'finalize'), made(6))
    expect(old.take()).toMatchObject([{ type: 'ORDER_FINALIZED', orderId: 6 }])
  })

  test('[F4] v1 hears nothing else if the answer comes in time', () => {
    const { shop, a } = openShop()
    const old = shop.join({ protocol: 1 })
    old.take()
    old.tell(pay('A'))
    shop.answer(only(shop, 'finalize'), made(6))
    shop.advance(20_000)
    expect(old.take()).toMatchObject([{ type: 'ORDER_FINALIZED', orderId: 6, fiscal: { ncf: 'B0100000001' } }])
    expect(a.taken('ORDER_FINALIZED')).toHaveLength(1)
  })
})

test('[J1] till A takes cash and till B a card for one order: one order in Odoo, the card on the list with its amount', () => {
  const { shop, a, b } = openShop()
  a.ask(pay('A', { totals: { total: 50 }, method: 'cash' }), 'ORDER_FINALIZE_QUEUED')
  const card = { totals: { total: 50 }, method: 'card' }
  expect(b.ask(pay('A', card), 'ORDER_FINALIZE_QUEUED').differs).toBe(true)
  shop.answer(only(shop, 'finalize'), made(6))
  expect(b.ask(pay('A', card), 'ORDER_FINALIZED')).toMatchObject({ orderId: 6, differs: true })
  const read = shop.store?.secondPayments(GROUP)
  expect(read?.ok === true && read.value.map(({ snapshot }) => snapshot.json)).toEqual([JSON.stringify(card)])
  expect(() => until(shop, 'finalize')).toThrow('no finalize began')
})
