import { describe, expect, test } from 'bun:test'
import type { Wish } from '../../src/core/command.ts'
import type { PosReference } from '../../src/protocol/mod.ts'
import {
  batched,
  DOWN,
  failed,
  finalized,
  flying,
  gap,
  itemOf,
  LINES,
  made,
  NO,
  NO_SESSION,
  only,
  openPaid,
  openShop,
  REFUSED,
  rowOnDisk,
  type Shop,
  save,
  until,
  waitsForOdoo,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { GROUP } from './stage.ts'
import { acquire, pay, write } from './words.ts'

let asks = 0

/** What ana wants, and what she is told. */
function wish(shop: Play, posReference: string, wanted: Wish) {
  asks++
  const about = { person: 'ana', group: GROUP, posReference: posReference as PosReference }
  shop.do({ kind: 'asked', ask: asks, ...about, wish: wanted })
  const reply = shop.replies.get(asks)
  if (reply === undefined) throw new Error('nobody was told anything')
  return reply
}

const RETRY: Wish = { kind: 'retry' }

function audits(shop: Play) {
  const read = shop.store?.audit(GROUP, 9)
  if (read?.ok !== true) throw new Error('the audit cannot be read')
  return read.value.map(({ what, actorName, actorSubject, subject, reason }) => [
    what,
    actorName,
    actorSubject,
    subject,
    reason,
  ])
}

/** An order that Odoo refused, or that it has with other content. */
function openStopped(state: 'refused' | 'parked'): Shop {
  const opened = openShop()
  const { shop, a, b } = opened
  a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
  const conflict = finalized({ kind: 'conflict', orderId: 5, theirs: LINES, text: 'Other lines' })
  shop.answer(only(shop, 'finalize'), state === 'refused' ? REFUSED : conflict)
  gap(shop)
  for (const till of [a, b]) till.take()
  return opened
}

describe('retry', () => {
  test.each(['refused', 'parked'] as const)('[M1] an order that is %s goes to Odoo now, and all see it', (state) => {
    const { shop, a, b } = openStopped(state)
    expect(wish(shop, 'A', RETRY)).toEqual({ ok: true })
    expect(flying(shop)).toEqual(['finalize A'])
    for (const till of [a, b]) expect(till.taken('ORDER_UPDATED')).toMatchObject([{ state: 'finalizing', version: 1 }])
    expect(rowOnDisk(shop, 'A')).toMatchObject({ kind: 'finalize', attempts: 1, configId: 7, version: 1 })
    expect(shop.order('A').record).toMatchObject({ state: 'finalizing', finalize: { refusal: null } })
    shop.answer(only(shop, 'finalize'), made(9))
    expect(a.taken('ORDER_FINALIZED')).toMatchObject([{ orderId: 9, msgId: 'p' }])
  })

  test('[M1] not while a terminal corrects it', () => {
    const { shop, b } = openStopped('refused')
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    expect(wish(shop, 'A', RETRY)).toEqual({ ok: false, code: 'LEASE_HELD', text: expect.stringContaining('b') })
    expect([shop.order('A').record.state, flying(shop), audits(shop)]).toEqual(['refused', [], []])
    shop.advance(60_000)
    expect(wish(shop, 'A', RETRY)).toEqual({ ok: true })
  })

  test('[M1] what was corrected meanwhile is what goes, and whoever pays it so pays the same sale', () => {
    const { shop, b } = openStopped('refused')
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    b.ask(write('A', 1, { paid: 1, product: 8 }), 'ORDER_ACCEPTED')
    b.say({ type: 'LEASE_RELEASE', posReference: 'A' })
    wish(shop, 'A', RETRY)
    expect(only(shop, 'finalize').items).toMatchObject([{ version: 2 }])
    expect(b.ask(pay('A', { paid: 1, product: 8 }), 'ORDER_FINALIZE_QUEUED').differs).toBeUndefined()
  })

  test('[M1] an order that rests goes now, and so does its session', () => {
    for (const answer of [failed('finalize', 'transient', { retryAfterMs: 600_000 }), NO_SESSION]) {
      const { shop, a } = openShop()
      a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
      shop.answer(only(shop, 'finalize'), answer)
      gap(shop)
      expect(flying(shop)).toEqual([])
      expect(wish(shop, 'A', RETRY)).toEqual({ ok: true })
      expect(flying(shop)).toEqual(['finalize A'])
    }
  })

  test('[M1] while Odoo is away it is probed now', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient', DOWN))
    for (let time = 0; time < 8; time++) shop.answer(until(shop, 'probe'), failed('probe', 'transient', DOWN))
    expect(flying(shop)).toEqual([])
    wish(shop, 'A', RETRY)
    expect(flying(shop)).toEqual(['probe'])
  })

  test('[M1] never makes a second call beside one that runs, and no call before an old one must be over', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect(wish(shop, 'A', RETRY)).toEqual({ ok: true })
    expect(flying(shop)).toEqual(['finalize A'])
    shop.answer(only(shop, 'finalize'), failed('finalize', 'ambiguous'))
    shop.answer(until(shop, 'finalize'), REFUSED)
    wish(shop, 'A', RETRY)
    shop.advance(20_000)
    expect(flying(shop)).toEqual([])
    expect(shop.order('A').record.state).toBe('finalizing')
    expect(itemOf(shop, 'A').row.verdict).not.toBeNull()
  })

  test('[M1] a forwarded order that Odoo refused is tried again', () => {
    const { shop } = openPaid()
    shop.answer(only(shop, 'batch'), batched({ A: NO }))
    expect(wish(shop, 'A', RETRY)).toEqual({ ok: true })
    expect([shop.group.outboxParked, rowOnDisk(shop, 'A')?.isParked]).toEqual([0, false])
    until(shop, 'batch')
  })

  test('[M1] what nothing stopped needs none, and what nobody knows cannot have one', () => {
    const { shop, a } = openShop()
    save(a, 'open', {})
    a.ask(pay('final'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(1))
    for (const name of ['open', 'final']) expect(wish(shop, name, RETRY)).toMatchObject({ code: 'NOTHING_TO_DO' })
    expect(wish(shop, 'nobody', RETRY)).toMatchObject({ code: 'ORDER_UNKNOWN' })
    shop.do({
      kind: 'asked',
      ask: -1,
      person: '',
      group: 'no group' as never,
      posReference: 'open' as PosReference,
      wish: RETRY,
    })
    expect(shop.replies.get(-1)).toMatchObject({ code: 'ORDER_UNKNOWN' })
    expect([audits(shop), flying(shop)]).toEqual([[], []])
  })
})

describe('entered by hand', () => {
  test.each(['refused', 'parked'] as const)(
    '[M2] an order that is %s is final, with the number if it is known',
    (state) => {
      for (const orderId of [0, 77]) {
        const { shop, a, b } = openStopped(state)
        expect(wish(shop, 'A', { kind: 'entered', note: 'typed in', orderId })).toEqual({ ok: true })
        for (const till of [a, b]) expect(till.taken('ORDER_FINALIZED')).toMatchObject([{ posReference: 'A', orderId }])
        expect(shop.order('A').record).toMatchObject({
          state: 'final',
          result: { orderId },
          finalize: { refusal: null },
        })
        shop.restart()
        expect(a.back().ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZED').orderId).toBe(orderId)
        expect(() => until(shop, 'finalize')).toThrow('no finalize began')
      }
    },
  )

  test('[M2] takes the lease of whoever corrects it', () => {
    const { shop, b } = openStopped('refused')
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    wish(shop, 'A', { kind: 'entered', note: '', orderId: 0 })
    expect(b.taken('LEASE_REVOKED')).toHaveLength(1)
  })

  test('[M2] a forwarded order that Odoo refused: final if it says paid, else only off the list', () => {
    const paid = openPaid()
    paid.shop.answer(only(paid.shop, 'batch'), batched({ A: NO }))
    expect(wish(paid.shop, 'A', { kind: 'entered', note: 'typed in', orderId: 7 })).toEqual({ ok: true })
    expect([paid.shop.order('A').record.state, waitsForOdoo(paid.shop)]).toEqual(['final', []])
    const { shop, a } = openShop()
    save(a, 'A', { status: 'closed' })
    shop.answer(only(shop, 'batch'), batched({ A: NO }))
    expect(wish(shop, 'A', { kind: 'entered', note: 'typed in', orderId: 7 })).toEqual({ ok: true })
    expect([shop.order('A').record.state, waitsForOdoo(shop), shop.group.outboxParked]).toEqual(['open', [], 0])
  })

  test('[M2] what does not wait for a person is not: the hub still tries', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    save(a, 'open', {})
    for (const name of ['A', 'open']) {
      const reply = wish(shop, name, { kind: 'entered', note: '', orderId: 5 })
      expect(reply).toMatchObject({ ok: false, code: 'NOTHING_TO_DO' })
    }
    expect(shop.order('A').record.state).toBe('finalizing')
  })
})

describe('second payments', () => {
  test('[M3] that were looked at leave the list, with a note, and do not come back', () => {
    const { shop, b } = openStopped('parked')
    b.ask(pay('A', { paid: 2 }), 'ERROR')
    const listed = () => {
      const read = shop.store?.secondPayments(GROUP)
      return read?.ok === true ? read.value.length : -1
    }
    expect(listed()).toBe(1)
    expect(wish(shop, 'A', { kind: 'payments_settled', note: 'given back' })).toEqual({ ok: true })
    expect([listed(), audits(shop)]).toEqual([0, [['payments_settled', 'ana', 'ana', 'A', 'given back']]])
    b.ask(pay('A', { paid: 2 }), 'ERROR')
    expect(listed()).toBe(0)
    b.ask(pay('A', { paid: 3 }), 'ERROR')
    expect(listed()).toBe(1)
  })

  test('[M3] where there are none there is nothing to do', () => {
    const { shop } = openStopped('parked')
    expect(wish(shop, 'A', { kind: 'payments_settled', note: '' })).toMatchObject({ code: 'NOTHING_TO_DO' })
    expect(audits(shop)).toEqual([])
  })
})

describe('the audit', () => {
  test('[M4] says who did what to which order, and why, newest first, after a restart too', () => {
    const { shop } = openStopped('refused')
    wish(shop, 'A', RETRY)
    shop.answer(only(shop, 'finalize'), REFUSED)
    wish(shop, 'A', { kind: 'entered', note: 'typed in', orderId: 3 })
    shop.restart()
    expect(audits(shop)).toEqual([
      ['entered_by_hand', 'ana', 'ana', 'A', 'typed in'],
      ['retried', 'ana', 'ana', 'A', null],
    ])
    expect(shop.notes.slice(-1)).toEqual(['entered_by_hand'])
  })
})
