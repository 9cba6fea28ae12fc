import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(30_000)

test('a version from an old base is a conflict, with the stored one; nothing is stored', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  await a.write('order-1', 1, { lines: ['one', 'two'] })
  const msgId = a.say('order-1', 1, { lines: ['other'] })
  const conflict = { posReference: 'order-1', hubVersion: 2, hubSnapshot: { lines: ['one', 'two'] }, msgId } as const
  expect(await a.next('CONFLICT')).toMatchObject(conflict)
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED').map((updated) => updated.version)).toEqual([1, 2])
  expect((await a.write('order-1', 2, { lines: ['merged'] })).version).toBe(3)
})

test('a v2 base above the stored version is a conflict too, and of an unknown order the hub has nothing', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  const msgId = a.say('order-1', 1, { lines: [] })
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 0, hubSnapshot: null, msgId })
  await a.write('order-1', 0, { lines: [] })
  a.say('order-1', 2, { lines: ['ahead'] })
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 1, hubSnapshot: { lines: [] } })
})

test('a v2 terminal of another epoch offers what it knows at a higher version', async () => {
  await using shop = await Shop.open()
  const b = await shop.join('Till 2')
  const resume = { sessionId: '0123456789abcdef0123456789abcdef', epoch: 'the-hub-before-this-one', seq: 812 }
  const a = await shop.join('Till 1', { resume })
  expect(a.init.message.mode).toBe('full')
  await a.lease('order-1', 40)
  expect((await a.write('order-1', 40, { lines: ['from before'] })).version).toBe(41)
  expect(await b.updated('order-1')).toMatchObject({ version: 41, snapshot: { lines: ['from before'] } })
})

test('a v1 base is taken up to 1,000 above the stored version', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  await a.lease('order-1')
  a.say('order-1', 7, { lines: ['seven'] })
  expect((await b.updated('order-1')).version).toBe(8)
  a.say('order-1', 1008, { lines: ['far'] })
  expect((await b.updated('order-1')).version).toBe(1009)
  a.say('order-1', 2010, { lines: ['too far'] })
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 1009, hubSnapshot: { lines: ['far'] } })
  a.say('order-1', 8, { lines: ['behind'] })
  expect(await a.next('CONFLICT')).toMatchObject({ hubVersion: 1009 })
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED')).toHaveLength(2)
})

test('a resend gets the same answer again and nothing is stored', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  const first = await a.write('order-1', 0, { lines: ['one'] })
  await a.write('order-1', 1, { lines: ['one', 'two'] })
  a.say('order-1', 0, { lines: ['one'] }, { msgId: first.msgId })
  expect(await a.next('ORDER_ACCEPTED')).toEqual(first)
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED').map((updated) => updated.version)).toEqual([1, 2])
  expect((await a.write('order-1', 2, { lines: [] })).version).toBe(3)
})

test('a resend is known after the lease is gone, from another socket, and after kill -9', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  const first = await a.write('order-1', 0, { lines: ['one'] })
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  a.say('order-1', 0, { lines: ['one'] }, { msgId: first.msgId })
  expect(await a.next('ORDER_ACCEPTED')).toEqual(first)
  await shop.hub.restart('SIGKILL')
  const back = await shop.rejoin(a)
  back.say('order-1', 0, { lines: ['one'] }, { msgId: first.msgId })
  expect(await back.next('ORDER_ACCEPTED')).toEqual(first)
  const late = await shop.join('Till 2')
  expect(late.init.message.orders).toMatchObject([{ posReference: 'order-1', version: 1 }])
})

test('the lease is judged before the base', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: [] })
  b.say('order-1', 0, { lines: ['behind'] })
  expect(await b.next('LEASE_DENIED')).toMatchObject({ holder: a.id })
  await b.caughtUp()
  expect(b.types()).not.toContain('CONFLICT')
})

test('a msgId that comes again with other content is refused', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  await a.lease('order-1')
  const { msgId } = await a.write('order-1', 0, { lines: ['one'] })
  a.say('order-1', 1, { lines: ['other'] }, { msgId })
  expect(await a.next('ERROR')).toMatchObject({ code: 'MSG_ID_REUSED', next: 'never', msgId })
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED')).toHaveLength(1)
  expect((await a.write('order-1', 1, { lines: ['two'] })).version).toBe(2)
})

test('each order knows its own msgIds: the same one is new for another order', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  for (const order of ['order-1', 'order-2']) {
    await a.lease(order)
    a.say(order, 0, { of: order }, { msgId: 'one' })
    expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ posReference: order, version: 1, msgId: 'one' })
  }
})

test('the last 256 msgIds of an order are kept', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  for (let version = 0; version < 256; version++) await a.write('order-1', version, { version })
  const answers = a.seen('ORDER_ACCEPTED')
  expect(answers).toHaveLength(256)
  await shop.hub.restart('SIGKILL')
  const back = await shop.rejoin(a)
  for (const [version, answer] of answers.entries()) {
    back.say('order-1', version, { version }, { msgId: answer.msgId })
    expect(await back.next('ORDER_ACCEPTED')).toEqual(answer)
  }
  const late = await shop.join('Till 2')
  expect(late.init.message.orders).toMatchObject([{ version: 256, snapshot: { version: 255 } }])
})

test('a fence of an earlier grant is not good any more', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const first = await a.lease('order-1')
  a.say('order-1', 0, { lines: [] }, { fence: first.fence })
  expect((await a.next('ORDER_ACCEPTED')).version).toBe(1)
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
  const second = await a.lease('order-1', 1)
  expect(second.fence).toBeGreaterThan(first.fence)
  const msgId = a.say('order-1', 1, { lines: ['stale'] }, { fence: first.fence })
  expect(await a.next('LEASE_DENIED')).toMatchObject({ posReference: 'order-1', msgId })
  await b.caughtUp()
  expect(b.seen('ORDER_UPDATED')).toHaveLength(1)
  a.say('order-1', 1, { lines: ['fresh'] }, { fence: second.fence })
  expect((await a.next('ORDER_ACCEPTED')).version).toBe(2)
})

test('fences never repeat, after kill -9 either', async () => {
  await using shop = await Shop.open()
  let a = await shop.join('Till 1')
  let highest = 0
  for (let round = 0; round < 3; round++) {
    for (const grant of [await a.lease(`order-${round}`), await a.lock(round)]) {
      expect(grant.fence).toBeGreaterThan(highest)
      highest = grant.fence
    }
    a.send({ type: 'TABLE_LOCK_RELEASE', tableId: round })
    await a.next('TABLE_LOCK_RELEASED')
    await shop.hub.restart('SIGKILL')
    a = await shop.rejoin(a)
  }
})

test('the sender hears the seq that the others hear', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
  await a.lease('order-1')
  for (let version = 0; version < 3; version++) {
    const accepted = await a.write('order-1', version, { version })
    expect((await b.updated('order-1')).seq).toBe(accepted.seq)
  }
})
