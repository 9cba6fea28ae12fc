import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'
import { freshMsgId, type Terminal } from '../support/terminal.ts'

setDefaultTimeout(30_000)

function discard(terminal: Terminal, posReference: string, baseVersion: number, msgId = freshMsgId()): string {
  terminal.send({ type: 'ORDER_DISCARD', posReference, baseVersion, msgId, reason: 'the guests left' })
  return msgId
}

test('a discarded order leaves the active set: v2 hears it, v1 sees it gone when it comes back', async () => {
  await using shop = await Shop.open()
  const [a, b, v1] = [await shop.join('Till 1'), await shop.join('Till 2'), await shop.join('Till 3', { protocol: 1 })]
  for (const order of ['order-1', 'order-2']) {
    await a.lease(order)
    await a.write(order, 0, { lines: [] })
  }
  const before = b.resume()
  discard(a, 'order-1', 1)
  const told = await a.next('ORDER_DISCARDED')
  expect(told).toMatchObject({ posReference: 'order-1', sourceTerminal: a.id })
  expect(await b.next('ORDER_DISCARDED')).toEqual(told)
  await v1.caughtUp()
  expect(v1.seen('ORDER_UPDATED')).toHaveLength(2)
  await v1.close()
  const again = await shop.rejoin(v1)
  expect(again.init.message.orders.map((order) => order.posReference)).toEqual(['order-2'])
  const late = await shop.join('Till 4')
  expect(late.init.message.orders.map((order) => order.posReference)).toEqual(['order-2'])
  const back = await shop.rejoin(b, { resume: { ...before, seq: told.seq - 1 } })
  expect(back.init.message).toMatchObject({ mode: 'delta', orders: [], seq: told.seq })
  expect(back.init.message.closed).toMatchObject([{ posReference: 'order-1', state: 'discarded' }])
})

test('a discard is judged like a version: base, lease, resend', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  await a.write('order-1', 1, { lines: ['two'] })
  const behind = discard(a, 'order-1', 1)
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 2, hubSnapshot: { lines: ['two'] }, msgId: behind })
  discard(a, 'order-1', 3)
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 2 })
  const foreign = discard(b, 'order-1', 2)
  expect(await b.next('LEASE_DENIED')).toMatchObject({ holder: a.id, holderName: 'Till 1', msgId: foreign })
  const msgId = discard(a, 'order-1', 2)
  const first = await a.next('ORDER_DISCARDED')
  discard(a, 'order-1', 2, msgId)
  expect(await a.next('ORDER_DISCARDED')).toEqual(first)
  await b.caughtUp()
  expect(b.seen('ORDER_DISCARDED')).toEqual([first])
})

test('a version by its holder opens a discarded order again', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  discard(a, 'order-1', 1)
  await b.next('ORDER_DISCARDED')
  await shop.hub.restart('SIGKILL')
  const [back, other] = [await shop.rejoin(a), await shop.rejoin(b)]
  const { version } = await back.lease('order-1', 1)
  other.say('order-1', version, { lines: ['no'] })
  expect((await other.next('LEASE_DENIED')).posReference).toBe('order-1')
  expect((await back.write('order-1', version, { lines: ['again'] })).version).toBe(version + 1)
  expect(await other.updated('order-1')).toMatchObject({ state: 'open', snapshot: { lines: ['again'] } })
  expect((await shop.join('Till 3')).init.message.orders).toMatchObject([{ posReference: 'order-1', state: 'open' }])
})

test('a payment wins over a discard', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  discard(a, 'order-1', 1)
  await b.next('ORDER_DISCARDED')
  b.send({ type: 'ORDER_FINALIZE', posReference: 'order-1', snapshot: { status: 'paid' }, configId: 1, msgId: 'pay' })
  await b.next('ORDER_FINALIZE_QUEUED')
  expect(await a.updated('order-1')).toMatchObject({ state: 'finalizing', snapshot: { status: 'paid' } })
  expect((await shop.join('Till 3')).init.message.orders).toMatchObject([{ state: 'finalizing' }])
})

test('from a v1 terminal a discard is a message of unknown type: nothing happens', async () => {
  await using shop = await Shop.open()
  const [v1, b] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  await v1.lease('order-1')
  v1.say('order-1', 0, { lines: ['one'] })
  await b.updated('order-1')
  for (let at = 0; at < 10; at++) discard(v1, 'order-1', 1)
  await v1.caughtUp()
  await b.caughtUp()
  expect(b.types()).not.toContain('ORDER_DISCARDED')
  expect(v1.isOpen).toBe(true)
})
