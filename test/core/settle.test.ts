import { describe, expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import {
  FISCAL,
  failed,
  finalized,
  found,
  gap,
  itemOf,
  LINES,
  looked,
  loseFinalize,
  made,
  only,
  openShop,
  REFUSED,
  rowOnDisk,
  until,
  WELL,
  waitsForOdoo,
} from './odoo_shop.ts'
import { ODOO } from './stage.ts'
import { acquire, pay, write } from './words.ts'

describe('an order that Odoo has made', () => {
  test('[J1] is final, and all are told its number, its lines and its fiscal number', () => {
    const { shop, a, b } = openShop()
    const old = shop.join({ protocol: 1 })
    const { seq } = a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(4711))
    const lineIdMap = JSON.parse(LINES.json)
    const fiscal = JSON.parse(FISCAL.json)
    for (const till of [a, b, old]) {
      const [told, ...more] = till.taken('ORDER_FINALIZED')
      expect(told).toMatchObject({ posReference: 'A', orderId: 4711, lineIdMap, fiscal, version: 1, seq: seq + 1 })
      expect([told?.msgId, more]).toEqual(['p' as never, []])
    }
    expect(shop.order('A').record).toMatchObject({ state: 'final', version: 1, result: { orderId: 4711 } })
  })

  test('[J1] the answer is kept, and given to whoever asks again: after a restart, next day, from any terminal', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(4711))
    shop.restart()
    shop.advance(24 * 3_600_000)
    const told = { orderId: 4711, version: 1, fiscal: JSON.parse(FISCAL.json), lineIdMap: JSON.parse(LINES.json) }
    expect(a.back().ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZED')).toMatchObject(told)
    const [other, old] = [shop.join(), shop.join({ protocol: 1 })]
    expect(other.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZED')).toMatchObject(told)
    expect(other.ask(pay('A', { paid: 2 }), 'ORDER_FINALIZED')).toMatchObject({ ...told, differs: true })
    expect(old.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZED')).toMatchObject(told)
    expect([shop.order('A').record.result?.orderId, waitsForOdoo(shop)]).toEqual([4711, []])
  })

  test('[J1] a terminal that named another order of Odoo is in the log; what Odoo says counts', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }, { settled: { orderId: 88 } }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(89, false))
    expect(shop.order('A').record.result?.orderId).toBe(89)
    expect(shop.notes).toContain('a terminal named another order of Odoo for this sale')
    a.ask(pay('B', { paid: 1 }, { settled: { orderId: 90 } }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(only(shop, 'finalize'), made(90, false))
    expect(shop.notes.filter((note) => note.startsWith('a terminal named'))).toHaveLength(1)
  })
})

describe('an order that Odoo refused', () => {
  test('[J2] is open for correction on every terminal, corrected there, and goes through', () => {
    const { shop, a, b } = openShop()
    const { seq } = a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    const told = { posReference: 'A', error: 'No such product', code: 'ODOO_REFUSED', retryable: false, version: 1 }
    for (const till of [a, b]) expect(till.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ ...told, seq: seq + 1 }])
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['refused', []])
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    b.ask(write('A', 1, { lines: ['another'] }), 'ORDER_ACCEPTED')
    expect(waitsForOdoo(shop)).toEqual([])
    b.ask(pay('A', { lines: ['another'] }, { msgId: 'again' }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(only(shop, 'finalize'), made(5))
    expect(shop.order('A').record).toMatchObject({ state: 'final', version: 3, finalize: { refusal: null } })
  })

  test('[J2] because the add-on wants a newer program has a code of its own', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), failed('finalize', 'refused', { code: 'CLIENT_OUTDATED', text: 'Update' }))
    expect(a.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'CLIENT_OUTDATED', error: 'Update' }])
    expect(shop.order('A').record).toMatchObject({
      state: 'refused',
      finalize: { refusal: { code: 'CLIENT_OUTDATED' } },
    })
  })

  test('[J2] after a terminal heard of Odoo that it is paid is for a person, not for correction', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', { paid: 1 }, { settled: { orderId: 88 } }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('finalizing')
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look'))
    expect(shop.order('A').record.state).toBe('parked')
    expect(a.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'PARKED', retryable: false }])
  })
})

describe('a refusal while an earlier call may still be carried out', () => {
  function refusedAfterLost() {
    const opened = openShop()
    const { shop, a } = opened
    a.ask(pay('A', { totals: { total: 10 } }), 'ORDER_FINALIZE_QUEUED')
    loseFinalize(shop, 'A')
    const lostAt = shop.now
    shop.answer(until(shop, 'finalize'), REFUSED)
    return { ...opened, lostAt }
  }

  test('[J3] is no answer yet: nobody is told, and the order is looked up when the old call must be over', () => {
    const { shop, a, lostAt } = refusedAfterLost()
    expect(shop.order('A').record.state).toBe('finalizing')
    expect(a.take().filter(({ type }) => type !== 'ORDER_FINALIZE_QUEUED')).toEqual([])
    expect(rowOnDisk(shop, 'A')).toMatchObject({
      verdict: { code: 'ODOO_REFUSED', text: 'No such product' },
      sentAt: null,
    })
    until(shop, 'look')
    expect(shop.now - lostAt).toBeGreaterThanOrEqual(ODOO.deadMs)
    shop.answer(only(shop, 'look'), looked('look'))
    expect(shop.order('A').record.state).toBe('refused')
    expect(a.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ error: 'No such product', retryable: false }])
  })

  test('[J3] and if the old call has made it, it is final', () => {
    const { shop, a } = refusedAfterLost()
    until(shop, 'look')
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 10 })))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 31 } })
    expect(a.taken('ORDER_FINALIZE_ERROR')).toEqual([])
  })

  test('[J3] the verdict survives a restart, and the wait begins anew: nobody knows how old the call is', () => {
    const { shop } = refusedAfterLost()
    shop.advance(100_000)
    shop.restart()
    const from = shop.now
    expect(itemOf(shop, 'A').row.verdict).toMatchObject({ code: 'ODOO_REFUSED', text: 'No such product' })
    until(shop, 'look')
    expect(shop.now - from).toBeGreaterThanOrEqual(ODOO.deadMs)
    shop.answer(only(shop, 'look'), looked('look'))
    expect(shop.order('A').record.state).toBe('refused')
  })

  test('[J3] where Odoo cannot be asked, the call is made once more when the old one must be over', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    loseFinalize(shop, 'A')
    const lostAt = shop.now
    gap(shop)
    shop.answer(only(shop, 'look'), { what: 'look', answer: { kind: 'cannot' } })
    shop.answer(until(shop, 'finalize'), REFUSED)
    shop.answer(until(shop, 'finalize'), REFUSED)
    expect(shop.now - lostAt).toBeGreaterThanOrEqual(ODOO.deadMs)
    expect(shop.order('A').record.state).toBe('refused')
  })

  test('[J3] a look-up that fails is made again, and nothing is concluded from it', () => {
    const { shop } = refusedAfterLost()
    shop.answer(until(shop, 'look'), failed('look', 'transient'))
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(until(shop, 'look'), failed('look', 'ambiguous'))
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(until(shop, 'look'), looked('look'))
    expect(shop.order('A').record.state).toBe('refused')
  })
})

describe('a reference that Odoo has with other content', () => {
  test('[J4] is parked for a person, with what Odoo has, and cannot be edited', () => {
    const { shop, a, b } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const theirs = new Opaque('{"order_id":5,"status":"conflict"}')
    shop.answer(only(shop, 'finalize'), finalized({ kind: 'conflict', orderId: 5, theirs, text: 'Other lines' }))
    expect(b.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'PARKED', error: 'Other lines', retryable: false }])
    expect(shop.order('A').record.state).toBe('parked')
    expect(shop.order('A').record.finalize?.refusal?.theirs?.json).toBe(theirs.json)
    b.ask(acquire('A', 1), 'LEASE_DENIED')
    expect(b.ask(write('A', 1), 'ERROR').code).toBe('ORDER_FINAL')
    expect(b.ask(pay('A'), 'ERROR').code).toBe('ORDER_FINAL')
    shop.restart()
    expect(shop.order('A').record.finalize?.refusal?.theirs?.json).toBe(theirs.json)
  })

  test('[J4] a "yes" without an order is not a success: if Odoo has none, it is for a person', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const theirs = new Opaque('{"success":true}')
    shop.answer(only(shop, 'finalize'), finalized({ kind: 'no_order', theirs, text: 'Odoo made no order' }))
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look'))
    expect(shop.order('A').record).toMatchObject({ state: 'parked', result: null })
    expect(shop.order('A').record.finalize?.refusal).toMatchObject({ text: 'Odoo made no order', theirs })
  })

  test('[J4] and if Odoo has made one after all, that is its order', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const theirs = new Opaque('{"success":true}')
    shop.answer(only(shop, 'finalize'), finalized({ kind: 'no_order', theirs, text: 'Odoo made no order' }))
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 6 })))
    expect(shop.order('A').record.result?.orderId).toBe(6)
  })
})

describe('what is closed or given back to people', () => {
  test.each([
    ['final', made(1)],
    ['refused', REFUSED],
    ['parked', finalized({ kind: 'conflict', orderId: 5, theirs: LINES, text: '' })],
  ] as const)('[J5] leaves the outbox in the same commit: %s', (state, answer) => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const { changes } = shop.answer(only(shop, 'finalize'), answer)
    expect(changes.map(({ kind }) => kind)).toContain('outbox_dropped')
    expect(shop.order('A').record.state).toBe(state)
    expect([waitsForOdoo(shop), rowOnDisk(shop, 'A')]).toEqual([[], undefined])
    shop.restart()
    shop.advance(0)
    shop.answer(only(shop, 'probe'), WELL)
    gap(shop)
    expect(shop.calls.filter(({ what }) => what !== 'sweep')).toEqual([])
  })
})
