import { expect, test } from 'bun:test'
import { createStage, settle } from './hub_stage.ts'

/** What a hub says that knows v1 only. */
const OLD_WELCOME = { type: 'AUTH_OK', terminalId: 't-me' }
const OLD_SYNC = { type: 'SYNC_INIT', orders: [{ posReference: 'A-1', version: 3, snapshot: { n: 0 } }] }
const GRANTED = { type: 'LEASE_GRANTED', posReference: 'A-1', expiresAt: 1 }

test('an old hub: the terminal is ready with what such a hub says', async () => {
  const { page, transport, signIn } = createStage()
  const synced: unknown[] = []
  transport.onSyncInit((event) => synced.push(event))
  await signIn(OLD_WELCOME, OLD_SYNC)
  expect(transport.state).toMatchObject({ phase: 'ready', terminalId: 't-me', role: 'cashier' })
  const orders = [{ posReference: 'A-1', version: 3, snapshot: { n: 0 }, state: 'open' }]
  expect(synced).toMatchObject([{ mode: 'full', orders }])
  await page.pass(600_000)
  expect(transport.state.phase).toBe('ready')
})

test('an old hub acknowledges nothing: the version that it tells with the lease is what saves a change', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn(OLD_WELCOME, OLD_SYNC)
  const sent = transport.sendOrderSnapshot('A-1', 3, { n: 1 })
  await settle()
  expect(socket.said.slice(1).map((words) => words['type'])).toEqual(['ORDER_SNAPSHOT', 'LEASE_ACQUIRE'])
  expect(shelf.rows).toHaveLength(1)
  socket.hear({ ...GRANTED, version: 4 })
  expect(await sent).toMatchObject({ state: 'saved', version: 4 })
  await settle()
  expect(shelf.rows).toEqual([])
})

test('an old hub whose answer was lost: what is stored is what was sent, and so it is saved', async () => {
  const { page, transport, signIn } = createStage()
  const first = await signIn(OLD_WELCOME, OLD_SYNC)
  const sent = transport.sendOrderSnapshot('A-1', 3, { n: 1 })
  await settle()
  first.drop()
  await page.pass(1_000)
  const second = await signIn(OLD_WELCOME, { type: 'SYNC_INIT', orders: [] })
  expect(second.last('ORDER_SNAPSHOT')).toMatchObject({ baseVersion: 3, snapshot: { n: 1 } })
  second.hear({ type: 'CONFLICT', posReference: 'A-1', hubVersion: 4, hubSnapshot: { n: 1 } })
  expect(await sent).toMatchObject({ state: 'saved', version: 4 })
})

test('conflicts, payments and discards with an old hub', async () => {
  const { transport, signIn } = createStage()
  const socket = await signIn(OLD_WELCOME, OLD_SYNC)
  const sent = transport.sendOrderSnapshot('A-1', 2, { n: 1 })
  await settle()
  socket.hear({ type: 'CONFLICT', posReference: 'A-1', hubVersion: 3, hubSnapshot: { n: 0 } })
  expect(await sent).toMatchObject({ state: 'conflict', conflict: { hubVersion: 3, local: { n: 1 } } })
  const paid = transport.finalizeOrder({ posReference: 'B-1', snapshot: {}, configId: 1 })
  await settle()
  socket.hear({ type: 'ORDER_FINALIZED', posReference: 'B-1', orderId: 4, lineIdMap: {} })
  expect(await paid).toMatchObject({ state: 'final', orderId: 4 })
  const discarded = await transport.discardOrder('C-1', 1)
  expect(discarded).toMatchObject({ state: 'refused', refusal: { code: 'UNKNOWN_TYPE', next: 'upgrade' } })
})
