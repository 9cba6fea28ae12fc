import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, onlyOrder, pay, saleOf } from '../support/cashier.ts'
import { parked, posHub, story } from '../support/desk.ts'
import { OdooShop } from '../support/odoo_shop.ts'

setDefaultTimeout(60_000)

const CASH = saleOf(20, { payments: [{ method: 'cash', amount: 20 }] })
const CARD = saleOf(20.25, { payments: [{ method: 'card', amount: 20.25 }] })

test.concurrent('till A takes cash and till B a card: one order in Odoo, and B’s payment is on the list', async () => {
  await using shop = await OdooShop.open()
  const { hub } = shop.shop
  const [a, b, v1] = [
    await shop.shop.join('Till A'),
    await shop.shop.join('Till B'),
    await shop.shop.join('C', { protocol: 1 }),
  ]
  pay(a, 'Order 1', CASH)
  const { orderId } = await finalized(a, 'Order 1')
  const msgId = pay(b, 'Order 1', CARD)
  const answer = await finalized(b, 'Order 1', { where: (message) => message.msgId === msgId })
  expect(answer).toMatchObject({ orderId, differs: true })
  expect(onlyOrder(shop, 'Order 1')).toMatchObject({ id: orderId, amounts: { total: 20 } })
  expect(onlyOrder(shop, 'Order 1').snapshot['payments']).toEqual([{ method: 'cash', amount: 20 }])
  const [second, ...more] = await parked(hub)
  expect(more).toEqual([])
  expect(second).toMatchObject({ posReference: 'Order 1', cause: 'SECOND_PAYMENT', amount: 20.25 })
  expect(second?.text).toContain('Till B')
  expect(second?.actions).toContain('payments_settled')
  expect(await story(hub, 'Order 1')).toMatchObject({
    state: 'final',
    snapshot: CASH,
    secondPayments: [{ authorName: 'Till B', snapshot: CARD }],
  })
  // The same again is not a third one, after kill -9 either; a v1 till's is one more.
  await hub.restart('SIGKILL')
  const back = await shop.shop.rejoin(b)
  pay(back, 'Order 1', CARD, { msgId })
  expect(await finalized(back, 'Order 1')).toMatchObject({ orderId, differs: true, msgId })
  expect(await parked(hub)).toHaveLength(1)
  const old = await shop.shop.rejoin(v1)
  pay(old, 'Order 1', saleOf(21))
  expect(await finalized(old, 'Order 1')).toMatchObject({ orderId })
  expect((await parked(hub)).map(({ amount }) => amount)).toEqual([20.25, 21])
  const note = ['--note', 'card payment given back']
  const entered = await posHub(hub, ['resolve', 'Order 1', ...note])
  expect([entered.code, entered.stdout]).toEqual([1, ''])
  const settled = await posHub(hub, ['resolve', 'Order 1', '--second-payment', ...note])
  expect([settled.code, settled.stderr]).toEqual([0, ''])
  expect(await parked(hub)).toEqual([])
  await hub.restart('SIGKILL')
  expect(await parked(hub)).toEqual([])
  onlyOrder(shop, 'Order 1')
})

test.concurrent('both pay while Odoo is away: the first one is the order, the other one is on the list', async () => {
  await using shop = await OdooShop.open()
  await shop.server.stop({ hard: true })
  const [a, b] = [await shop.shop.join('Till A'), await shop.shop.join('Till B')]
  const first = pay(a, 'Order 1', CASH)
  await a.next('ORDER_FINALIZE_QUEUED', { where: ({ msgId }) => msgId === first })
  const second = pay(b, 'Order 1', CARD)
  const queued = await b.next('ORDER_FINALIZE_QUEUED', { where: ({ msgId }) => msgId === second })
  expect(queued.differs).toBe(true)
  expect((await parked(shop.shop.hub)).map(({ cause, amount }) => [cause, amount])).toEqual([['SECOND_PAYMENT', 20.25]])
  await shop.server.restart()
  const { orderId } = await finalized(a, 'Order 1')
  expect(onlyOrder(shop, 'Order 1')).toMatchObject({ id: orderId, amounts: { total: 20 } })
})
