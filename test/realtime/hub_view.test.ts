import { expect, test } from 'bun:test'
import { createStage, SYNC, settle, WELCOME } from './hub_stage.ts'

const UPDATED = {
  type: 'ORDER_UPDATED',
  posReference: 'A-1',
  version: 1,
  snapshot: {},
  sourceTerminal: 't-2',
  state: 'open',
}

test('a gap in seq: asks from where it stands, once, and is not fresh until the answer', async () => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  socket.hear({ ...UPDATED, seq: 11 })
  expect(socket.of('SYNC_REQUEST')).toEqual([])
  await page.pass(1_000)
  socket.hear({ ...UPDATED, seq: 13 })
  socket.hear({ ...UPDATED, seq: 15 })
  expect(socket.of('SYNC_REQUEST')).toEqual([{ type: 'SYNC_REQUEST', epoch: 'e-1', seq: 11 }])
  expect(transport.freshnessMs()).toBe(1_000)
  socket.hear({ ...SYNC, mode: 'delta', seq: 15 })
  expect(transport.freshnessMs()).toBe(0)
  socket.hear({ ...UPDATED, seq: 16 })
  expect(socket.of('SYNC_REQUEST')).toHaveLength(1)
})

test('the hub is further than was heard: asks again', async () => {
  const { signIn } = createStage()
  const socket = await signIn()
  socket.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 11 })
  expect(socket.of('SYNC_REQUEST')).toHaveLength(1)
})

test('its own tables count, though nobody tells it: no gap, but a real one is still found', async () => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  transport.sendTableUpdate(1, 'occupied')
  transport.sendTableUpdate(2, 'occupied')
  socket.hear({ ...UPDATED, seq: 12 })
  await page.pass(10_000)
  socket.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 13 })
  expect(socket.of('SYNC_REQUEST')).toEqual([])
  socket.hear({ ...UPDATED, seq: 15 })
  expect(socket.of('SYNC_REQUEST')).toHaveLength(1)
})

test('tables are said again where the hub may not have read them', async () => {
  const { page, transport, signIn } = createStage()
  transport.sendTableUpdate(1, 'occupied')
  transport.sendTableUpdate(1, 'bill')
  const first = await signIn()
  expect(first.of('TABLE_UPDATE')).toEqual([{ type: 'TABLE_UPDATE', tableId: 1, status: 'bill' }])
  first.drop()
  await page.pass(1_000)
  const second = await signIn()
  expect(second.of('TABLE_UPDATE')).toHaveLength(1)
  await page.pass(2_500)
  expect(second.of('HEARTBEAT')).toHaveLength(1)
  second.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 11 })
  second.drop()
  await page.pass(1_000)
  expect((await signIn()).of('TABLE_UPDATE')).toEqual([])
})

test('the answer to a heartbeat says nothing of a table that was changed after it was sent', async () => {
  const { page, transport, signIn } = createStage()
  const first = await signIn()
  page.show()
  transport.sendTableUpdate(1, 'bill')
  first.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 10 })
  first.drop()
  await page.pass(1_000)
  expect((await signIn()).of('TABLE_UPDATE')).toHaveLength(1)
})

test('another history: what this terminal knows at a higher version is offered, and nothing that is paid', async () => {
  const { page, transport, signIn } = createStage()
  const order = (posReference: string, version: number, state = 'open') => ({
    posReference,
    version,
    snapshot: {},
    state,
  })
  const orders = [order('A-1', 4), order('B-1', 4), order('C-1', 4, 'finalizing'), order('D-1', 1)]
  const first = await signIn(WELCOME, { ...SYNC, orders })
  first.drop()
  await page.pass(1_000)
  const stored = [order('B-1', 4), order('D-1', 0)]
  const second = await signIn({ ...WELCOME, epoch: 'e-2' }, { ...SYNC, epoch: 'e-2', seq: 2, orders: stored })
  const offered = second.of('ORDER_SNAPSHOT').map((words) => [words['posReference'], words['baseVersion']])
  expect(offered).toEqual([
    ['A-1', 4],
    ['D-1', 1],
  ])
  expect(transport.state.unsent).toBe(2)
})

test('a payment that such a hub has lost is offered again', async () => {
  const { page, transport, signIn, shelf } = createStage()
  const first = await signIn()
  void transport.finalizeOrder({ posReference: 'A-1', snapshot: { paid: 1 }, configId: 2, baseVersion: 3 })
  await settle()
  const queued = { type: 'ORDER_FINALIZE_QUEUED', posReference: 'A-1', version: 4, msgId: 'id-1', reason: '', seq: 11 }
  first.hear(queued)
  await settle()
  first.drop()
  await page.pass(1_000)
  const second = await signIn({ ...WELCOME, epoch: 'e-2' }, { ...SYNC, epoch: 'e-2' })
  expect(second.last('ORDER_FINALIZE')).toMatchObject({ posReference: 'A-1', configId: 2, snapshot: { paid: 1 } })
  expect(shelf.rows).toMatchObject([{ kind: 'finalize', posReference: 'A-1' }])
})

test('a payment whose end was missed is asked for, and told', async () => {
  const { page, transport, signIn } = createStage()
  const finals: unknown[] = []
  transport.onOrderFinalized((event) => finals.push(event))
  const first = await signIn()
  void transport.finalizeOrder({ posReference: 'A-1', snapshot: { paid: 1 }, configId: 2 })
  await settle()
  const queued = { type: 'ORDER_FINALIZE_QUEUED', posReference: 'A-1', version: 1, msgId: 'id-1', reason: '', seq: 11 }
  first.hear(queued)
  await settle()
  first.drop()
  await page.pass(1_000)
  const closed = [{ posReference: 'A-1', state: 'final', orderId: 5 }]
  const second = await signIn(WELCOME, { ...SYNC, mode: 'delta', seq: 12, closed })
  expect(second.last('ORDER_FINALIZE')).toMatchObject({ msgId: 'id-1', snapshot: { paid: 1 } })
  const final = { type: 'ORDER_FINALIZED', posReference: 'A-1', orderId: 5, lineIdMap: { a: 1 }, version: 1 }
  second.hear({ ...final, seq: 12, msgId: 'id-1' })
  expect(finals).toMatchObject([{ orderId: 5, lineIdMap: { a: 1 } }])
})

test('what is lost while it was away is told; what it holds by mistake is let go of', async () => {
  const { page, transport, signIn } = createStage()
  const revoked: unknown[] = []
  transport.onTableLockRevoked((event) => revoked.push(event))
  transport.onLeaseRevoked((event) => revoked.push(event))
  const first = await signIn()
  const asked = [transport.acquireTableLock(7), transport.acquireLease('A-1', 0)]
  first.hear({ type: 'TABLE_LOCK_GRANTED', tableId: 7, expiresAt: 1, ttlMs: 1, fence: 5 })
  first.hear({ type: 'LEASE_GRANTED', posReference: 'A-1', version: 0, expiresAt: 1, ttlMs: 1, fence: 6 })
  await Promise.all(asked)
  const late = transport.acquireTableLock(8)
  first.drop()
  expect(await late).toMatchObject({ granted: false })
  await page.pass(1_000)
  const lock = { tableId: 7, lockedBy: 't-2', lockedByName: 'Bert', expiresAt: 1 }
  const tableLocks = [lock, { tableId: 8, lockedBy: 't-me', lockedByName: 'me', expiresAt: 1 }]
  const second = await signIn(WELCOME, { ...SYNC, tableLocks })
  expect(revoked).toEqual([
    { posReference: 'A-1', reason: 'Lease expired' },
    { tableId: 7, reason: 'Locked by Bert' },
  ])
  expect(second.of('TABLE_LOCK_RELEASE')).toEqual([{ type: 'TABLE_LOCK_RELEASE', tableId: 8 }])
})
