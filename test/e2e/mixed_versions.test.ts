import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

test('a v1 and a v2 terminal see each other, and deny and free each other orders and tables', async () => {
  await using shop = await Shop.open()
  const [old, young] = [await shop.join('Old', { protocol: 1 }), await shop.join('Young')]
  for (const [one, other] of [[old, young] as const, [young, old] as const]) {
    const lock = await one.lock(5)
    expect((await other.next('TABLE_LOCKS_STATE')).locks).toMatchObject([{ tableId: 5, lockedBy: one.id }])
    expect(await other.lockDenied(5)).toMatchObject({ lockedBy: one.id, lockedByName: one === old ? 'Old' : 'Young' })
    const order = `order of ${one.id}`
    const lease = await one.lease(order)
    expect(await other.leaseDenied(order)).toMatchObject({ holder: one.id })
    one.say(order, 0, { tableId: 5, by: one.id })
    expect(await other.updated(order)).toMatchObject({ version: 1, snapshot: { by: one.id }, sourceTerminal: one.id })
    one.send({ type: 'LEASE_RELEASE', posReference: order })
    one.send({ type: 'TABLE_LOCK_RELEASE', tableId: 5 })
    for (const anybody of [one, other]) await anybody.next('TABLE_LOCK_RELEASED')
    expect((await other.lock(5)).fence).toBeGreaterThan(lock.fence)
    expect(await other.lease(order, 1)).toMatchObject({ version: 1 })
    expect((await other.lease(order, 1)).fence).toBeGreaterThan(lease.fence)
    other.send({ type: 'TABLE_LOCK_RELEASE', tableId: 5 })
    for (const anybody of [one, other]) await anybody.next('TABLE_LOCK_RELEASED')
    await one.caughtUp()
    one.forget()
    other.forget()
  }
})

test('the two write one order in turns, and each base is what the other has made', async () => {
  await using shop = await Shop.open()
  const [old, young] = [await shop.join('Old', { protocol: 1 }), await shop.join('Young')]
  for (let version = 0; version < 10; version++) {
    const [writer, reader] = version % 2 === 0 ? [old, young] : [young, old]
    expect(await writer.lease('order-1', version)).toMatchObject({ version })
    writer.say('order-1', version, { version, by: writer.id })
    expect(await reader.updated('order-1')).toMatchObject({ version: version + 1, sourceTerminal: writer.id })
    writer.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
    await writer.caughtUp()
  }
})

test('a v1 terminal hears no word of v2: not for a heartbeat, an acknowledgement, a free order, a discard', async () => {
  await using shop = await Shop.open()
  const [old, young] = [await shop.join('Old', { protocol: 1 }), await shop.join('Young')]
  await young.lease('order-1')
  await young.write('order-1', 0, { lines: [] })
  await old.leaseDenied('order-1', 1)
  young.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await young.lease('order-1', 1)
  young.send({ type: 'ORDER_DISCARD', posReference: 'order-1', baseVersion: 1, msgId: 'discard' })
  await young.next('ORDER_DISCARDED')
  await old.lease('order-2')
  old.say('order-2', 0, { lines: [] })
  old.send({ type: 'HEARTBEAT' })
  old.sendRaw('{"type":"NEVER_HEARD_OF"}')
  old.say('order-3', 0, { withoutLease: true })
  expect(await old.next('LEASE_DENIED', { where: ({ posReference }) => posReference === 'order-3' })).toMatchObject({
    holder: '',
    holderName: '',
  })
  await old.caughtUp()
  // The terminal itself fails on any word of v2; what is left is what was meant for it.
  expect<string[]>(old.types().toSorted()).toEqual(
    ['AUTH_OK', 'SYNC_INIT', 'ORDER_UPDATED', 'LEASE_DENIED', 'LEASE_GRANTED', 'LEASE_DENIED'].toSorted(),
  )
})

test('a v1 conflict brings the stored version', async () => {
  await using shop = await Shop.open()
  const [old, young] = [await shop.join('Old', { protocol: 1 }), await shop.join('Young')]
  await young.lease('order-1')
  await young.write('order-1', 0, { lines: ['one'] })
  await young.write('order-1', 1, { lines: ['two'] })
  young.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  await young.caughtUp()
  await old.lease('order-1', 2)
  old.say('order-1', 1, { lines: ['old'] })
  expect(await old.next('CONFLICT')).toMatchObject({ hubVersion: 2, hubSnapshot: { lines: ['two'] } })
  old.say('order-1', 2, { lines: ['merged'] })
  const merged = await young.next('ORDER_UPDATED')
  expect(merged).toMatchObject({ version: 3, snapshot: { lines: ['merged'] }, sourceTerminal: old.id })
})

test('a v1 terminal that sends the same version twice stores it once and hears of the conflict', async () => {
  await using shop = await Shop.open()
  const [old, young] = [await shop.join('Old', { protocol: 1 }), await shop.join('Young')]
  await old.lease('order-1')
  old.say('order-1', 0, { lines: ['one'] })
  old.say('order-1', 0, { lines: ['one'] })
  expect(await old.next('CONFLICT')).toMatchObject({ hubVersion: 1, hubSnapshot: { lines: ['one'] } })
  await young.caughtUp()
  expect(young.seen('ORDER_UPDATED').map(({ version }) => version)).toEqual([1])
})
