import { describe, expect, test } from 'bun:test'
import { remembered } from '../../src/core/stored.ts'
import { Opaque, type OrderState } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import { GROUP } from './stage.ts'
import type { Till } from './till.ts'
import { acquire, pay, write } from './words.ts'

const PAID = { lines: [{ id: 1, qty: 2 }], paid: 100 }
/** The same value, spelled in another way. */
const SAME = { paid: 1e2, lines: [{ qty: 2.0, id: 1 }] }
const OTHER = { lines: [{ id: 1, qty: 2 }], paid: 90 }

/** Order A, paid by `a` with the msgId `p`, in a state. */
function open(state: OrderState = 'finalizing'): { shop: Play; a: Till; b: Till; old: Till } {
  const shop = new Play()
  const [a, b, old] = [shop.join(), shop.join({ name: 'Till B' }), shop.join({ protocol: 1 })]
  a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
  if (state === 'final') finish(shop)
  else if (state !== 'finalizing') shop.mark('A', { state })
  for (const till of [a, b, old]) till.take()
  return { shop, a, b, old }
}

/** Odoo has made the order. */
function finish(shop: Play): void {
  const result = { orderId: 77, lineIdMap: new Opaque('{"1":11}'), fiscal: new Opaque('{"ncf":"B01"}') }
  shop.mark('A', { state: 'final', result })
}

function seconds(shop: Play) {
  const read = shop.store?.secondPayments(GROUP)
  return read?.ok === true ? read.value : []
}

/** Memory as it is and as a restart would make it. */
function expectSame(shop: Play): void {
  const before = remembered(shop.hub)
  shop.restart()
  expect(remembered(shop.hub)).toEqual(before)
}

describe('the same payment again', () => {
  test('[F5] from any terminal, before and after Odoo’s answer, gets the answer that stands', () => {
    const { shop, a, b, old } = open()
    for (const till of [a, b]) {
      const queued = till.ask(pay('A', PAID, { msgId: `p of ${till.id}` }), 'ORDER_FINALIZE_QUEUED')
      expect(queued).toMatchObject({ version: 1, msgId: `p of ${till.id}` })
    }
    old.tell(pay('A', PAID))
    finish(shop)
    const answer = { posReference: 'A', orderId: 77, lineIdMap: { '1': 11 }, fiscal: { ncf: 'B01' }, version: 1 }
    for (const till of [a, b]) {
      const final = till.ask(pay('A', PAID, { msgId: `q of ${till.id}` }), 'ORDER_FINALIZED')
      expect(final).toMatchObject({ ...answer, msgId: `q of ${till.id}` })
      expect(final.differs).toBeUndefined()
    }
    expect(old.ask(pay('A', PAID), 'ORDER_FINALIZED')).toMatchObject(answer)
    expect(seconds(shop)).toEqual([])
  })

  test('[F5] nothing is stored and nobody else hears of it', () => {
    for (const state of ['finalizing', 'final'] as const) {
      const { shop, a, b, old } = open(state)
      const { seq } = shop.group
      for (const till of [a, b, old]) till.say(pay('A', PAID))
      expect(shop.group.seq).toBe(seq)
      for (const till of [a, b, old]) expect(till.take()).toEqual([])
    }
  })

  test.each(['finalizing', 'parked', 'final', 'refused'] as const)(
    '[F5] by its msgId, while the order is %s, it gets what stands now and is no new attempt',
    (state) => {
      const { shop, a } = open(state)
      const { version, seq } = shop.order('A').record
      const [answer] = a.say(pay('A', PAID, { msgId: 'p' }))
      const types = { finalizing: 'ORDER_FINALIZE_QUEUED', final: 'ORDER_FINALIZED' } as const
      const type = state === 'finalizing' || state === 'final' ? types[state] : 'ORDER_FINALIZE_ERROR'
      expect(answer).toMatchObject({ type, msgId: 'p', version })
      if (type === 'ORDER_FINALIZE_ERROR') expect(answer).toMatchObject({ retryable: false })
      expect(shop.order('A').record).toMatchObject({ state, version, seq })
    },
  )

  test('[F5] of a closed order that is no longer in memory, after a restart', () => {
    const { shop, a, old } = open('final')
    shop.restart()
    for (const till of [a, old]) till.back()
    for (const till of [a, old]) till.take()
    expect(a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZED')).toMatchObject({ orderId: 77, msgId: 'p' })
    expect(old.ask(pay('A', PAID), 'ORDER_FINALIZED').orderId).toBe(77)
  })
})

describe('another payment for a paid order', () => {
  test('[F6] that only spells the same value in another way is the same one', () => {
    const { shop, b } = open('final')
    expect(b.ask(pay('A', SAME), 'ORDER_FINALIZED').differs).toBeUndefined()
    expect(seconds(shop)).toEqual([])
  })

  test.each(['finalizing', 'parked', 'final'] as const)('[F6] is kept for a person while the order is %s', (state) => {
    const { shop, b, old } = open(state)
    const before = { ...shop.order('A').record }
    for (const till of [b, old]) {
      const content = { ...OTHER, by: till.id }
      till.say(pay('A', content, { msgId: `second of ${till.id}` }))
      expect(seconds(shop).at(-1)).toMatchObject({
        posReference: 'A',
        configId: 7,
        author: till.id,
        at: shop.wall,
        msgId: till === b ? `second of ${till.id}` : null,
        snapshot: { json: JSON.stringify(content) },
      })
    }
    expect(shop.order('A').record).toEqual(before)
    expect(shop.order('A').snapshot.json).toBe(JSON.stringify(PAID))
    expect(shop.notes).toHaveLength(2)
    expectSame(shop)
  })

  test('[F6] the v2 sender sees that it differs, each time it sends it', () => {
    const { shop, b } = open()
    const frame = pay('A', OTHER, { msgId: 's' })
    for (let times = 0; times < 2; times++) {
      expect(b.ask(frame, 'ORDER_FINALIZE_QUEUED')).toMatchObject({ differs: true, msgId: 's', version: 1 })
    }
    finish(shop)
    for (let times = 0; times < 2; times++) {
      expect(b.ask(frame, 'ORDER_FINALIZED')).toMatchObject({ differs: true, msgId: 's', orderId: 77 })
    }
    expect(seconds(shop)).toHaveLength(1)
  })

  test('[F6] a msgId of a second payment used for other content is refused', () => {
    const { b } = open('final')
    b.ask(pay('A', OTHER, { msgId: 's' }), 'ORDER_FINALIZED')
    expect(b.ask(pay('A', PAID, { msgId: 's' }), 'ERROR').code).toBe('MSG_ID_REUSED')
    expect(b.ask(write('A', 1, OTHER, { msgId: 's' }), 'ERROR').code).toBe('MSG_ID_REUSED')
  })

  test('[F6] one content is kept once, however often a v1 terminal sends it', () => {
    const { shop, old } = open()
    for (let times = 0; times < 3; times++) old.tell(pay('A', OTHER))
    expect(seconds(shop)).toHaveLength(1)
    expect(shop.order('A').secondPayments.size).toBe(1)
    expectSame(shop)
  })

  test('[F6] one content is kept once under several msgIds', () => {
    const { shop, a, b } = open()
    for (const till of [a, b]) till.ask(pay('A', OTHER), 'ORDER_FINALIZE_QUEUED')
    expect(seconds(shop)).toHaveLength(1)
    expect(shop.order('A').secondPayments.size).toBe(1)
    expectSame(shop)
  })

  test('[F6] a payment of an order that a person discarded is a first payment, not a second one', () => {
    const shop = new Play()
    const a = shop.join()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, OTHER), 'ORDER_ACCEPTED')
    a.ask(pay('A', PAID), 'ORDER_FINALIZE_QUEUED')
    expect(seconds(shop)).toEqual([])
  })
})
