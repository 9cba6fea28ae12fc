import { expect, test } from 'bun:test'
import { createStage, SYNC, settle, WELCOME } from './hub_stage.ts'

test('the first frame is AUTH; a returning terminal says where it was and what it holds', async () => {
  const { page, transport, signIn } = createStage({ deviceName: 'Till 1', configId: 3 })
  const first = await signIn()
  const auth = { type: 'AUTH', protocol: 2, token: 'token', deviceId: 'device', deviceName: 'Till 1', configId: 3 }
  expect(first.said[0]).toEqual(auth)
  const lock = transport.acquireTableLock(7)
  first.hear({ type: 'TABLE_LOCK_GRANTED', tableId: 7, expiresAt: 1, ttlMs: 1, fence: 5 })
  expect(await lock).toEqual({ granted: true, tableId: 7 })
  first.drop()
  await page.pass(1_000)
  const locks = [{ tableId: 7, lockedBy: 't-me', lockedByName: '', expiresAt: 1 }]
  const second = await signIn(WELCOME, { ...SYNC, mode: 'delta', tableLocks: locks })
  const holds = { tableLocks: [7], leases: [] }
  expect(second.said[0]).toEqual({ ...auth, resume: { sessionId: 's-1', epoch: 'e-1', seq: 10, holds } })
  expect(transport.isTableLockHeld(7)).toBe(true)
})

test('a refused token is asked for once more, then the terminal waits for a person', async () => {
  let asked = 0
  const { page, transport, signIn } = createStage({ token: async () => `token ${++asked}` })
  const connecting = transport.connect()
  for (const token of ['token 1', 'token 2']) {
    await settle()
    page.socket.open()
    expect(page.socket.last('AUTH')['token']).toBe(token)
    page.socket.hear({ type: 'AUTH_FAIL', reason: 'The token has expired.', code: 'TOKEN_EXPIRED' })
  }
  await connecting
  expect(transport.state).toMatchObject({ phase: 'refused', refusal: { code: 'TOKEN_EXPIRED', next: 'sign_in' } })
  await page.pass(600_000)
  expect([asked, page.sockets.length, page.timers]).toEqual([2, 2, 0])
  void transport.connect()
  await signIn()
  expect(transport.state.phase).toBe('ready')
  expect(asked).toBe(3)
})

test('a new token is said on the live socket, and the session goes on', async () => {
  let renewed: () => void = () => undefined
  let asked = 0
  const onTokenRenewed = (handler: () => void) => {
    renewed = handler
    return () => undefined
  }
  const { page, transport, signIn } = createStage({ token: async () => `token ${++asked}`, onTokenRenewed })
  const socket = await signIn()
  renewed()
  await settle()
  expect(socket.last('AUTH')).toMatchObject({ token: 'token 2', resume: { sessionId: 's-1' } })
  socket.hear({ ...WELCOME, role: 'manager' })
  socket.hear({ ...SYNC, mode: 'delta' })
  expect(transport.state).toMatchObject({ phase: 'ready', role: 'manager' })
  expect(page.sockets).toHaveLength(1)
})

test.each([
  [4_001, 'waiting', 'SHUTTING_DOWN'],
  [4_505, 'refused', 'REPLACED'],
  [4_506, 'refused', 'MALFORMED'],
  [4_501, 'waiting', 'TOKEN_REFUSED'],
  [1_006, 'waiting', 'HUB_UNAVAILABLE'],
] as const)('closed with %i: %s, because of %s', async (number, phase, code) => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  socket.drop(number)
  expect(transport.state).toMatchObject({ phase, hub: 'down', refusal: { code } })
  await page.pass(600)
  expect(page.sockets).toHaveLength(1)
  await page.pass(600)
  expect(page.sockets).toHaveLength(phase === 'waiting' ? 2 : 1)
})

test('three heartbeats without a word: the line is dead, and a new one is made', async () => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  await page.pass(10_000)
  expect(socket.of('HEARTBEAT')).toHaveLength(1)
  socket.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 10 })
  expect(transport.freshnessMs()).toBe(0)
  await page.pass(39_999)
  expect(transport.state.phase).toBe('ready')
  expect(transport.freshnessMs()).toBe(39_999)
  await page.pass(1)
  expect([socket.isClosed, transport.state.phase]).toEqual([true, 'waiting'])
  await page.pass(1_000)
  expect(page.socket).not.toBe(socket)
})

test('shown again, a terminal asks for a sign of life and does not wait long for it', async () => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  page.show()
  expect(socket.of('HEARTBEAT')).toHaveLength(1)
  socket.hear({ type: 'HEARTBEAT_OK', hubTime: 1, seq: 10 })
  await page.pass(5_000)
  expect(transport.state.phase).toBe('ready')
  page.show()
  await page.pass(5_000)
  expect(transport.state.phase).toBe('waiting')
})

test('who waits for an answer from a dead line hears soon that nobody is there', async () => {
  const { page, transport, signIn } = createStage()
  await signIn()
  const lease = transport.acquireLease('A-1', 0)
  await page.pass(7_500)
  expect(await lease).toMatchObject({ granted: false, code: 'HUB_UNAVAILABLE' })
})

test('online and visible end the wait at once, and there are never two sockets', async () => {
  const { page, transport, signIn } = createStage()
  page.chance = 1
  const first = await signIn()
  first.drop()
  expect(transport.state.retryAt).toBe(3_000)
  page.comeOnline()
  page.comeOnline()
  page.show()
  void transport.connect()
  await settle()
  expect(page.sockets).toHaveLength(2)
  first.hear({ ...SYNC, seq: 99 })
  first.drop()
  await signIn()
  expect(page.socket.of('AUTH')).toHaveLength(1)
})

test('disconnect ends every timer and every listener, and connect begins anew', async () => {
  const { page, transport, signIn } = createStage()
  const socket = await signIn()
  void transport.acquireLease('A-1', 0)
  transport.disconnect()
  expect([socket.isClosed, page.timers, page.listeners, transport.state.phase]).toEqual([true, 0, 0, 'off'])
  await signIn()
  expect(transport.state.phase).toBe('ready')
})

test('a token that cannot be had is asked for again later', async () => {
  let asked = 0
  const token = async () => {
    asked++
    throw new Error('the server that gives tokens is away')
  }
  const { page, transport } = createStage({ token })
  await transport.connect()
  expect(transport.state).toMatchObject({ phase: 'waiting', refusal: { code: 'SIGN_IN_UNAVAILABLE' } })
  await page.pass(1_000)
  expect([asked, page.sockets.length]).toEqual([2, 0])
})
