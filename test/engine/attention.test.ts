import { describe, expect, test } from 'bun:test'
import { type Ageing, type Attention, ageingOf, attentionOf, attentionOfPayments } from '../../src/engine/attention.ts'
import { Opaque, type PosReference, type TerminalId } from '../../src/protocol/mod.ts'
import {
  batched,
  finalized,
  gap,
  LINES,
  made,
  NO_SESSION,
  only,
  openAway,
  openShop,
  REFUSED,
  STORED,
  save,
  until,
} from '../core/odoo_shop.ts'
import type { Play } from '../core/play.ts'
import { GROUP, WALL } from '../core/stage.ts'
import { acquire, discard, pay, write } from '../core/words.ts'

const REFERENCE = 'A' as PosReference
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NO_BATCH = batched({ A: { kind: 'failed', failure: failureOf('No such table') } })

function failureOf(text: string) {
  const base = { kind: 'refused', code: 'VALIDATION', scope: 'call', mayHaveLanded: false, retryAfterMs: null } as const
  return { ...base, text }
}

function listOf(shop: Play, afterMs = 0, countMax = 1_000): readonly Attention[] {
  return attentionOf(shop.hub, shop.wall + afterMs, countMax)
}

function causesOf(shop: Play, afterMs = 0): string[] {
  return listOf(shop, afterMs).map(({ posReference, cause }) => `${posReference} ${cause}`)
}

function ageing(over: Partial<Ageing>): Ageing {
  return { count: 0, oldestMs: 0, over1h: 0, over12h: 0, over20h: 0, ...over }
}

describe('orders that Odoo did not take', () => {
  test('refused: with its words, its amount, since the payment; open for correction', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { totals: { total: 12.5 } }), 'ORDER_FINALIZE_QUEUED')
    const since = shop.wall
    shop.advance(5_000)
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(listOf(shop)).toEqual([
      {
        group: GROUP,
        posReference: 'A' as PosReference,
        cause: 'REFUSED',
        text: 'No such product',
        since,
        amount: 12.5,
        actions: ['correct', 'retry', 'entered', 'export'],
      },
    ])
  })

  test('parked: not for correction', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    const conflict = finalized({ kind: 'conflict', orderId: 5, theirs: LINES, text: 'Other lines' })
    shop.answer(only(shop, 'finalize'), conflict)
    expect(listOf(shop)).toMatchObject([
      { cause: 'PARKED', text: 'Other lines', amount: null, actions: ['retry', 'entered', 'export'] },
    ])
  })

  test('no open session, at once; it leaves the list by itself', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), NO_SESSION)
    expect(listOf(shop)).toMatchObject([{ cause: 'NO_OPEN_SESSION', text: 'No open session for Bar' }])
    shop.answer(until(shop, 'finalize'), made(9))
    expect(listOf(shop)).toEqual([])
  })

  test('those of the same configuration that wait behind it stand there too, and say which it is', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), NO_SESSION)
    a.ask(pay('B', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('C', { paid: 1 }, { configId: 8 }), 'ORDER_FINALIZE_QUEUED')
    expect(causesOf(shop)).toEqual(['A NO_OPEN_SESSION', 'B NO_OPEN_SESSION'])
    expect(listOf(shop)[1]?.text).toContain('point of sale 7')
  })

  test('one that was only forwarded: with its words, also when it is gone from memory', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'cancelled' })
    shop.answer(only(shop, 'batch'), NO_BATCH)
    expect(listOf(shop)).toMatchObject([
      { cause: 'FORWARD_REFUSED', text: 'No such table', actions: ['correct', 'retry', 'entered', 'export'] },
    ])
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(discard('A', 1), 'ORDER_DISCARDED')
    shop.answer(until(shop, 'batch'), NO_BATCH)
    expect(listOf(shop)).toMatchObject([{ cause: 'FORWARD_REFUSED', amount: null, actions: ['retry', 'entered'] }])
  })
})

describe('orders that are old', () => {
  test('a payment that waits for an hour, to the millisecond, with what is in the way', () => {
    const { shop, a } = openAway()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    expect(causesOf(shop, HOUR_MS - 1)).toEqual([])
    expect(causesOf(shop, HOUR_MS)).toEqual(['A WAITING'])
    expect(listOf(shop, HOUR_MS)[0]?.text).toBe('It waits for Odoo.')
    expect(causesOf(shop, -HOUR_MS)).toEqual([])
  })

  test('an open order that nobody has touched for seven days, to the millisecond', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'draft', amountTotal: 3 })
    expect(causesOf(shop, 7 * DAY_MS - 1)).toEqual([])
    expect(listOf(shop, 7 * DAY_MS)).toMatchObject([{ cause: 'UNTOUCHED', since: shop.wall, amount: 3 }])
  })

  test('"paid" without a payment: only after the minute that a payment may take, or once it was sent', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    expect([causesOf(shop), causesOf(shop, 59_999)]).toEqual([[], []])
    expect(listOf(shop, 60_000)).toMatchObject([{ cause: 'PAID_NOT_FINALIZED', actions: ['retry', 'export'] }])
    shop.advance(59_000)
    const call = until(shop, 'batch')
    expect(causesOf(shop)).toEqual(['A PAID_NOT_FINALIZED'])
    shop.answer(call, batched({ A: STORED }))
    expect(causesOf(shop)).toEqual(['A PAID_NOT_FINALIZED'])
  })

  test('"paid" without a payment that a person has sent before the minute is over', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    shop.do({ kind: 'asked', ask: 1, person: 'ana', group: GROUP, posReference: REFERENCE, wish: { kind: 'retry' } })
    only(shop, 'batch')
    expect(causesOf(shop)).toEqual(['A PAID_NOT_FINALIZED'])
  })
})

describe('the list', () => {
  test('oldest first, and at most as many as are asked for', () => {
    const { shop, a } = openAway()
    for (let at = 0; at < 12; at++) {
      a.ask(pay(`Order ${at}`, { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
      shop.advance(1_000)
    }
    const references = (countMax: number) => listOf(shop, HOUR_MS, countMax).map(({ posReference }) => posReference)
    expect(references(1_000)).toHaveLength(12)
    expect(references(2)).toEqual(['Order 0', 'Order 1'] as PosReference[])
    expect(references(0)).toEqual([])
  })

  test('an order of one reference in two groups stands there twice', () => {
    const { shop, a } = openAway()
    const other = shop.join({ group: 'bar', configId: 99 })
    for (const till of [a, other]) till.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    expect(listOf(shop, HOUR_MS).map(({ group }) => String(group))).toEqual([String(GROUP), 'bar'])
  })

  test('second payments: who took it, how much, when', () => {
    const payment = {
      posReference: 'A' as PosReference,
      digest: 'd',
      msgId: null,
      configId: 7,
      author: 't' as TerminalId,
      authorName: 'Till B',
      at: WALL,
      snapshot: new Opaque('{"total":20.25,"__proto__":1}'),
    }
    const [one] = attentionOfPayments(GROUP, [payment])
    expect(one).toMatchObject({ cause: 'SECOND_PAYMENT', since: WALL, amount: 20.25 })
    expect(one?.text).toStartWith('Till B took another payment')
    expect(one?.actions).toEqual(['payments_settled', 'export'])
    expect(attentionOfPayments(GROUP, [])).toEqual([])
  })
})

describe('ageing', () => {
  test.each([
    [HOUR_MS - 1, {}],
    [HOUR_MS, { over1h: 1 }],
    [12 * HOUR_MS - 1, { over1h: 1 }],
    [12 * HOUR_MS, { over1h: 1, over12h: 1 }],
    [20 * HOUR_MS - 1, { over1h: 1, over12h: 1 }],
    [20 * HOUR_MS, { over1h: 1, over12h: 1, over20h: 1 }],
  ])('after %p ms', (ms, over) => {
    const { shop, a } = openAway()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    expect(ageingOf(shop.hub, shop.wall + ms)).toEqual(ageing({ count: 1, oldestMs: ms, ...over }))
  })

  test('counts what guests have paid and Odoo has not made, whatever is in the way; and nothing else', () => {
    const { shop, a } = openShop()
    expect(ageingOf(shop.hub, shop.wall)).toEqual(ageing({}))
    save(a, 'draft', { status: 'draft' })
    save(a, 'cancelled', { status: 'cancelled' })
    shop.answer(only(shop, 'batch'), batched({ cancelled: STORED }))
    save(a, 'says paid', { status: 'paid' })
    a.ask(pay('refused', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(until(shop, 'finalize'), REFUSED)
    a.ask(pay('final', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(until(shop, 'finalize'), made(9))
    a.ask(pay('waits', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    expect(ageingOf(shop.hub, shop.wall)).toMatchObject({ count: 3 })
  })

  test('one that Odoo refused, that was discarded and is open again is not paid', () => {
    const { shop, a } = openShop()
    const boss = shop.join({ role: 'manager', configId: 7 })
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(ageingOf(shop.hub, shop.wall)).toMatchObject({ count: 1 })
    boss.ask(acquire('A', 1), 'LEASE_GRANTED')
    boss.ask(discard('A', 1, { reason: 'the guest has left' }), 'ORDER_DISCARDED')
    boss.ask(acquire('A', 1), 'LEASE_GRANTED')
    boss.ask(write('A', 1, { status: 'draft' }), 'ORDER_ACCEPTED')
    expect(shop.order('A').record.state).toBe('open')
    expect(ageingOf(shop.hub, shop.wall)).toEqual(ageing({}))
  })

  test('a clock that went back makes nothing younger than now', () => {
    const { shop, a } = openAway()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    expect(ageingOf(shop.hub, shop.wall - DAY_MS)).toEqual(ageing({ count: 1 }))
  })
})
