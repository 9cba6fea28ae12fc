import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'
import { freshMsgId } from '../support/terminal.ts'

setDefaultTimeout(60_000)

const KNOWN_MAX = 256

test('a ticket that is asked for again after hundreds of others is a new one, and the hub stays up', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  const ask = async (msgId: string) => {
    a.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId })
    return (await a.next('TICKET_NUMBER_ASSIGNED', { where: (message) => message.msgId === msgId })).ticketNumber
  }
  for (let at = 0; at <= KNOWN_MAX; at++) expect(await ask(`ticket-${at}`)).toBe(at + 1)
  expect(await ask('ticket-1')).toBe(2)
  expect(await ask('ticket-0')).toBe(KNOWN_MAX + 2)
  await shop.hub.restart('SIGKILL')
  const back = await shop.rejoin(a)
  back.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId: 'ticket-0' })
  expect((await back.next('TICKET_NUMBER_ASSIGNED')).ticketNumber).toBe(KNOWN_MAX + 2)
})

test('two devices that number their requests alike get two tickets', async () => {
  await using shop = await Shop.open()
  const numbers: number[] = []
  for (const name of ['Till 1', 'Till 2']) {
    const till = await shop.join(name)
    till.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId: '1' })
    numbers.push((await till.next('TICKET_NUMBER_ASSIGNED')).ticketNumber)
  }
  expect(numbers).toEqual([1, 2])
})

test('a msgId that an order has forgotten is a new one, and the hub stays up', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  for (let version = 0; version <= KNOWN_MAX; version++) {
    a.say('order-1', version, { version }, { msgId: `m-${version}` })
    await a.next('ORDER_ACCEPTED')
  }
  a.say('order-1', KNOWN_MAX + 1, { version: 'again' }, { msgId: 'm-0' })
  expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ version: KNOWN_MAX + 2, msgId: 'm-0' })
  a.say('order-1', 0, { version: 2 }, { msgId: 'm-2' })
  expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ version: 3, msgId: 'm-2' })
})

test('hundreds of orders closed in one burst, and the first of them asked for in the same burst', async () => {
  await using shop = await Shop.open({ HUB_FRAMES_PER_SECOND_MAX: '100000' })
  const a = await shop.join('Till 1')
  const frames: string[] = []
  const say = (message: object) => frames.push(JSON.stringify(message))
  for (let at = 0; at < 300; at++) {
    const posReference = `order-${at}`
    say({ type: 'LEASE_ACQUIRE', posReference, baseVersion: 0 })
    say({ type: 'ORDER_SNAPSHOT', posReference, baseVersion: 0, msgId: freshMsgId(), snapshot: { at } })
    say({ type: 'ORDER_DISCARD', posReference, baseVersion: 1, msgId: freshMsgId() })
  }
  say({ type: 'LEASE_ACQUIRE', posReference: 'order-0', baseVersion: 1 })
  for (const frame of frames) a.sendRaw(frame)
  for (let at = 0; at < 300; at++) await a.next('LEASE_GRANTED')
  expect(await a.next('LEASE_GRANTED')).toMatchObject({ posReference: 'order-0', version: 1 })
})

test('a payment that comes again and again is answered each time, and costs the others nothing', async () => {
  await using shop = await Shop.open({ HUB_FRAMES_PER_SECOND_MAX: '100000' })
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const lines = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `line ${id}` }))
  const pay = (snapshot: object) => {
    const message = { type: 'ORDER_FINALIZE', posReference: 'order-1', configId: 1, msgId: freshMsgId(), snapshot }
    a.sendRaw(JSON.stringify(message))
  }
  pay({ lines })
  await a.next('ORDER_FINALIZE_QUEUED')
  for (let at = 0; at < 1_500; at++) pay({ other: at % 60 })
  await b.caughtUp()
  for (let at = 0; at < 1_500; at++) expect((await a.next('ORDER_FINALIZE_QUEUED')).differs).toBe(true)
})

test('a release that is sent again is answered again, and lets go of nothing that was granted since', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  const release = { type: 'LEASE_RELEASE', posReference: 'order-1', finalSnapshot: { lines: [1] }, msgId: 'r' } as const
  a.send(release)
  expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ version: 1, msgId: 'r' })
  await a.lease('order-1', 1)
  a.send(release)
  expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ version: 1, msgId: 'r' })
  expect((await a.write('order-1', 1, { lines: [1, 2] })).version).toBe(2)
})

test('a discard under a msgId that was used for another reason is refused', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: [1] })
  const discard = { type: 'ORDER_DISCARD', posReference: 'order-1', baseVersion: 1, msgId: 'd' } as const
  a.send({ ...discard, reason: 'left' })
  await a.next('ORDER_DISCARDED')
  a.send({ ...discard, reason: 'something else' })
  expect((await a.next('ERROR')).code).toBe('MSG_ID_REUSED')
})
