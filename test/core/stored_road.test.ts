import { describe, expect, test } from 'bun:test'
import { remembered } from '../../src/core/stored.ts'
import {
  batched,
  failed,
  flying,
  gap,
  looked,
  made,
  NO,
  only,
  openPaid,
  openShop,
  REFUSED,
  rowOnDisk,
  STORED,
  save,
  until,
  WELL,
} from './odoo_shop.ts'
import { ODOO } from './stage.ts'
import { pay } from './words.ts'

describe('a call that ran when the hub ended', () => {
  test('[R3] of a payment is looked up before it is made again, and a refusal is not believed', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const sentAt = shop.wall
    shop.restart()
    const from = shop.now
    shop.answer(until(shop, 'look'), looked('look'))
    shop.answer(until(shop, 'finalize'), REFUSED)
    expect(rowOnDisk(shop, 'A')).toMatchObject({ unansweredAt: sentAt, sentAt: null })
    expect(shop.order('A').record.state).toBe('finalizing')
    until(shop, 'look')
    expect(shop.now - from).toBeGreaterThanOrEqual(ODOO.deadMs)
  })

  test('[R3] of a batch rests until it must be over', () => {
    const { shop } = openPaid()
    shop.restart()
    const from = shop.now
    until(shop, 'batch')
    expect(shop.now - from).toBeGreaterThanOrEqual(ODOO.deadMs)
  })

  test('[R3] however often the hub ends, the first of them is not forgotten', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    for (let time = 0; time < 3; time++) {
      shop.restart()
      shop.answer(until(shop, 'look'), looked('look'))
      until(shop, 'finalize')
    }
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient'))
    expect(rowOnDisk(shop, 'A')).toMatchObject({ attempts: 4, unansweredAt: expect.any(Number) })
  })

  test('[R3] that was answered before the hub ended is none', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient'))
    shop.restart()
    shop.advance(0)
    shop.answer(only(shop, 'probe'), WELL)
    gap(shop)
    expect(flying(shop)).toEqual(['finalize A'])
  })
})

test.each([
  ['made', made(1)],
  ['refused', REFUSED],
  ['lost', failed('finalize', 'ambiguous')],
  ['busy', failed('finalize', 'transient')],
  ['closed', failed('finalize', 'waiting')],
] as const)('[R3] a hub that starts knows of its road what the one before wrote down: %s', (_, answer) => {
  const { shop, a } = openShop({ forwardsDrafts: true })
  a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
  shop.answer(only(shop, 'finalize'), answer)
  for (const name of ['B', 'C', 'D']) save(a, name, { status: 'closed', configId: 8 })
  shop.answer(until(shop, 'batch', 'C'), batched({ B: STORED, C: NO }))
  const before = remembered(shop.hub)
  shop.restart()
  expect(remembered(shop.hub)).toEqual(before)
  expect(shop.group.outboxParked).toBe([...shop.group.outbox.values()].filter(({ row }) => row.isParked).length)
})
