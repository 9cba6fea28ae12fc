import { expect, setDefaultTimeout, test } from 'bun:test'
import type { JsonObject } from '../../src/protocol/mod.ts'
import { dayAwayFromNow } from '../support/day.ts'
import { openFolder } from '../support/folder.ts'
import { get, untilReadyIs } from '../support/http.ts'
import { HubProcess } from '../support/hub_process.ts'
import { createRandom } from '../support/random.ts'
import { Shop } from '../support/shop.ts'
import type { Terminal } from '../support/terminal.ts'
import { copyDatabase, fillDisk, freeDisk, withTmpfs } from '../support/tmpfs.ts'
import { tokenFor } from '../support/tokens.ts'

setDefaultTimeout(60_000)

const ORDERS = 100
const TEXT_LENGTH = 40_000

/** Room for a few orders more: what fails is not the first one. */
const LEFT_BYTES = 600_000

type Refused = { readonly order: string; readonly msgId: string; readonly snapshot: JsonObject }

async function openShopOnSmallDisk(folder: string): Promise<Shop> {
  const wrap = withTmpfs(folder, 'size=4m,mode=0700')
  return Shop.around(await HubProcess.start({ folder, wrap, env: { HUB_GRACE_MS: '60000', ...dayAwayFromNow() } }))
}

async function leaseAll(terminal: Terminal): Promise<void> {
  for (let at = 0; at < ORDERS; at++) {
    terminal.send({ type: 'LEASE_ACQUIRE', posReference: `order-${at}`, baseVersion: 0 })
  }
  for (let at = 0; at < ORDERS; at++) await terminal.next('LEASE_GRANTED')
}

/** One order after the other, until one is not acknowledged. More than the disk holds. */
async function writeUntilFull(terminal: Terminal, books: Map<string, JsonObject>): Promise<Refused> {
  const random = createRandom(7)
  for (let at = 0; at < ORDERS; at++) {
    const order = `order-${at}`
    const snapshot = { at, text: random.text(TEXT_LENGTH) }
    const msgId = terminal.say(order, 0, snapshot)
    const accepted = terminal.next('ORDER_ACCEPTED', { where: (message) => message.msgId === msgId }).then(() => true)
    const isAccepted = await Promise.race([accepted.catch(() => false), terminal.closed.then(() => false)])
    if (!isAccepted) return { order, msgId, snapshot }
    books.set(order, snapshot)
  }
  throw new Error(`${ORDERS} orders went onto a disk that is full`)
}

function expectBooks(terminal: Terminal, books: ReadonlyMap<string, JsonObject>): void {
  const { orders } = terminal.init.message
  expect(Object.fromEntries(orders.map(({ posReference, version }) => [posReference, version]))).toEqual(
    Object.fromEntries([...books.keys()].map((order) => [order, 1])),
  )
  for (const order of orders) expect<unknown>(order.snapshot).toEqual(books.get(order.posReference))
}

test('when the disk is full nobody is told that it worked, and the hub comes back by itself', async () => {
  await using folder = await openFolder()
  await using shop = await openShopOnSmallDisk(folder.path)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  const old = await shop.join('Till 3', { protocol: 1 })
  const books = new Map<string, JsonObject>()
  await a.lock(5)
  await leaseAll(a)
  await fillDisk(shop.hub, LEFT_BYTES)
  const refused = await writeUntilFull(a, books)
  expect(books.size).toBeGreaterThan(0)
  for (const terminal of [a, b, old]) expect((await terminal.closing()).code).toBe(4000)
  expect(a.seen('ORDER_ACCEPTED').map(({ msgId }) => msgId)).not.toContain(refused.msgId)
  for (const other of [b, old]) {
    expect(new Set(other.seen('ORDER_UPDATED').map(({ posReference }) => posReference))).toEqual(new Set(books.keys()))
  }
  await untilReadyIs(shop.hub.http, 503)
  const { body } = await get(`${shop.hub.http}/readyz`)
  expect(body).toMatchObject({ ready: false, reasons: [expect.any(String)] })
  expect((await get(`${shop.hub.http}/livez`)).status).toBe(200)
  const early = await shop.wire()
  early.send({ type: 'AUTH', token: await tokenFor({ name: 'Early' }), deviceId: 'early', protocol: 2 })
  expect((await early.closing()).code).toBe(4000)

  await freeDisk(shop.hub)
  await untilReadyIs(shop.hub.http, 200, { withinMs: 15_000 })
  expectBooks(await shop.join('Auditor'), books)
  const back = await shop.rejoin(a)
  expect(back.id).toBe(a.id)
  expect(back.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  back.say(refused.order, 0, refused.snapshot, { msgId: refused.msgId })
  const taken = { posReference: refused.order, msgId: refused.msgId, version: 1 } as const
  expect(await back.next('ORDER_ACCEPTED')).toMatchObject(taken)
  books.set(refused.order, refused.snapshot)
  await expectSameOnDisk(shop.hub, books)
})

async function expectSameOnDisk(hub: HubProcess, books: ReadonlyMap<string, JsonObject>): Promise<void> {
  await using copy = await openFolder()
  await copyDatabase(hub, copy.path)
  await using after = Shop.around(await HubProcess.start({ folder: copy.path }))
  expectBooks(await after.join('Auditor of the disk'), books)
}

test('a disk that is full twice is survived twice', async () => {
  await using folder = await openFolder()
  await using shop = await openShopOnSmallDisk(folder.path)
  let a = await shop.join('Till 1')
  const books = new Map<string, JsonObject>()
  await leaseAll(a)
  for (let time = 0; time < 2; time++) {
    await fillDisk(shop.hub, LEFT_BYTES)
    const random = createRandom(time)
    const order = `order-${time}`
    for (let version = 0; a.isOpen; version++) {
      const snapshot = { version, text: random.text(TEXT_LENGTH) }
      const msgId = a.say(order, version, snapshot)
      const accepted = a.next('ORDER_ACCEPTED', { where: (message) => message.msgId === msgId }).then(() => true)
      if (!(await Promise.race([accepted.catch(() => false), a.closed.then(() => false)]))) break
      books.set(order, snapshot)
      if (version > 2 * ORDERS) throw new Error('the disk never was full')
    }
    expect((await a.closing()).code).toBe(4000)
    await freeDisk(shop.hub)
    await untilReadyIs(shop.hub.http, 200, { withinMs: 15_000 })
    a = await shop.rejoin(a)
    const { orders } = (await shop.join(`Auditor ${time}`)).init.message
    expect<unknown>(Object.fromEntries(orders.map(({ posReference, snapshot }) => [posReference, snapshot]))).toEqual(
      Object.fromEntries(books),
    )
  }
})

test('of several terminals that write at once when the disk gets full, what was acknowledged is stored and no more', async () => {
  await using folder = await openFolder()
  await using shop = await openShopOnSmallDisk(folder.path)
  const tills = await Promise.all([1, 2, 3, 4].map((at) => shop.join(`Till ${at}`, { ignored: ['ORDER_UPDATED'] })))
  const ordersOf = (till: Terminal) => Array.from({ length: ORDERS / 4 }, (_, at) => `order-${till.id}-${at}`)
  for (const till of tills) for (const order of ordersOf(till)) await till.lease(order)
  await fillDisk(shop.hub, LEFT_BYTES)
  const random = createRandom(3)
  const books = new Map<string, JsonObject>()
  const writing = tills.map(async (till) => {
    for (const order of ordersOf(till)) {
      const snapshot = { order, text: random.text(TEXT_LENGTH) }
      const tableId = Number(order.split('-').at(-1))
      const msgId = till.say(order, 0, snapshot)
      till.send({ type: 'TABLE_LOCK_ACQUIRE', tableId })
      till.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId })
      const accepted = till.next('ORDER_ACCEPTED', { where: (message) => message.msgId === msgId }).then(() => true)
      if (!(await Promise.race([accepted.catch(() => false), till.closed.then(() => false)]))) return
      books.set(order, snapshot)
    }
  })
  await Promise.all(writing)
  for (const till of tills) expect((await till.closing()).code).toBe(4000)
  await freeDisk(shop.hub)
  await untilReadyIs(shop.hub.http, 200, { withinMs: 15_000 })
  const auditor = await shop.join('Auditor')
  expect(books.size).toBeGreaterThan(0)
  expectBooks(auditor, books)
  const granted = tills.flatMap((till) => till.seen('TABLE_LOCK_GRANTED').map(({ tableId }) => [tableId, till.id]))
  const stored = auditor.init.message.tableLocks.map(({ tableId, lockedBy }) => [tableId, lockedBy])
  expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(granted))
  const tickets = tills.flatMap((till) => till.seen('TICKET_NUMBER_ASSIGNED').map(({ ticketNumber }) => ticketNumber))
  expect(new Set(tickets).size).toBe(tickets.length)
  auditor.send({ type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout', msgId: 'ticket' })
  expect((await auditor.next('TICKET_NUMBER_ASSIGNED')).ticketNumber).toBe(Math.max(0, ...tickets) + 1)
})
