import { expect, setDefaultTimeout, test } from 'bun:test'
import type { JsonObject } from '../../src/protocol/mod.ts'
import { Shop } from '../support/shop.ts'
import { freshMsgId, type Terminal } from '../support/terminal.ts'

setDefaultTimeout(40_000)

type Paying = { readonly msgId?: string; readonly baseVersion?: number }

function pay(terminal: Terminal, posReference: string, snapshot: JsonObject, paying: Paying = {}): string {
  const msgId = paying.msgId ?? freshMsgId()
  const v2 = terminal.protocol === 2 ? { ...paying, msgId } : {}
  terminal.send({ type: 'ORDER_FINALIZE', posReference, snapshot, configId: 1, ...v2 })
  return msgId
}

const PAID = { status: 'paid', lines: [{ product: 'soup', qty: 1 }], payments: [{ amount: 9.5 }] }

/** An order at version 1, whose lease `holder` has. */
async function openOrder(holder: Terminal, posReference: string, snapshot: JsonObject = { lines: [] }): Promise<void> {
  await holder.lease(posReference)
  await holder.write(posReference, 0, snapshot)
}

test('a v2 payment is written down at once; the others see it; its lease is free, its table stays locked', async () => {
  await using shop = await Shop.open()
  const [a, v1, v2] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 }), await shop.join('Till 3')]
  await a.lock(5)
  await openOrder(a, 'order-1', { tableId: 5 })
  const msgId = pay(a, 'order-1', { ...PAID, tableId: 5 }, { baseVersion: 1 })
  const queued = await a.next('ORDER_FINALIZE_QUEUED', { withinMs: 2_000 })
  expect(queued).toMatchObject({ posReference: 'order-1', version: 2, msgId })
  expect(queued.differs).not.toBe(true)
  for (const other of [v1, v2]) {
    const updated = await other.next('ORDER_UPDATED', { where: ({ version }) => version === 2 })
    expect(updated).toMatchObject({ posReference: 'order-1', state: 'finalizing', sourceTerminal: a.id })
    expect(updated.snapshot).toEqual({ ...PAID, tableId: 5 })
  }
  expect(await v2.lockDenied(5)).toMatchObject({ lockedBy: a.id })
  const late = await shop.join('Till 4')
  expect(late.init.message.orders).toMatchObject([{ posReference: 'order-1', version: 2, state: 'finalizing' }])
  expect(late.init.message.leases).toEqual([])
})

test('what was paid never becomes a draft, whoever tries, after kill -9 either', async () => {
  await using shop = await Shop.open()
  const [a, v1] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
  const manager = await shop.join('Maria', { role: 'manager' })
  await openOrder(a, 'order-1')
  pay(a, 'order-1', PAID)
  await a.next('ORDER_FINALIZE_QUEUED')
  const expectPaid = async (one: Terminal, boss: Terminal, old: Terminal) => {
    const msgId = one.say('order-1', 2, { status: 'draft' })
    expect(await one.next('ERROR')).toMatchObject({ code: 'ORDER_FINAL', next: 'never', msgId })
    one.send({ type: 'ORDER_DISCARD', posReference: 'order-1', baseVersion: 2, msgId: freshMsgId() })
    expect(await one.next('ERROR')).toMatchObject({ code: 'ORDER_FINAL' })
    old.say('order-1', 2, { status: 'draft' })
    expect(await old.next('CONFLICT')).toMatchObject({ posReference: 'order-1', hubVersion: 2, hubSnapshot: PAID })
    const denial = { posReference: 'order-1', holder: '', holderName: '', reason: 'Order is paid' } as const
    for (const anybody of [one, old, boss]) expect(await anybody.leaseDenied('order-1', 2)).toMatchObject(denial)
    boss.send({ type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 2, force: true })
    expect(await boss.next('LEASE_DENIED')).toMatchObject(denial)
  }
  await expectPaid(a, manager, v1)
  await shop.hub.restart('SIGKILL')
  await expectPaid(await shop.rejoin(a), await shop.rejoin(manager), await shop.rejoin(v1))
  const late = await shop.join('Till 9')
  expect(late.init.message.orders).toMatchObject([{ version: 2, state: 'finalizing', snapshot: PAID }])
})

test('a v1 payment hears after 10 s without an answer that the hub goes on trying', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  const sent = performance.now()
  pay(a, 'order-1', PAID)
  expect(await b.updated('order-1')).toMatchObject({ version: 1, state: 'finalizing', snapshot: PAID })
  const { message, at } = await a.nextFrame('ORDER_FINALIZE_ERROR', { withinMs: 15_000 })
  expect(message).toMatchObject({ posReference: 'order-1', retryable: true, version: 1 })
  expect(message.error).not.toBe('')
  expect(at - sent).toBeGreaterThan(9_900)
  expect(at - sent).toBeLessThan(12_000)
})

test('the same payment again, by whomever, is no new version; another one is told that it differs', async () => {
  await using shop = await Shop.open()
  const [a, b, c] = [await shop.join('Till 1'), await shop.join('Till 2'), await shop.join('Till 3')]
  const msgId = pay(a, 'order-1', PAID)
  const first = await a.next('ORDER_FINALIZE_QUEUED')
  expect(first).toMatchObject({ version: 1, msgId })
  pay(a, 'order-1', PAID, { msgId })
  expect(await a.next('ORDER_FINALIZE_QUEUED')).toEqual(first)
  const { lines, payments, status } = PAID
  const again = pay(b, 'order-1', { payments, status, lines })
  const repeated = await b.next('ORDER_FINALIZE_QUEUED')
  expect(repeated).toMatchObject({ version: 1, msgId: again })
  expect(repeated.differs).not.toBe(true)
  const second = pay(b, 'order-1', { ...PAID, payments: [{ amount: 99 }] })
  expect(await b.next('ORDER_FINALIZE_QUEUED')).toMatchObject({ version: 1, msgId: second, differs: true })
  await c.caughtUp()
  expect(c.seen('ORDER_UPDATED').map(({ version, snapshot }) => [version, snapshot])).toEqual([[1, PAID]])
})

test('a resend of what was written before the payment gets its answer again', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  const accepted = await a.write('order-1', 0, { lines: ['one'] })
  pay(a, 'order-1', PAID, { baseVersion: 1 })
  await a.next('ORDER_FINALIZE_QUEUED')
  a.say('order-1', 0, { lines: ['one'] }, { msgId: accepted.msgId })
  expect(await a.next('ORDER_ACCEPTED')).toEqual(accepted)
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED').map(({ version, state }) => [version, state])).toEqual([
    [1, 'open'],
    [2, 'finalizing'],
  ])
})

test('a payment with a used msgId and other content is refused', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  const { msgId } = await a.write('order-1', 0, { lines: [] })
  pay(a, 'order-1', PAID, { msgId })
  expect(await a.next('ERROR')).toMatchObject({ code: 'MSG_ID_REUSED', msgId })
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED')).toMatchObject([{ version: 1, state: 'open' }])
})

test('a v2 payment from an old base is a conflict', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await openOrder(a, 'order-1', { lines: ['one'] })
  await a.write('order-1', 1, { lines: ['one', 'two'] })
  const msgId = pay(a, 'order-1', PAID, { baseVersion: 1 })
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 2, hubSnapshot: { lines: ['one', 'two'] }, msgId })
  expect((await a.write('order-1', 2, { lines: [] })).version).toBe(3)
  pay(a, 'order-1', PAID, { baseVersion: 3 })
  expect((await a.next('ORDER_FINALIZE_QUEUED')).version).toBe(4)
})

test('a v2 payment of an order that another holds waits until it is free', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await openOrder(b, 'order-1')
  const msgId = pay(a, 'order-1', PAID, { baseVersion: 1 })
  const held = { posReference: 'order-1', retryable: false, code: 'LEASE_HELD', msgId } as const
  expect(await a.next('ORDER_FINALIZE_ERROR')).toMatchObject(held)
  await b.caughtUp()
  expect(b.types()).not.toContain('LEASE_REVOKED')
  expect(b.types()).not.toContain('ORDER_UPDATED')
  b.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await a.next('LEASE_AVAILABLE')
  pay(a, 'order-1', PAID, { msgId, baseVersion: 1 })
  expect(await a.next('ORDER_FINALIZE_QUEUED')).toMatchObject({ version: 2, msgId })
})

test('a v1 payment of an order that another holds is taken, and the holder hears by whom', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  await openOrder(b, 'order-1')
  pay(a, 'order-1', PAID)
  const revoked = { posReference: 'order-1', reason: 'Order paid by Till 1' } as const
  expect(await b.next('LEASE_REVOKED')).toMatchObject(revoked)
  expect(await b.updated('order-1')).toMatchObject({ version: 2, state: 'finalizing', snapshot: PAID })
  b.say('order-1', 1, { lines: ['late'] })
  expect(await b.next('ERROR')).toMatchObject({ code: 'ORDER_FINAL' })
})

test('a v2 payment is taken while the holder of the order is in its grace', async () => {
  await using shop = await Shop.open({ HUB_GRACE_MS: '20000' })
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await openOrder(b, 'order-1')
  await b.drop()
  await a.next('HUB_STATUS', { where: ({ connectedTerminals }) => connectedTerminals === 1 })
  expect((await a.leaseDenied('order-1', 1)).holder).toBe(b.id)
  pay(a, 'order-1', PAID, { baseVersion: 1 })
  expect((await a.next('ORDER_FINALIZE_QUEUED')).version).toBe(2)
  const back = await shop.rejoin(b)
  expect(back.init.message.leases).toEqual([])
  expect(back.init.message.orders).toMatchObject([{ posReference: 'order-1', version: 2, state: 'finalizing' }])
})
