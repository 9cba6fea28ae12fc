import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

test('a terminal that comes is told to all, with the road to Odoo as it is', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  const b = await shop.join('Till 2', { protocol: 1 })
  for (const terminal of [a, b]) {
    const status = await terminal.next('HUB_STATUS', { where: (message) => message.connectedTerminals === 2 })
    expect(status).toMatchObject({ odoo: 'offline', pendingForward: 0, oldestPendingMs: 0 })
  }
})

test('the status comes at most once a second, however much changes, and the last one is true', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  for (let at = 0; at < 12; at++) await shop.join(`Tablet ${at}`, { protocol: at % 2 === 0 ? 1 : 2 })
  await a.next('HUB_STATUS', { where: (message) => message.connectedTerminals === 13 })
  const times = a.frames.flatMap(({ message, at }) => (message.type === 'HUB_STATUS' ? [at] : []))
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  // Both ends of a gap arrive late by what the loop of this process was busy.
  for (const gap of gaps) expect(gap).toBeGreaterThan(900)
})

test('a payment that waits for Odoo shows in the status', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  a.send({
    type: 'ORDER_FINALIZE',
    posReference: 'order-1',
    snapshot: { status: 'paid' },
    configId: 1,
    msgId: 'pay-1',
  })
  await a.next('ORDER_FINALIZE_QUEUED')
  await b.next('HUB_STATUS', { where: (message) => message.pendingForward === 1 })
})
