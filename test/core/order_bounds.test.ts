import { describe, expect, test } from 'bun:test'
import {
  CLOSED_KEPT_MAX,
  CLOSED_WHOLE_CHARS_MAX,
  CLOSED_WHOLE_MAX,
  MESSAGES_PER_ORDER_MAX,
  ORDERS_ACTIVE_MAX,
  SECOND_PAYMENTS_MAX,
  SNAPSHOT_CHARS_MAX,
  SNAPSHOT_CHARS_WITH_PAYMENTS_MAX,
  WAITERS_MAX,
} from '../../src/core/limits.ts'
import { remembered } from '../../src/core/stored.ts'
import { Opaque } from '../../src/protocol/mod.ts'
import { crowd } from './crowd.ts'
import { Play } from './play.ts'
import { GROUP } from './stage.ts'
import { typesOf } from './till.ts'
import { acquire, discard, pay, sync, write } from './words.ts'

const FULL = { type: 'ERROR', code: 'HUB_FULL', next: 'later' }

describe('orders', () => {
  test('[V9] one more active order than the bound is refused, and said; those there go on, payments are taken', () => {
    const shop = new Play({ stored: crowd({ orders: ORDERS_ACTIVE_MAX - 1 }), store: null, isQuick: true })
    const [a, old] = [shop.join(), shop.join({ protocol: 1 })]
    for (const order of ['last', 'more', 'order 1']) a.say(acquire(order))
    a.ask(write('last', 0), 'ORDER_ACCEPTED')
    expect(a.ask(write('more', 0, {}, { msgId: 'm' }), 'ERROR')).toMatchObject({ ...FULL, msgId: 'm' })
    a.ask(write('order 1', 1), 'ORDER_ACCEPTED')
    a.ask(discard('last', 1), 'ORDER_DISCARDED')
    a.ask(write('more', 0, {}, { msgId: 'm' }), 'ORDER_ACCEPTED')
    a.say(acquire('last', 1))
    expect(a.ask(write('last', 1), 'ERROR')).toMatchObject(FULL)
    a.ask(pay('paid', {}), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('order 1'), 'ORDER_FINALIZE_QUEUED')
    old.say(acquire('old'))
    old.tell(write('old', 0))
    expect(old.lastCode).toBe('BUSY')
  })

  test('[V9] more text in all active orders than the bound is refused, and said; what fits again is taken', () => {
    const shop = new Play()
    const a = shop.join()
    const text = (length: number) => ({ text: 'x'.repeat(length) })
    const spare = JSON.stringify(text(10)).length
    for (const order of ['A', 'B']) a.say(acquire(order))
    a.ask(write('A', 0, text(100)), 'ORDER_ACCEPTED')
    shop.hub.snapshotChars = SNAPSHOT_CHARS_MAX - spare
    expect(a.ask(write('B', 0, text(11)), 'ERROR')).toMatchObject(FULL)
    expect(a.ask(write('A', 1, text(101 + spare)), 'ERROR')).toMatchObject(FULL)
    a.ask(write('B', 0, text(10)), 'ORDER_ACCEPTED')
    expect(shop.hub.snapshotChars).toBe(SNAPSHOT_CHARS_MAX)
    expect(a.ask(write('A', 1, text(101)), 'ERROR')).toMatchObject(FULL)
    a.ask(write('A', 1, text(100)), 'ORDER_ACCEPTED')
    a.ask(write('A', 2, text(99)), 'ORDER_ACCEPTED')
    a.ask(write('B', 1, text(11)), 'ORDER_ACCEPTED')
  })

  test('[V9] payments have room where nothing else has, up to a bound of their own', () => {
    const shop = new Play()
    const a = shop.join()
    const paid = { paid: 100 }
    shop.hub.snapshotChars = SNAPSHOT_CHARS_WITH_PAYMENTS_MAX - JSON.stringify(paid).length
    a.ask(pay('A', paid), 'ORDER_FINALIZE_QUEUED')
    expect(a.ask(pay('B', paid, { msgId: 'b' }), 'ERROR')).toMatchObject({ ...FULL, msgId: 'b' })
    shop.mark('A', { state: 'final', result: { orderId: 1, lineIdMap: new Opaque('{}'), fiscal: null } })
    a.ask(pay('B', paid, { msgId: 'b' }), 'ORDER_FINALIZE_QUEUED')
  })

  test('[V1] the last 256 msgIds of an order are known, the one before is new again', () => {
    const shop = new Play()
    const a = shop.join()
    a.say(acquire('A'))
    for (let at = 0; at < MESSAGES_PER_ORDER_MAX; at++) a.say(write('A', at, { at }, { msgId: `m${at}` }))
    expect(a.ask(write('A', 0, { at: 0 }, { msgId: 'm0' }), 'ORDER_ACCEPTED').version).toBe(1)
    a.say(write('A', 256, { at: 256 }, { msgId: 'm256' }))
    expect(a.ask(write('A', 1, { at: 1 }, { msgId: 'm1' }), 'ORDER_ACCEPTED').version).toBe(2)
    expect(a.ask(write('A', 0, { at: 0 }, { msgId: 'm0' }), 'CONFLICT').hubVersion).toBe(257)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
  })

  test('[V1] a msgId that was forgotten may be used again, and the disk takes it', () => {
    const shop = new Play()
    const a = shop.join()
    a.say(acquire('A'))
    for (let at = 0; at <= MESSAGES_PER_ORDER_MAX; at++) a.say(write('A', at, { at }, { msgId: `m${at}` }))
    expect(a.ask(write('A', 257, { at: 257 }, { msgId: 'm0' }), 'ORDER_ACCEPTED').version).toBe(258)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
  })

  test('[V1] discards, payments and second payments count among the 256', () => {
    const shop = new Play()
    const a = shop.join()
    a.say(acquire('A'))
    for (let at = 0; at < MESSAGES_PER_ORDER_MAX; at++) a.say(write('A', at, { at }, { msgId: `m${at}` }))
    a.ask(discard('A', 256, { msgId: 'd' }), 'ORDER_DISCARDED')
    a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('A', { paid: 2 }, { msgId: 's' }), 'ORDER_FINALIZE_QUEUED')
    const known = [...shop.order('A').messages.keys()].map(String)
    expect([known.length, known[0], ...known.slice(-3)]).toEqual([256, 'm3', 'd', 'p', 's'])
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
  })

  test('[F6] more second payments than the bound are not kept, and the log says so; those kept are answered as before', () => {
    const shop = new Play()
    const a = shop.join()
    a.say(pay('A', { paid: 0 }))
    for (let paid = 1; paid <= SECOND_PAYMENTS_MAX; paid++) {
      a.ask(pay('A', { paid }, { msgId: `p${paid}` }), 'ORDER_FINALIZE_QUEUED')
    }
    const notes = shop.notes.length
    expect(a.ask(pay('A', { paid: 99 }, { msgId: 'p99' }), 'ORDER_FINALIZE_QUEUED').differs).toBe(true)
    expect(shop.notes).toHaveLength(notes + 1)
    expect(shop.store?.secondPayments(GROUP)).toMatchObject({ value: { length: SECOND_PAYMENTS_MAX } })
    for (const msgId of ['p1', 'another']) {
      expect(a.ask(pay('A', { paid: 1 }, { msgId }), 'ORDER_FINALIZE_QUEUED').differs).toBe(true)
    }
    expect(a.ask(pay('A', { paid: 0 }), 'ORDER_FINALIZE_QUEUED').differs).toBeUndefined()
    expect(shop.notes).toHaveLength(notes + 1)
  })

  test('[F4] one more waiting v1 terminal than the bound is refused, and said', () => {
    const shop = new Play()
    const tills = Array.from({ length: WAITERS_MAX + 1 }, () => shop.join({ protocol: 1 }))
    for (const till of tills) till.say(pay('A'))
    shop.advance(10_000)
    const told = tills.filter((till) => till.taken('ORDER_FINALIZE_ERROR').length === 1)
    expect(told).toHaveLength(WAITERS_MAX)
    expect(tills.at(-1)?.lastCode).toBe('BUSY')
  })
})

describe('closed orders', () => {
  test('[Y3] a delta that would need a closure no longer known is a full one', () => {
    const shop = new Play({ stored: crowd({ closed: CLOSED_KEPT_MAX }), store: null })
    const a = shop.join()
    expect(a.ask(sync('e1', 0), 'SYNC_INIT')).toMatchObject({ mode: 'delta' })
    a.say(acquire('A'))
    a.say(write('A', 0))
    a.say(discard('A', 1))
    expect(shop.group.closed.size).toBe(CLOSED_KEPT_MAX)
    expect(a.ask(sync('e1', 0), 'SYNC_INIT').mode).toBe('full')
    const delta = a.ask(sync('e1', 1), 'SYNC_INIT')
    expect(delta.mode).toBe('delta')
    expect(delta.closed).toHaveLength(CLOSED_KEPT_MAX)
  })

  test('[Y3] how far back a delta reaches is known after a restart', () => {
    const shop = new Play({ stored: crowd({ closed: 100, closedFloor: 40 }), store: null })
    const a = shop.join()
    expect(a.ask(sync('e1', 39), 'SYNC_INIT').mode).toBe('full')
    expect(a.ask(sync('e1', 40), 'SYNC_INIT').mode).toBe('delta')
  })

  test('[V1] an older closed order is read from the disk, and answers as before', () => {
    const shop = new Play({ isQuick: true })
    const a = shop.join()
    for (let at = 0; at < CLOSED_WHOLE_MAX + 10; at++) {
      a.say(acquire(`order ${at}`))
      a.say(write(`order ${at}`, 0, { at }, { msgId: 'w' }))
      a.say(discard(`order ${at}`, 1, { msgId: 'd' }))
    }
    expect(shop.group.closedWhole.size).toBe(CLOSED_WHOLE_MAX)
    a.take()
    expect(a.ask(write('order 0', 0, { at: 0 }, { msgId: 'w' }), 'ORDER_ACCEPTED')).toMatchObject({
      version: 1,
      seq: 1,
    })
    a.ask(discard('order 1', 1, { msgId: 'd' }), 'ORDER_DISCARDED')
    expect(typesOf(a.say(acquire('order 2', 1)))).toEqual(['LEASE_GRANTED'])
    expect(a.ask(write('order 2', 1), 'ORDER_ACCEPTED').version).toBe(2)
    expect(shop.group.closedWhole.size).toBeLessThanOrEqual(CLOSED_WHOLE_MAX)
  })
})

test('[V1] closed orders with much text do not stay in memory whole, and answer as before', () => {
  const shop = new Play({ isQuick: true })
  const a = shop.join()
  const text = 'x'.repeat(1_000_000)
  for (let at = 0; at < 12; at++) {
    a.say(acquire(`order ${at}`))
    a.say(write(`order ${at}`, 0, { text, at }, { msgId: 'w' }))
    a.say(discard(`order ${at}`, 1))
  }
  const chars = [...shop.group.closedWhole.values()].reduce((sum, { snapshot }) => sum + snapshot.json.length, 0)
  expect(chars).toBeGreaterThan(CLOSED_WHOLE_CHARS_MAX / 2)
  expect(chars).toBeLessThanOrEqual(CLOSED_WHOLE_CHARS_MAX)
  expect(a.ask(write('order 0', 0, { text, at: 0 }, { msgId: 'w' }), 'ORDER_ACCEPTED').version).toBe(1)
})
