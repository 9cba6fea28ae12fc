import { describe, expect, test } from 'bun:test'
import type { PaidPage } from '../../src/engine/ports.ts'
import { failure } from '../core/odoo_shop.ts'
import { Ledger, PAGE, SINCE } from './ledger.ts'

function soldIn(ledger: Ledger, count: number, atOf: (at: number) => number = (at) => SINCE + at): Ledger {
  for (let at = 0; at < count; at++) ledger.sell(`Order ${at}`, { at: atOf(at) })
  return ledger
}

/** What is asked of the hub's store, page by page. */
function watched(ledger: Ledger, onPage: (page: number) => void = () => undefined): PaidPage[] {
  const pages: PaidPage[] = []
  const { paidOrders } = ledger.store
  ledger.store.paidOrders = (group, page) => {
    const read = paidOrders(group, page)
    onPage(pages.push(page) - 1)
    return read
  }
  return pages
}

describe('pages of the hub', () => {
  test.each([PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])('%p orders are compared once each', async (count) => {
    const ledger = soldIn(new Ledger(), count)
    for (let at = 0; at < count; at++) ledger.enter(`Order ${at}`, { orderId: 1 })
    expect(await ledger.compare()).toEqual({ ok: true, compared: count, differences: [] })
  })

  test('more of one millisecond than a page holds are read too', async () => {
    const ledger = soldIn(new Ledger(), 3 * PAGE + 1, () => SINCE + 5).sell('last', { at: SINCE + 6 })
    expect(await ledger.compare()).toMatchObject({ compared: 3 * PAGE + 2 })
  })

  test('none is missed where an order of an earlier page changes while they are read', async () => {
    const ledger = soldIn(new Ledger(), PAGE + 100)
    const pages = watched(ledger, (page) => {
      if (page === 0) ledger.sell('Order 3', { at: SINCE + 9_999, total: 77 })
    })
    expect(await ledger.compare()).toMatchObject({ compared: PAGE + 100 })
    expect(pages.length).toBeGreaterThan(1)
    for (let at = 0; at < PAGE + 100; at++) ledger.enter(`Order ${at}`, { orderId: 1 })
    expect(await ledger.differences()).toEqual(['Order 3: amount_differs'])
  })

  test('others get their turn between two pages', async () => {
    const ledger = soldIn(new Ledger(), PAGE + 1)
    const turns: string[] = []
    watched(ledger, (page) => {
      turns.push(`page ${page}`)
      if (page === 0) setTimeout(() => turns.push('a till'), 0)
    })
    await ledger.compare()
    expect(turns).toEqual(['page 0', 'a till', 'page 1'])
  })

  test('a disk that refuses at the second page is said', async () => {
    const ledger = soldIn(new Ledger(), PAGE)
    watched(ledger, (page) => {
      if (page === 0) ledger.disk.refuses = { kind: 'gone', text: 'The file cannot be opened.' }
    })
    expect(await ledger.compare()).toEqual({ ok: false, text: 'The file cannot be opened.' })
  })
})

describe('pages of Odoo', () => {
  test.each([
    [PAGE - 1, [0]],
    [PAGE, [0, PAGE]],
    [PAGE + 1, [0, PAGE]],
    [2 * PAGE, [0, PAGE, 2 * PAGE]],
  ])('%p orders', async (count, offsets) => {
    const ledger = new Ledger().sell('Order 0')
    for (let at = 0; at < count; at++) ledger.enter(`Order ${at}`, { orderId: at + 1 })
    const found = await ledger.compare()
    expect(found.ok && found.differences.length).toBe(count - 1)
    expect(ledger.odoo.asked.list.map(([, offset]) => offset)).toEqual(offsets)
  })

  test('pages that overlap make no order twice', async () => {
    const ledger = new Ledger().sell('Order 0').sell(`Order ${PAGE - 1}`, { orderId: PAGE })
    for (let at = 0; at < PAGE; at++) ledger.enter(`Order ${at}`, { orderId: at + 1, configId: at % 99 === 1 ? 8 : 7 })
    const orders = ledger.odoo.orders.slice(PAGE - 30)
    ledger.odoo.answer = (call) => (call === 1 ? { kind: 'looked', orders } : null)
    const differences = await ledger.differences()
    expect(differences).toHaveLength(PAGE - 2 - ledger.odoo.orders.filter(({ configId }) => configId === 8).length)
    expect(JSON.stringify(differences)).not.toContain('twice')
  })

  test('that it fails at the second page is said, and is no agreement', async () => {
    const ledger = new Ledger()
    for (let at = 0; at < PAGE; at++) ledger.enter(`Order ${at}`)
    ledger.odoo.answer = (call) => (call === 1 ? { kind: 'failed', failure: failure('ambiguous') } : null)
    expect(await ledger.compare()).toEqual({ ok: false, text: 'Odoo: ambiguous' })
  })

  test('one that has no end is given up, and said', async () => {
    const ledger = new Ledger()
    for (let at = 0; at < PAGE; at++) ledger.enter(`Order ${at}`)
    const orders = ledger.odoo.orders.slice()
    ledger.odoo.answer = () => ({ kind: 'looked', orders })
    const found = await ledger.compare()
    expect(found).toMatchObject({ ok: false, text: expect.stringContaining('a later time') })
    expect(ledger.odoo.asked.list).toHaveLength(1_000)
  })

  test.each([
    [PAGE, [PAGE]],
    [PAGE + 1, [PAGE, 1]],
  ])('%p references that it did not list are looked up in parts', async (count, parts) => {
    const ledger = soldIn(new Ledger(), count)
    const found = await ledger.compare()
    expect(found.ok && found.differences.length).toBe(count)
    expect(ledger.odoo.asked.look.map((references) => references.length)).toEqual(parts)
  })
})

test('ten thousand differences are told, not more', async () => {
  const ledger = new Ledger().sell('known').enter('known', { at: SINCE })
  for (let at = 0; at < 10_001; at++) ledger.enter(`Order ${at}`, { orderId: at + 2 })
  const found = await ledger.compare()
  expect(found.ok && found.differences.length).toBe(10_000)
})
