import { describe, expect, test } from 'bun:test'
import {
  callOf,
  failed,
  finalized,
  flying,
  found,
  GROUPS,
  gap,
  LINES,
  looked,
  loseFinalize,
  made,
  only,
  openShop,
  REFUSED,
  type Shop,
  until,
  waitsForOdoo,
} from './odoo_shop.ts'
import { acquire, pay, write } from './words.ts'

const SOLD = { totals: { total: 333.96 } }

/** A paid order whose call was lost, and the look-up for it. `tells`: the add-on knows repetitions. */
function openLost({ tells = false, snapshot = SOLD as object } = {}): Shop {
  const opened = openShop()
  const { shop, a } = opened
  a.ask(pay('before', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
  shop.answer(only(shop, 'finalize'), made(1, tells ? true : null))
  gap(shop)
  a.ask(pay('A', { ...snapshot }), 'ORDER_FINALIZE_QUEUED')
  loseFinalize(shop, 'A')
  gap(shop)
  for (const till of [opened.a, opened.b]) till.take()
  return opened
}

/** An open order on a terminal that holds it, and the look-up of the minute. */
function openSwept(more: { readonly [field: string]: unknown } = {}): Shop {
  const opened = openShop()
  const { shop, a } = opened
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.ask(write('A', 0, { ...SOLD, ...more }), 'ORDER_ACCEPTED')
  until(shop, 'sweep')
  a.ask(acquire('A', 1), 'LEASE_GRANTED')
  for (const till of [opened.a, opened.b]) till.take()
  return opened
}

describe('a paid order that Odoo has', () => {
  test('[B1] is final, and not sent again to an add-on that does not know repetitions', () => {
    const { shop, b } = openLost()
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 333.96000000000004 })))
    expect(b.taken('ORDER_FINALIZED')).toMatchObject([{ posReference: 'A', orderId: 31, lineIdMap: {} }])
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['final', []])
    shop.advance(50_000)
    expect(flying(shop)).toEqual([])
  })

  test.each(['paid', 'done', 'invoiced', 'posted'])('[B1] counts as paid where Odoo says %s', (state) => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), looked('look', found('A', { state })))
    expect(shop.order('A').record.state).toBe('final')
  })

  test.each(['draft', 'cancel'])('[B1] does not count where Odoo says %s: it is sent again', (state) => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), looked('look', found('A', { state }), found('B')))
    until(shop, 'finalize', 'A')
  })

  test('[B2] goes once more to an add-on that tells repetitions apart, for its line ids and fiscal number', () => {
    const { shop, b } = openLost({ tells: true })
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31 })))
    until(shop, 'finalize')
    shop.answer(only(shop, 'finalize'), made(31, false))
    expect(b.taken('ORDER_FINALIZED')).toMatchObject([{ orderId: 31, lineIdMap: JSON.parse(LINES.json) }])
  })

  test('[B2] that is known after a restart too', () => {
    const { shop, a } = openLost({ tells: true })
    shop.restart()
    shop.answer(until(shop, 'look'), looked('look', found('A', { orderId: 31 })))
    shop.answer(until(shop, 'finalize'), made(31, false))
    const words = a.back().ask(pay('A', SOLD), 'ORDER_FINALIZED')
    expect(words).toMatchObject({ orderId: 31, lineIdMap: JSON.parse(LINES.json) })
  })

  test('[B2] if that call is refused, what Odoo has counts when the old one must be over', () => {
    const { shop } = openLost({ tells: true })
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 333.96 })))
    shop.answer(until(shop, 'finalize'), REFUSED)
    until(shop, 'look')
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 333.96 })))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 31 } })
  })
})

describe('a paid order that Odoo does not have', () => {
  test('[B3] is sent again, as a new call whose intent is on the disk', () => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), looked('look'))
    until(shop, 'finalize', 'A')
    shop.answer(only(shop, 'finalize'), made(7))
    expect(shop.order('A').record.result?.orderId).toBe(7)
  })

  test('[B3] is not, while the look-up itself fails', () => {
    const { shop } = openLost()
    for (const kind of ['transient', 'waiting', 'transient'] as const) {
      shop.answer(until(shop, 'look'), failed('look', kind))
      expect(shop.calls.filter(({ what }) => what === 'finalize')).toEqual([])
    }
    shop.answer(until(shop, 'look'), looked('look'))
    until(shop, 'finalize', 'A')
  })

  test('[B3] a look-up that is not allowed leaves only repeating, which Odoo makes one order of', () => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), failed('look', 'refused', { code: 'ACCESS' }))
    until(shop, 'finalize', 'A')
  })
})

describe('what a machine cannot settle', () => {
  test('[B4] found twice: parked, with the numbers of both', () => {
    const { shop, b } = openLost()
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31 }), found('A', { orderId: 32 })))
    expect(b.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'PARKED', retryable: false }])
    expect(shop.order('A').record.state).toBe('parked')
    expect(shop.order('A').record.finalize?.refusal?.text).toMatch(/31.*32/)
  })

  test('[B4] one of two was cancelled: the other one is it', () => {
    const { shop } = openLost()
    shop.answer(
      only(shop, 'look'),
      looked('look', found('A', { orderId: 31, state: 'cancel' }), found('A', { orderId: 32 })),
    )
    expect(shop.order('A').record.result?.orderId).toBe(32)
  })

  test("[B4] another amount: parked, with Odoo's", () => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 333.9 })))
    expect(shop.order('A').record.state).toBe('parked')
    expect(shop.order('A').record.finalize?.refusal?.text).toMatch(/31.*333\.9/)
  })

  test.each([
    ['Odoo does not say', SOLD, null],
    ['the snapshot does not say', { lines: [] }, 12],
    ['they differ by a rounding', SOLD, 333.955],
  ])('[B4] it is the same amount where %s', (_, snapshot, amountTotal) => {
    const { shop } = openLost({ snapshot })
    shop.answer(only(shop, 'look'), looked('look', found('A', { amountTotal })))
    expect(shop.order('A').record.state).toBe('final')
  })

  test('[B4] after an odd "yes", what is found twice is parked as well', () => {
    const { shop, a } = openShop()
    a.ask(pay('A', SOLD), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), finalized({ kind: 'no_order', theirs: LINES, text: 'odd' }))
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31 }), found('A', { orderId: 32 })))
    expect(shop.order('A').record.finalize?.refusal?.text).toMatch(/31.*32/)
  })
})

describe('an open order that Odoo has as paid', () => {
  test('[B5] was paid directly: it is final, all are told, and its lease ends', () => {
    const { shop, a, b } = openSwept()
    const { seq } = shop.order('A').record
    shop.answer(only(shop, 'sweep'), looked('sweep', found('A', { orderId: 31 })))
    expect(a.take()).toMatchObject([
      { type: 'LEASE_REVOKED', posReference: 'A', reason: 'Order paid in Odoo' },
      { type: 'ORDER_FINALIZED', posReference: 'A', orderId: 31, version: 1, seq: seq + 1 },
    ])
    expect(b.taken('ORDER_FINALIZED')).toHaveLength(1)
    expect(a.ask(write('A', 1), 'ERROR').code).toBe('ORDER_FINAL')
    shop.restart()
    expect(a.back().init.orders).toEqual([])
  })

  test('[B5] so is a refused one, and several of one answer have a number each', () => {
    const { shop, a, b } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    for (const name of ['B', 'C', 'D']) {
      a.ask(acquire(name), 'LEASE_GRANTED')
      a.ask(write(name, 0), 'ORDER_ACCEPTED')
    }
    const { seq } = shop.group
    until(shop, 'sweep')
    b.take()
    const orders = ['A', 'B', 'D'].map((name, at) => found(name, { orderId: 5 + at }))
    shop.answer(only(shop, 'sweep'), looked('sweep', ...orders))
    expect(b.taken('ORDER_FINALIZED').map((told) => told.seq)).toEqual([seq + 1, seq + 2, seq + 3])
    expect([...shop.group.orders.keys()].map(String)).toEqual(['C'])
  })

  test.each(['draft', 'cancel'])('[B5] stays open where Odoo has it as %s', (state) => {
    const { shop, a } = openSwept()
    shop.answer(only(shop, 'sweep'), looked('sweep', found('A', { state })))
    expect([shop.order('A').record.state, a.take()]).toEqual(['open', []])
  })

  test('[B5] that was paid here meanwhile has its answer on its own road', () => {
    const { shop, a } = openSwept()
    a.ask(pay('A', SOLD), 'ORDER_FINALIZE_QUEUED')
    const sweep = shop.calls.find(({ what }) => what === 'sweep')
    if (sweep === undefined) throw new Error('the sweep has ended')
    // Nothing of it is in flight just now.
    gap(shop)
    shop.answer(callOf(shop, 'finalize'), failed('finalize', 'transient'))
    shop.answer(sweep, looked('sweep', found('A', { orderId: 31 })))
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(until(shop, 'finalize'), made(31, false))
    expect(shop.order('A').record.result?.orderId).toBe(31)
  })

  test('[B5] the terminal that paid it directly hears the same number, another payment is a second one', () => {
    const { shop, a, b } = openSwept()
    shop.answer(only(shop, 'sweep'), looked('sweep', found('A', { orderId: 31 })))
    const told = a.ask(pay('A', { cash: 5 }, { settled: { orderId: 31 } }), 'ORDER_FINALIZED')
    expect([told.orderId, told.differs]).toEqual([31, undefined])
    expect(b.ask(pay('A', { card: 5 }), 'ORDER_FINALIZED')).toMatchObject({ orderId: 31, differs: true })
    const [second] = shop.order('A').secondPayments
    expect(second).toBe('digest of {"card":5}')
    expect(waitsForOdoo(shop)).toEqual([])
  })
})

describe('a reference', () => {
  test('[B6] counts only in the group of its configuration', () => {
    const { shop } = openSwept()
    shop.answer(only(shop, 'sweep'), looked('sweep', found('A', { configId: 99 }), found('A', { configId: null })))
    expect(shop.order('A').record.state).toBe('open')
    shop.answer(
      until(shop, 'sweep'),
      looked('sweep', found('A', { configId: 99 }), found('A', { configId: 8, orderId: 8 })),
    )
    expect(shop.order('A').record.result?.orderId).toBe(8)
    expect(GROUPS.has(99)).toBe(false)
  })

  test('[B6] of a payment counts at the configuration of that payment too', () => {
    const opened = openShop()
    const { shop, a } = opened
    a.ask(pay('A', SOLD, { configId: 99 }), 'ORDER_FINALIZE_QUEUED')
    loseFinalize(shop, 'A')
    gap(shop)
    shop.answer(
      only(shop, 'look'),
      looked('look', found('A', { configId: 98 }), found('A', { configId: 99, orderId: 9 })),
    )
    expect(shop.order('A').record.result?.orderId).toBe(9)
  })
})
