import { expect, test } from 'bun:test'
import { FRAME_BYTES_MAX } from '../../src/protocol/mod.ts'
import { createStage, settle } from './hub_stage.ts'

const ACCEPTED = { type: 'ORDER_ACCEPTED', posReference: 'A-1', seq: 11 }

test('one change of an order is on its way at a time; the next names the version that the one before it made', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const sends = [1, 2, 3].map((n) => transport.sendOrderSnapshot('A-1', 4, { n }))
  void transport.sendOrderSnapshot('B-1', 0, { n: 9 })
  await settle()
  expect(socket.of('ORDER_SNAPSHOT')).toMatchObject([
    { posReference: 'A-1', msgId: 'id-1', baseVersion: 4, snapshot: { n: 1 } },
    { posReference: 'B-1', msgId: 'id-4', baseVersion: 0 },
  ])
  socket.hear({ ...ACCEPTED, version: 5, msgId: 'id-1' })
  await settle()
  expect(socket.last('ORDER_SNAPSHOT')).toMatchObject({ msgId: 'id-2', baseVersion: 5, snapshot: { n: 2 } })
  socket.hear({ ...ACCEPTED, version: 6, msgId: 'id-2', seq: 12 })
  await settle()
  socket.hear({ ...ACCEPTED, version: 7, msgId: 'id-3', seq: 13 })
  const answers = await Promise.all(sends)
  expect(answers.map((answer) => answer.state === 'saved' && answer.version)).toEqual([5, 6, 7])
  expect(shelf.rows.map(({ id }) => id)).toEqual(['id-4'])
  void transport.sendOrderSnapshot('A-1', 4, { n: 4 })
  await settle()
  expect(socket.last('ORDER_SNAPSHOT')['baseVersion']).toBe(7)
})

test('where somebody else wrote in between, the version that the caller names is what counts', async () => {
  const { transport, signIn } = createStage()
  const socket = await signIn()
  void transport.sendOrderSnapshot('A-1', 4, {})
  await settle()
  socket.hear({ ...ACCEPTED, version: 5, msgId: 'id-1' })
  const other = { type: 'ORDER_UPDATED', posReference: 'A-1', version: 6, snapshot: {}, state: 'open' }
  socket.hear({ ...other, sourceTerminal: 't-other', seq: 12 })
  await settle()
  void transport.sendOrderSnapshot('A-1', 4, {})
  await settle()
  expect(socket.last('ORDER_SNAPSHOT')['baseVersion']).toBe(4)
})

test('it is on the disk before it is said, and said again under its name on every line', async () => {
  const { page, transport, signIn, shelf } = createStage()
  const sent = transport.sendOrderSnapshot('A-1', 0, { n: 1 })
  await settle()
  expect(shelf.rows).toMatchObject([{ id: 'id-1', kind: 'snapshot', road: null }])
  for (let line = 0; line < 3; line++) {
    const socket = await signIn()
    expect(socket.of('ORDER_SNAPSHOT')).toMatchObject([{ msgId: 'id-1', snapshot: { n: 1 } }])
    expect(shelf.rows).toMatchObject([{ id: 'id-1', road: 'hub' }])
    if (line === 2) socket.hear({ ...ACCEPTED, version: 1, msgId: 'id-1' })
    else socket.drop()
    await page.pass(8_000)
  }
  expect(await sent).toMatchObject({ state: 'saved', version: 1 })
  expect(shelf.rows).toEqual([])
})

test('a write names the grant it relies on, and asks for one where it has none', async () => {
  const { transport, signIn } = createStage()
  const socket = await signIn()
  const grant = { type: 'LEASE_GRANTED', posReference: 'A-1', version: 0, expiresAt: 1, ttlMs: 1 }
  const lease = transport.acquireLease('A-1', 0)
  socket.hear({ ...grant, fence: 5 })
  await lease
  void transport.sendOrderSnapshot('A-1', 0, {})
  await settle()
  expect(socket.last('ORDER_SNAPSHOT')['fence']).toBe(5)
  const denied = { type: 'LEASE_DENIED', posReference: 'A-1', holder: '', holderName: '', reason: '', msgId: 'id-1' }
  socket.hear({ ...denied, code: 'NO_LEASE' })
  await settle()
  expect(socket.of('LEASE_ACQUIRE')).toHaveLength(2)
  socket.hear({ ...grant, fence: 6 })
  await settle()
  expect(socket.of('ORDER_SNAPSHOT').map((words) => [words['msgId'], words['fence']])).toEqual([
    ['id-1', 5],
    ['id-1', 6],
  ])
})

test('held by another, it waits until the order is free', async () => {
  const { transport, signIn } = createStage()
  const socket = await signIn()
  void transport.sendOrderSnapshot('A-1', 0, {})
  await settle()
  const denied = { type: 'LEASE_DENIED', posReference: 'A-1', holder: 't-2', holderName: 'B', reason: 'Held by B' }
  socket.hear({ ...denied, msgId: 'id-1', code: 'LEASE_HELD' })
  await settle()
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(1)
  socket.hear({ type: 'LEASE_AVAILABLE', posReference: 'A-1' })
  await settle()
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(2)
})

test.each([
  ['HUB_FULL', 'later', false],
  ['MSG_ID_REUSED', 'never', true],
  ['CLIENT_OUTDATED', 'upgrade', true],
  ['ORDER_FINAL', 'never', true],
] as const)('refused with %s: what comes next is %s', async (code, next, isForGood) => {
  const { page, transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const sent = transport.sendOrderSnapshot('A-1', 0, {})
  await settle()
  socket.hear({ type: 'ERROR', code, message: 'why', next, msgId: 'id-1' })
  await settle()
  expect(shelf.rows.map(({ refused }) => refused)).toEqual([isForGood ? { code, message: 'why' } : null])
  expect(transport.state).toMatchObject({ unsent: isForGood ? 0 : 1, refused: isForGood ? 1 : 0 })
  if (isForGood) expect(await sent).toMatchObject({ state: 'refused', refusal: { code, next } })
  await page.pass(10_000)
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(isForGood ? 1 : 2)
})

test('payments: queued leaves the outbox, and the end of it is told whenever it comes', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const finals: unknown[] = []
  transport.onOrderFinalized((event) => finals.push(event))
  const paid = transport.finalizeOrder({ posReference: 'A-1', snapshot: { paid: 1 }, configId: 2 })
  await settle()
  expect(socket.last('ORDER_FINALIZE')).toMatchObject({ msgId: 'id-1', configId: 2, snapshot: { paid: 1 } })
  const queued = { type: 'ORDER_FINALIZE_QUEUED', posReference: 'A-1', version: 1, msgId: 'id-1', reason: 'away' }
  socket.hear({ ...queued, seq: 11 })
  expect(await paid).toEqual({ state: 'queued', posReference: 'A-1', reason: 'away' })
  await settle()
  expect(shelf.rows).toEqual([])
  const final = { type: 'ORDER_FINALIZED', posReference: 'A-1', orderId: 5, lineIdMap: { a: 1 }, version: 1 }
  socket.hear({ ...final, seq: 12, msgId: 'id-1' })
  const event = { posReference: 'A-1', orderId: 5, lineIdMap: { a: 1 }, fiscal: null, differs: false, road: 'hub' }
  expect(finals).toEqual([event])
})

test('a payment that Odoo refused stays visible', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const paid = transport.finalizeOrder({ posReference: 'A-1', snapshot: {}, configId: 2 })
  await settle()
  const error = { type: 'ORDER_FINALIZE_ERROR', posReference: 'A-1', error: 'no', retryable: false, version: 1 }
  socket.hear({ ...error, code: 'ODOO_REFUSED', msgId: 'id-1' })
  expect(await paid).toMatchObject({ state: 'refused', refusal: { code: 'ODOO_REFUSED', message: 'no' } })
  expect(shelf.rows).toMatchObject([{ refused: { code: 'ODOO_REFUSED' } }])
})

test('what was begun on the direct road stays there; what was settled there is told', async () => {
  const { transport, signIn, shelf } = createStage()
  const payload = { snapshot: {}, configId: 1 }
  shelf.put({ id: 'mine', kind: 'finalize', posReference: 'A-1', payload })
  shelf.change('mine', (row) => ({ ...row, road: 'direct' }))
  const settled = { ...payload, settled: { orderId: 7 } }
  shelf.put({ id: 'told', kind: 'finalize', posReference: 'B-1', payload: settled })
  shelf.change('told', (row) => ({ ...row, road: 'direct' }))
  void transport.connect()
  const socket = await signIn()
  expect(socket.of('ORDER_FINALIZE')).toMatchObject([{ msgId: 'told', settled: { orderId: 7 } }])
})

test('what an earlier page left is sent only by the tab whose turn it is', async () => {
  const entry = { id: 'old', kind: 'discard', posReference: 'A-1', payload: { baseVersion: 3 } } as const
  const other = createStage()
  other.shelf.put(entry)
  const mine = await other.signIn()
  expect(mine.of('ORDER_DISCARD')).toMatchObject([{ msgId: 'old', baseVersion: 3 }])
  const { shelf } = createStage()
  shelf.put(entry)
  const second = createStage({ outbox: shelf.page(false) })
  const socket = await second.signIn()
  expect(socket.of('ORDER_DISCARD')).toEqual([])
  void second.transport.sendOrderSnapshot('B-1', 0, {})
  await settle()
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(1)
})

test('an order that is too large for a frame is refused here, and keeps nothing else from being sent', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const sent = transport.sendOrderSnapshot('A-1', 0, { text: 'x'.repeat(FRAME_BYTES_MAX) })
  expect(await sent).toMatchObject({ state: 'refused', refusal: { code: 'TOO_LARGE' } })
  expect(shelf.rows).toMatchObject([{ refused: { code: 'TOO_LARGE' } }])
  void transport.sendOrderSnapshot('A-1', 0, {})
  await settle()
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(1)
})

test('a device without room says so', async () => {
  const { transport, signIn, shelf } = createStage()
  await signIn()
  shelf.isFull = true
  const sent = await transport.sendOrderSnapshot('A-1', 0, {})
  expect(sent).toMatchObject({ state: 'refused', refusal: { code: 'HUB_FULL', next: 'later' } })
})

test('a line that went while the disk was written: on the next one it is said once', async () => {
  const { page, transport, signIn, shelf } = createStage()
  const first = await signIn()
  const { promise, resolve } = Promise.withResolvers<void>()
  shelf.mark = promise
  void transport.sendOrderSnapshot('A-1', 0, {})
  await settle()
  first.drop()
  await page.pass(1_000)
  const second = await signIn()
  resolve()
  await settle()
  expect(second.of('ORDER_SNAPSHOT')).toHaveLength(1)
})

test('in a conflict what was written last is marked first: a page that ends in between meets the conflict again', async () => {
  const { transport, signIn, shelf } = createStage()
  const socket = await signIn()
  const sends = [1, 2, 3].map((n) => transport.sendOrderSnapshot('A-1', 0, { n }))
  await settle()
  const refusals: string[] = []
  const { change } = shelf
  shelf.change = (id, how) => {
    change.call(shelf, id, how)
    refusals.push(id)
  }
  socket.hear({ type: 'CONFLICT', posReference: 'A-1', hubVersion: 1, hubSnapshot: { n: 0 }, msgId: 'id-1' })
  const answers = await Promise.all(sends)
  expect(refusals).toEqual(['id-3', 'id-2', 'id-1'])
  expect(answers.map((answer) => answer.state === 'conflict' && answer.conflict.local)).toEqual(Array(3).fill({ n: 3 }))
  expect(socket.of('ORDER_SNAPSHOT')).toHaveLength(1)
})
