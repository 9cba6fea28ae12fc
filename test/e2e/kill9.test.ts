import { expect, setDefaultTimeout, test } from 'bun:test'
import { createRandom } from '../support/random.ts'
import { Shop } from '../support/shop.ts'
import { freshMsgId, type Terminal } from '../support/terminal.ts'
import { ANSWER_MS, until, within } from '../support/wait.ts'
import { Writer } from '../support/writer.ts'

setDefaultTimeout(120_000)

const TERMINALS = 20
const KILLS = 20

/** The highest version of each order that anybody has been told of. */
type Told = Map<string, number>

/** All write until so many versions have been acknowledged in this round; then, with others under way, the hub is killed. */
async function writeUntilKilled(shop: Shop, writers: readonly Writer[], acknowledgements: number): Promise<void> {
  const enough = Promise.withResolvers<void>()
  let heard = 0
  const onAccepted = () => {
    heard++
    if (heard === acknowledgements) enough.resolve()
  }
  const writing = writers.map((writer) => writer.write(onAccepted))
  await within(enough.promise, 2 * ANSWER_MS, () => `${acknowledgements} acknowledgements (${heard} so far)`)
  await shop.hub.kill('SIGKILL')
  await Promise.all(writing)
}

function listen(observer: Terminal, told: Told): void {
  for (const { posReference, version } of observer.seen('ORDER_UPDATED')) {
    told.set(posReference, Math.max(version, told.get(posReference) ?? 0))
  }
}

/** What a terminal that comes new to the hub sees must be what the writers' books say. */
function expectBooks(auditor: Terminal, writers: readonly Writer[], told: Told): void {
  const { orders } = auditor.init.message
  const stored = new Map(orders.map((order) => [order.posReference, order]))
  const known = new Set(writers.map(({ posReference }) => posReference))
  expect([...stored.keys()].filter((posReference) => !known.has(posReference))).toEqual([])
  for (const writer of writers) {
    const order = stored.get(writer.posReference)
    const version = order?.version ?? 0
    expect(version).toBeGreaterThanOrEqual(writer.acknowledged)
    expect(version).toBeGreaterThanOrEqual(told.get(writer.posReference) ?? 0)
    expect(version).toBeLessThanOrEqual(writer.sent.length)
    // Nothing that was never sent: what is stored as a version is what was sent to become it.
    expect<unknown>(order?.snapshot).toEqual(writer.sent[version - 1]?.snapshot)
    if (version > 0) expect(order?.state).toBe('open')
  }
}

test(`kill -9 in the middle of ${TERMINALS} terminals writing, ${KILLS} times over`, async () => {
  const random = createRandom(20_260_722)
  await using shop = await Shop.open()
  const writers = Array.from({ length: TERMINALS }, (_, at) => new Writer(`Till ${at}`, random))
  const told: Told = new Map()
  await Promise.all(writers.map((writer) => writer.arrive(shop)))
  for (let kill = 0; kill < KILLS; kill++) {
    const observer = await shop.join(`Observer ${kill}`, { protocol: 1 })
    await writeUntilKilled(shop, writers, 60 + random.below(600))
    listen(observer, told)
    await shop.hub.start()
    const auditor = await shop.join(`Auditor ${kill}`)
    expectBooks(auditor, writers, told)
    await auditor.close()
    await Promise.all(writers.map((writer) => writer.arrive(shop)))
    await Promise.all(writers.map((writer) => writer.resend()))
    for (const writer of writers) {
      expect(writer.acknowledged).toBe(writer.sent.length)
      writer.check()
    }
  }
  const last = await shop.join('Auditor at the end', { protocol: 1 })
  expectBooks(last, writers, told)
})

const PAYMENTS_EACH = 40
const PAYMENT_KILLS = 5

test(`kill -9 in the middle of ${TERMINALS} terminals paying: what was written down is, and is not paid twice`, async () => {
  const random = createRandom(20_260_723)
  await using shop = await Shop.open()
  const ignored = ['ORDER_UPDATED', 'HUB_STATUS'] as const
  let tills = await Promise.all(Array.from({ length: TERMINALS }, (_, at) => shop.join(`Till ${at}`, { ignored })))
  const payments = new Map<string, Payment>()
  for (let kill = 0; kill < PAYMENT_KILLS; kill++) {
    const round = tills.map((till, at) => payAll(till, `${kill}-${at}`, payments))
    const enough = 1 + random.below(400)
    await until(() => round.reduce((sum, { heard }) => sum + heard(), 0) >= enough, { what: `${enough} are queued` })
    await shop.hub.kill('SIGKILL')
    const queued = (await Promise.all(round.map(({ queued }) => queued))).flat()
    await shop.hub.start()
    const { orders } = (await shop.join(`Auditor ${kill}`)).init.message
    const stored = new Map(orders.map((order) => [order.posReference, order]))
    for (const posReference of queued) expect([posReference, stored.has(posReference)]).toEqual([posReference, true])
    for (const order of orders) {
      expect(order).toMatchObject({ version: 1, state: 'finalizing' })
      expect<unknown>(order.snapshot).toEqual(payments.get(order.posReference)?.snapshot)
    }
    tills = await Promise.all(tills.map((till) => shop.rejoin(till)))
    await Promise.all(tills.map((till, at) => payAgain(till, `${kill}-${at}`, payments)))
  }
})

type Payment = { readonly msgId: string; readonly snapshot: { readonly [key: string]: unknown } }

function namesOf(prefix: string): string[] {
  return Array.from({ length: PAYMENTS_EACH }, (_, at) => `sale ${prefix}-${at}`)
}

/** Sends all at once. `queued` settles when the socket is gone, with the orders that were said to be written down. */
function payAll(till: Terminal, prefix: string, payments: Map<string, Payment>) {
  const before = till.seen('ORDER_FINALIZE_QUEUED').length
  for (const posReference of namesOf(prefix)) {
    const payment = { msgId: freshMsgId(), snapshot: { status: 'paid', of: posReference } }
    payments.set(posReference, payment)
    till.send({ type: 'ORDER_FINALIZE', posReference, configId: 1, ...payment })
  }
  const seen = () => till.seen('ORDER_FINALIZE_QUEUED').slice(before)
  const queued = till.closed.then(() => seen().map(({ posReference }) => posReference))
  return { queued, heard: () => seen().length }
}

/** All of them once more, with the msgIds they had: each is the sale that it was. */
async function payAgain(till: Terminal, prefix: string, payments: ReadonlyMap<string, Payment>): Promise<void> {
  for (const posReference of namesOf(prefix)) {
    const { msgId = '', snapshot = {} } = payments.get(posReference) ?? {}
    till.send({ type: 'ORDER_FINALIZE', posReference, configId: 1, msgId, snapshot })
    const queued = await till.next('ORDER_FINALIZE_QUEUED', { where: (message) => message.msgId === msgId })
    expect(queued).toMatchObject({ posReference, version: 1 })
    expect(queued.differs).not.toBe(true)
  }
}
