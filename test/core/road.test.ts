import { describe, expect, test } from 'bun:test'
import { CALLS_MAX } from '../../src/core/limits.ts'
import { isKept } from '../../src/core/outcome.ts'
import type { GroupId } from '../../src/protocol/mod.ts'
import {
  batched,
  callOf,
  flying,
  gap,
  itemOf,
  looked,
  made,
  only,
  openAway,
  openShop,
  rowOnDisk,
  STORED,
  waitsForOdoo,
  wellProbed,
} from './odoo_shop.ts'
import { GROUP } from './stage.ts'
import { acquire, pay, write } from './words.ts'

describe('the intent', () => {
  test('[O1] is among the changes that go to the disk in the step that makes the call', () => {
    const { shop, a } = openShop()
    const outcomes: { readonly kept: readonly string[]; readonly calls: number }[] = []
    shop.onlookers.push(({ outcome }) => {
      const kept = outcome.changes.filter(isKept).flatMap((change) => {
        return change.kind === 'outbox_put' && change.row.sentAt !== null ? [change.row.posReference] : []
      })
      const calls = outcome.effects.filter(({ kind }) => kind === 'call').length
      outcomes.push({ kept, calls })
    })
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect<unknown>(outcomes).toEqual([{ kept: ['A'], calls: 1 }])
    expect(rowOnDisk(shop, 'A')).toMatchObject({ sentAt: shop.wall, sentVersion: 1, attempts: 1, kind: 'finalize' })
  })

  test('[O1] of each order of a batch is on the disk, with the version that is sent', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B']) {
      a.ask(acquire(name), 'LEASE_GRANTED')
      a.ask(write(name, 0, { status: 'cancelled' }), 'ORDER_ACCEPTED')
    }
    shop.answer(only(shop, 'batch'), batched({ A: STORED }))
    shop.advance(5_000)
    expect(flying(shop)).toEqual(['batch B'])
    expect(rowOnDisk(shop, 'B')).toMatchObject({ sentAt: shop.wall, sentVersion: 1, kind: 'forward' })
  })
})

describe('one call a reference', () => {
  test('[O2] whatever is asked again, by whomever, while it runs', () => {
    const { shop, a, b } = openShop()
    a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('A', { paid: 1 }, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    b.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    b.ask(pay('A', { paid: 2 }), 'ORDER_FINALIZE_QUEUED')
    shop.join({ protocol: 1 }).tell(pay('A', { paid: 1 }))
    shop.do({
      kind: 'asked',
      ask: 1,
      person: 'ana',
      group: GROUP,
      posReference: itemOf(shop, 'A').row.posReference,
      wish: { kind: 'retry' },
    })
    shop.advance(29_000)
    expect(flying(shop)).toEqual(['finalize A'])
  })

  test('[O2] a payment waits for the batch that its order is in, and goes when that is over', () => {
    const { shop, a } = openShop()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { status: 'closed' }), 'ORDER_ACCEPTED')
    const batch = only(shop, 'batch')
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.advance(20_000)
    expect(flying(shop)).toEqual(['batch A'])
    shop.answer(batch, batched({ A: STORED }))
    gap(shop)
    // What Odoo took may be an order already.
    shop.answer(only(shop, 'look'), looked('look'))
    gap(shop)
    expect(flying(shop)).toEqual(['finalize A'])
    expect(shop.order('A').record.state).toBe('finalizing')
  })

  test('[O2] the same reference in two groups is one reference to Odoo', () => {
    const { shop, a } = openShop()
    const bar = shop.join({ group: 'bar' })
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    bar.ask(pay('A', { paid: 1 }, { configId: 8 }), 'ORDER_FINALIZE_QUEUED')
    bar.ask(pay('B', { paid: 1 }, { configId: 9 }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    expect(flying(shop)).toEqual(['finalize A', 'finalize B'])
    shop.answer(callOf(shop, 'finalize', 'A'), made(1))
    gap(shop)
    expect(shop.calls.map(({ items }) => items[0]?.group)).toEqual(['bar', 'bar'] as GroupId[])
  })

  test('[O2] holds after a restart: a call that ran is looked up before it is made again', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.restart()
    shop.advance(0)
    wellProbed(shop)
    gap(shop)
    expect(flying(shop)).toEqual(['look A'])
    shop.answer(only(shop, 'look'), looked('look'))
    gap(shop)
    expect(flying(shop)).toEqual(['finalize A'])
    expect(itemOf(shop, 'A').row).toMatchObject({ attempts: 2, unansweredAt: expect.any(Number) })
  })
})

describe('one call a session, four in all', () => {
  test('[O2] one a configuration, and the oldest first', () => {
    const { shop, a } = openAway()
    for (const name of ['C', 'A', 'B']) {
      a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
      shop.pass(1_000)
    }
    shop.advance(0)
    wellProbed(shop)
    for (const name of ['C', 'A', 'B']) {
      gap(shop)
      expect(flying(shop)).toEqual([`finalize ${name}`])
      shop.answer(only(shop, 'finalize'), made(1))
    }
    expect(waitsForOdoo(shop)).toEqual([])
  })

  test('[O2] sessions go side by side, at most four, and a fifth when one is through', () => {
    const { shop, a } = openShop()
    for (const configId of [7, 8, 9, 10, 11])
      a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
    shop.advance(100)
    expect(flying(shop)).toEqual(['finalize at 7', 'finalize at 8', 'finalize at 9', 'finalize at 10'])
    shop.answer(callOf(shop, 'finalize', 'at 9'), made(1))
    gap(shop)
    expect(flying(shop).at(-1)).toBe('finalize at 11')
  })

  test('[O2] look-ups count among the four too', () => {
    const { shop, a } = openShop()
    a.ask(acquire('open'), 'LEASE_GRANTED')
    a.ask(write('open', 0), 'ORDER_ACCEPTED')
    shop.advance(59_000)
    for (const configId of [7, 8, 9, 10, 11])
      a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
    shop.advance(10_000)
    expect(shop.calls.length).toBe(CALLS_MAX)
    shop.answer(callOf(shop, 'finalize', 'at 7'), made(1))
    gap(shop)
    expect(shop.calls.length).toBe(CALLS_MAX)
    expect(flying(shop)).toContain('sweep open')
  })

  test('[O2] payments go before what is only forwarded, however old that is', () => {
    const { shop, a } = openAway()
    a.ask(acquire('old'), 'LEASE_GRANTED')
    a.ask(write('old', 0, { status: 'closed' }), 'ORDER_ACCEPTED')
    shop.pass(1_000)
    a.ask(pay('new'), 'ORDER_FINALIZE_QUEUED')
    shop.advance(0)
    wellProbed(shop)
    shop.answer(callOf(shop, 'sweep'), looked('sweep'))
    gap(shop)
    expect(flying(shop)).toEqual(['finalize new'])
    shop.answer(only(shop, 'finalize'), made(1))
    gap(shop)
    expect(flying(shop)).toEqual(['batch old'])
  })

  test('[O2] calls begin a little apart, so that a week of sales does not come as one blow', () => {
    const { shop, a } = openAway()
    for (const configId of [7, 8, 9]) a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
    shop.advance(0)
    wellProbed(shop)
    const begun = [shop.calls.length]
    for (let time = 0; time < 3; time++) {
      gap(shop)
      begun.push(shop.calls.length)
    }
    expect(begun).toEqual([0, 1, 2, 3])
  })
})
