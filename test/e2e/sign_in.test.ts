import { expect, setDefaultTimeout, test } from 'bun:test'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorCode } from '../../src/protocol/mod.ts'
import { hubEnvironment, runToEnd } from '../support/hub_process.ts'
import { Shop } from '../support/shop.ts'
import { Terminal } from '../support/terminal.ts'
import { tokenFor } from '../support/tokens.ts'
import type { Wire } from '../support/wire.ts'

setDefaultTimeout(30_000)

type Refusal = { readonly code: ErrorCode; readonly close: number }

/** The socket is told why, and closed with the code of that. */
async function expectRefusal(wire: Wire, { code, close }: Refusal): Promise<void> {
  const fail = await wire.next('AUTH_FAIL')
  expect(fail.code).toBe(code)
  expect(fail.reason).not.toBe('')
  expect((await wire.closing()).code).toBe(close)
  expect(wire.seen('AUTH_OK')).toEqual([])
  expect(wire.seen('SYNC_INIT')).toEqual([])
}

test.each([1, 2] as const)('in protocol %i a token that is not ours, or none, is refused', async (protocol) => {
  await using shop = await Shop.open()
  const foreign = await tokenFor({ name: 'Thief', secret: 'another-secret-of-the-same-length-0123456789' })
  const ours = await tokenFor({ name: 'Till 1' })
  const [header, , signature] = ours.split('.')
  const claims = Buffer.from(JSON.stringify({ sub: 'x', name: 'x', role: 'manager', iss: 'pos-hub', exp: 4e9 }))
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims.toString('base64url')}.`
  const changed = `${header}.${claims.toString('base64url')}.${signature}`
  for (const token of [foreign, unsigned, changed, '', 'x', 'a.b.c']) {
    const wire = await shop.wire({ protocol })
    wire.send({ type: 'AUTH', token, deviceId: 'd', ...(protocol === 2 ? { protocol } : {}) })
    await expectRefusal(wire, { code: 'TOKEN_REFUSED', close: 4501 })
  }
})

test('a token whose time is over is refused as such', async () => {
  await using shop = await Shop.open()
  const wire = await shop.wire()
  const token = await tokenFor({ name: 'Till 1', expiresInS: -60 })
  wire.send({ type: 'AUTH', token, deviceId: 'd', protocol: 2 })
  await expectRefusal(wire, { code: 'TOKEN_EXPIRED', close: 4502 })
})

test('a token is good for its own configurations only', async () => {
  await using shop = await Shop.open({ HUB_GROUPS: 'main=1,2;terrace=4' })
  const token = await tokenFor({ name: 'Till 1', configs: [1, 2] })
  const wire = await shop.wire()
  wire.send({ type: 'AUTH', token, deviceId: 'd', protocol: 2, configId: 4 })
  await expectRefusal(wire, { code: 'CONFIG_NOT_ALLOWED', close: 4503 })
  const good = await shop.join('Till 1', { configs: [1, 2], configId: 2 })
  expect(good.auth.role).toBe('cashier')
})

test('AUTH_OK says who the terminal is; v2 hears more', async () => {
  await using shop = await Shop.open({ HUB_HEARTBEAT_MS: '20000', HUB_TABLE_LOCK_HEARTBEAT_MS: '15000' })
  for (const role of ['manager', 'cashier', 'waiter', 'kitchen'] as const) {
    expect((await shop.join(`v1 ${role}`, { role, protocol: 1 })).auth.role).toBe(role)
    const { auth, init } = await shop.join(`v2 ${role}`, { role })
    expect(auth).toMatchObject({ role, protocol: 2, heartbeatMs: 15_000, epoch: init.message.epoch })
    expect(auth.hubVersion).toBeString()
    expect(Math.abs((auth.hubTime ?? 0) - Date.now())).toBeLessThan(5_000)
    expect(Buffer.byteLength(auth.sessionId ?? '')).toBeGreaterThanOrEqual(22)
    expect(auth.sessionId).not.toContain(auth.terminalId)
    expect(init.message).toMatchObject({ mode: 'full', orders: [], closed: [], tables: [], tableLocks: [], floors: [] })
  }
})

test('a terminal that asks for a later protocol gets the newest there is', async () => {
  await using shop = await Shop.open()
  const wire = await shop.wire()
  wire.send({ type: 'AUTH', token: await tokenFor({ name: 'Till 1' }), deviceId: 'd', protocol: 9 })
  expect((await wire.next('AUTH_OK')).protocol).toBe(2)
  await wire.next('SYNC_INIT')
  wire.send({ type: 'HEARTBEAT' })
  await wire.next('HEARTBEAT_OK')
})

test('a second AUTH on a socket renews the token; somebody else on it is refused', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  const token = await tokenFor({ name: 'Till 1', expiresInS: 7200 })
  a.send({ type: 'AUTH', token, deviceId: a.options.deviceId, protocol: 2 })
  expect((await a.next('AUTH_OK')).terminalId).toBe(a.id)
  expect((await a.write('order-1', 0, { lines: [] })).version).toBe(1)
  a.send({ type: 'AUTH', token: await tokenFor({ name: 'Till 2' }), deviceId: a.options.deviceId, protocol: 2 })
  expect((await a.closing()).code).toBe(4504)
})

test('with development sign-in an empty token makes a manager, in both protocols', async () => {
  await using shop = await Shop.open({ HUB_DEV_AUTH: 'true' })
  for (const protocol of [1, 2] as const) {
    const terminal = await Terminal.connect(shop.hub.url, { token: '', deviceId: `device ${protocol}`, protocol })
    expect(terminal.auth.role).toBe('manager')
    terminal.send({ type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId: protocol })
    await terminal.next('TABLE_LOCK_GRANTED')
    terminal.check()
  }
})

test('any path may be upgraded', async () => {
  await using shop = await Shop.open()
  for (const path of ['', 'ws', 'any/path?at=all', 'health']) {
    const token = await tokenFor({ name: `Till at ${path}` })
    const terminal = await Terminal.connect(`${shop.hub.url}${path}`, { token, deviceId: `at ${path}` })
    terminal.check()
    await terminal.close()
  }
})

test('a hub without a secret makes its own, and the token that it prints lets a terminal in', async () => {
  const env = { HUB_TOKEN_SECRET: '' }
  await using shop = await Shop.open(env)
  const flags = ['--name', 'Till 1', '--role', 'waiter']
  const made = await runToEnd(hubEnvironment(shop.hub.folder, env), { verb: 'token', flags })
  expect(made.code).toBe(0)
  const tokens = made.stdout.split('\n').filter((line) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(line))
  expect(tokens).toHaveLength(1)
  const auth = { token: tokens[0] ?? '', deviceId: 'd' }
  for (let start = 0; start < 2; start++) {
    const terminal = await Terminal.connect(shop.hub.url, auth)
    expect(terminal.auth.role).toBe('waiter')
    await shop.hub.restart('SIGKILL')
  }
  for (const name of await readdir(shop.hub.folder)) {
    const path = join(shop.hub.folder, name)
    const entry = await stat(path)
    const mode = entry.mode & 0o777
    if (name.includes('secret') || entry.isSocket()) expect([name, mode]).toEqual([name, 0o600])
    else expect((await readFile(path)).includes(tokens[0] ?? '')).toBe(false)
  }
})
