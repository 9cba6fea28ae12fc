import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, onlyOrder, pay, refused, saleOf } from '../support/cashier.ts'
import { causes, parked, posHub, story } from '../support/desk.ts'
import { payDirectly } from '../support/direct.ts'
import { OdooShop } from '../support/odoo_shop.ts'

setDefaultTimeout(60_000)

test.concurrent.each(['rest', 'jsonrpc', 'json2'] as const)(
  'by %s: Odoo has the reference with other content: parked, both contents shown',
  async (api) => {
    await using shop = await OdooShop.open({ api })
    const { hub } = shop.shop
    const theirs = await payDirectly(shop.server, 'Order 1', saleOf(77))
    const [a, v1] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
    pay(a, 'Order 1', saleOf(10))
    for (const till of [a, v1])
      expect(await refused(till, 'Order 1')).toMatchObject({ retryable: false, code: 'PARKED' })
    expect((await parked(hub)).map(({ cause, amount }) => [cause, amount])).toEqual([['PARKED', 10]])
    const shown = await story(hub, 'Order 1')
    expect(shown).toMatchObject({ state: 'parked', snapshot: saleOf(10), refusal: { theirs: { order_id: theirs } } })
    expect(JSON.stringify(Object(shown).refusal.theirs)).toContain('77')
    // Not for correction: a person decides.
    expect(await a.leaseDenied('Order 1', 1)).toMatchObject({ holder: '', reason: 'Order is paid' })
    const msgId = a.say('Order 1', 1, { status: 'draft' })
    expect(await a.next('ERROR')).toMatchObject({ code: 'ORDER_FINAL', msgId })
    expect((await shop.shop.join('Late')).init.message.orders).toMatchObject([{ state: 'parked' }])
    expect(onlyOrder(shop, 'Order 1')).toMatchObject({ id: theirs, amounts: { total: 77 } })
    // Tried again it is what it was.
    expect((await posHub(hub, ['retry', 'Order 1'])).code).toBe(0)
    expect(await refused(a, 'Order 1')).toMatchObject({ retryable: false, code: 'PARKED' })
    const flags = ['--note', 'it was sold twice; the second one was given back', '--order-id', `${theirs}`]
    const resolved = await posHub(hub, ['resolve', 'Order 1', ...flags])
    expect([resolved.code, resolved.stderr]).toEqual([0, ''])
    for (const till of [a, v1]) expect(await finalized(till, 'Order 1')).toMatchObject({ orderId: theirs })
    expect(await parked(hub)).toEqual([])
    await hub.restart('SIGKILL')
    expect(await story(hub, 'Order 1')).toMatchObject({ state: 'final', orderId: theirs })
    expect(await causes(hub)).toEqual([])
  },
)
