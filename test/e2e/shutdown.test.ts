import { expect, setDefaultTimeout, test } from 'bun:test'
import { createRandom } from '../support/random.ts'
import { RawSocket } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import { tokenFor } from '../support/tokens.ts'
import { Writer } from '../support/writer.ts'

setDefaultTimeout(40_000)

test.each(['SIGTERM', 'SIGINT'] as const)(
  'after %s terminals are told to come back, and all is there',
  async (signal) => {
    await using shop = await Shop.open()
    const [a, old] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
    const unsigned = await shop.wire()
    await a.lock(5)
    const lease = await a.lease('order-1')
    await a.write('order-1', 0, { lines: ['one'] })
    // `kill` itself fails when the hub takes longer than 5 s.
    expect(await shop.hub.kill(signal)).toBe(0)
    for (const socket of [a, old, unsigned]) expect((await socket.closing()).code).toBe(4001)
    await shop.hub.start()
    const back = await shop.rejoin(a)
    expect(back.id).toBe(a.id)
    expect(back.init.message.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
    expect((await back.lease('order-1', 1)).fence).toBe(lease.fence)
    expect((await back.write('order-1', 1, { lines: ['one', 'two'] })).version).toBe(2)
  },
)

test('stopped in the middle of ten terminals writing, it loses nothing that it has acknowledged', async () => {
  await using shop = await Shop.open()
  const random = createRandom(11)
  const writers = Array.from({ length: 10 }, (_, at) => new Writer(`Till ${at}`, random))
  await Promise.all(writers.map((writer) => writer.arrive(shop)))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const enough = Promise.withResolvers<void>()
    let heard = 0
    const onAccepted = () => {
      heard++
      if (heard === 300) enough.resolve()
    }
    const writing = writers.map((writer) => writer.write(onAccepted))
    await enough.promise
    expect(await shop.hub.kill(signal)).toBe(0)
    await Promise.all(writing)
    await shop.hub.start()
    const { orders } = (await shop.join(`Auditor after ${signal}`)).init.message
    const versions = new Map(orders.map(({ posReference, version }) => [posReference, version]))
    for (const { posReference, acknowledged, sent } of writers) {
      expect(versions.get(posReference)).toBeGreaterThanOrEqual(acknowledged)
      expect(versions.get(posReference)).toBeLessThanOrEqual(sent.length)
    }
    await Promise.all(writers.map((writer) => writer.arrive(shop)))
    await Promise.all(writers.map((writer) => writer.resend()))
  }
})

test('terminals that do not read and sockets that say nothing do not keep it up', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  const deaf = await RawSocket.open(shop.hub.port)
  await deaf.signIn(await tokenFor({ name: 'Deaf' }), 'deaf', { protocol: 2 })
  await deaf.stopReading()
  const silent = await RawSocket.open(shop.hub.port)
  await a.lease('order-1')
  const text = 'x'.repeat(100_000)
  for (let version = 0; version < 30; version++) await a.write('order-1', version, { version, text })
  expect(await shop.hub.kill('SIGTERM')).toBe(0)
  expect((await a.closing()).code).toBe(4001)
  await deaf.readAgain()
  for (const raw of [deaf, silent]) await raw.closing()
})
