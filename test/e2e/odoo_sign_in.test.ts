import { Database } from 'bun:sqlite'
import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { DEMO_ACCESS, type DemoServer, type DemoServerOptions, startDemoServer } from '../../src/bun/demo_server.ts'
import type { Environment } from '../support/hub_process.ts'
import { Shop } from '../support/shop.ts'
import { Terminal } from '../support/terminal.ts'
import { tokenFor } from '../support/tokens.ts'
import { clockReaches, until } from '../support/wait.ts'

setDefaultTimeout(30_000)

const DAY_MS = 24 * 3_600_000

function odooOf(server: DemoServer, env: Environment = {}): Environment {
  const { database, login, password } = DEMO_ACCESS
  return { ODOO_URL: server.url, ODOO_DB: database, ODOO_USER: login, ODOO_PASSWORD: password, ...env }
}

async function open(options: DemoServerOptions = {}, env: Environment = {}) {
  const server = await startDemoServer(options)
  const shop = await Shop.open(odooOf(server, env))
  return {
    ...{ server, shop },
    [Symbol.asyncDispose]: async () => {
      await shop[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The id of a web session, as a browser has it in its cookie. */
async function signInToWeb({ url }: DemoServer, login: string): Promise<string> {
  const { database: db, password } = DEMO_ACCESS
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', params: { db, login, password } })
  const answer = await fetch(`${url}/web/session/authenticate`, { method: 'POST', body })
  return /session_id=(\w+)/.exec(answer.headers.get('Set-Cookie') ?? '')?.[1] ?? ''
}

/** A token of the add-on. */
async function signInToAddon({ url }: DemoServer, login: string): Promise<string> {
  const body = JSON.stringify({ login, password: DEMO_ACCESS.password })
  const answer = await fetch(`${url}/pos-api/v1/auth/login`, { method: 'POST', body })
  const tokens: unknown = await answer.json()
  return String((tokens as { access_token: string }).access_token)
}

function enter(shop: Shop, token: string, deviceId = 'device'): Promise<Terminal> {
  return Terminal.connect(shop.hub.url, { token, deviceId })
}

/** What a terminal that is not let in is told, and how its socket is closed. */
async function refusal(shop: Shop, token: string): Promise<readonly [code: string | undefined, close: number]> {
  const wire = await shop.wire()
  wire.send({ type: 'AUTH', token, deviceId: 'd', protocol: 2 })
  const fail = await wire.next('AUTH_FAIL', { withinMs: 15_000 })
  expect(fail.reason).not.toContain(token)
  return [fail.code, (await wire.closing()).code]
}

/** While the hub is off: all that Odoo has said is older than it was. */
function age({ hub }: Shop, ms: number): void {
  using file = new Database(join(hub.folder, 'hub.sqlite'))
  file.run('UPDATE known_tokens SET checked_at = checked_at - ?', [ms])
}

function knownCount({ hub }: Shop): number {
  using file = new Database(join(hub.folder, 'hub.sqlite'))
  return file.query('SELECT digest FROM known_tokens').all().length
}

/** How often Odoo was asked about tokens and sessions. */
function asked({ odoo }: DemoServer): number {
  return odoo.calls().filter(({ what }) => what === 'get_session_info' || what === 'bootstrap').length
}

test.each(['manager', 'cashier'] as const)('a web session of a %s signs in as such', async (role) => {
  await using at = await open()
  const token = await signInToWeb(at.server, role === 'manager' ? 'manager' : 'ana')
  const terminal = await enter(at.shop, token)
  expect(terminal.auth.role).toBe(role)
  terminal.check()
})

test.each([12, 14, 17, 19] as const)('Odoo %i is asked as it wants to be', async (series) => {
  await using at = await open({ series })
  expect((await enter(at.shop, await signInToWeb(at.server, 'manager'))).auth.role).toBe('manager')
})

test.each(['', DEMO_ACCESS.tokenSecret])('a token of the add-on signs in; with the secret %j', async (secret) => {
  await using at = await open({}, secret === '' ? {} : { HUB_ODOO_TOKEN_SECRET: secret })
  for (const [login, role] of [
    ['manager', 'manager'],
    ['luis', 'waiter'],
    ['cocina', 'kitchen'],
  ] as const) {
    const terminal = await enter(at.shop, await signInToAddon(at.server, login), login)
    expect(terminal.auth.role).toBe(role)
  }
  expect(asked(at.server)).toBe(secret === '' ? 3 : 0)
})

test('whoever has nothing to do with the tills is refused, and so is a session that nobody knows', async () => {
  await using at = await open()
  expect(await refusal(at.shop, await signInToWeb(at.server, 'portal'))).toEqual(['TOKEN_REFUSED', 4501])
  expect(await refusal(at.shop, 'f'.repeat(40))).toEqual(['TOKEN_EXPIRED', 4502])
  expect(await refusal(at.shop, `${'f'.repeat(40)}; session_id=x`)).toEqual(['TOKEN_REFUSED', 4501])
})

test("the hub's own tokens stay with the hub, good or not", async () => {
  await using at = await open()
  const odd = await tokenFor({ name: 'Till 1', configs: [-1] })
  const foreign = await tokenFor({ name: 'Till 1', secret: 'another-secret-of-the-same-length-0123456789' })
  expect(await refusal(at.shop, await tokenFor({ name: 'Till 1', expiresInS: -1 }))).toEqual(['TOKEN_EXPIRED', 4502])
  expect(await refusal(at.shop, odd)).toEqual(['TOKEN_REFUSED', 4501])
  expect(await refusal(at.shop, foreign)).toEqual(['TOKEN_REFUSED', 4501])
  expect((await at.shop.join('Till 1')).auth.role).toBe('cashier')
  expect(asked(at.server)).toBe(0)
})

test('with the door of Odoo shut, its tokens are no tokens', async () => {
  await using at = await open({}, { HUB_ODOO_SIGN_IN: 'false' })
  expect(await refusal(at.shop, await signInToWeb(at.server, 'manager'))).toEqual(['TOKEN_REFUSED', 4501])
  expect(asked(at.server)).toBe(0)
})

test('the shop opens on the third day without Odoo; after 14 days it does not', async () => {
  await using at = await open()
  const [web, addon] = [await signInToWeb(at.server, 'manager'), await signInToAddon(at.server, 'luis')]
  await enter(at.shop, web, 'one')
  await enter(at.shop, addon, 'two')
  const stranger = await signInToWeb(at.server, 'ana')
  await at.server.stop({ hard: true })
  await at.shop.hub.kill('SIGKILL')
  age(at.shop, 3 * DAY_MS)
  await at.shop.hub.start()
  expect((await enter(at.shop, web, 'one')).auth.role).toBe('manager')
  expect((await enter(at.shop, addon, 'two')).auth.role).toBe('waiter')
  expect(await refusal(at.shop, stranger)).toEqual(['SIGN_IN_UNAVAILABLE', 4007])
  await at.shop.hub.kill('SIGKILL')
  age(at.shop, 11 * DAY_MS)
  await at.shop.hub.start()
  expect(await refusal(at.shop, web)).toEqual(['SIGN_IN_UNAVAILABLE', 4007])
})

test('a no of Odoo counts from the next check on, and across restarts', async () => {
  await using at = await open()
  const token = await signInToWeb(at.server, 'manager')
  await enter(at.shop, token, 'one')
  await at.shop.hub.kill('SIGTERM')
  age(at.shop, DAY_MS - 60_000)
  await at.shop.hub.start()
  await enter(at.shop, token, 'one')
  expect(asked(at.server)).toBe(1)
  at.server.odoo.changePassword('manager', 'another')
  await at.shop.hub.kill('SIGTERM')
  age(at.shop, 120_000)
  await at.shop.hub.start()
  expect(await refusal(at.shop, token)).toEqual(['TOKEN_EXPIRED', 4502])
  await until(() => knownCount(at.shop) === 0, { what: 'the no is on the disk' })
  await at.server.stop({ hard: true })
  await at.shop.hub.restart('SIGKILL')
  expect(await refusal(at.shop, token)).toEqual(['SIGN_IN_UNAVAILABLE', 4007])
})

test('a session lives on when its token expires', async () => {
  await using at = await open({ rest: { accessTokenSeconds: 2 } })
  const token = await signInToAddon(at.server, 'luis')
  const terminal = await enter(at.shop, token)
  await clockReaches(performance.now() + 2_000)
  expect(await refusal(at.shop, token)).toEqual(['TOKEN_EXPIRED', 4502])
  expect(terminal.isOpen).toBe(true)
  expect((await terminal.lease('order-1')).posReference).toBe('order-1')
  expect((await terminal.write('order-1', 0, { lines: [] })).version).toBe(1)
})

test('a slow Odoo holds up nobody who is signed in, and no token is in log or file', async () => {
  await using at = await open()
  const tokens = [await signInToWeb(at.server, 'manager'), await signInToAddon(at.server, 'luis')]
  for (const [index, token] of tokens.entries()) await enter(at.shop, token, `device ${index}`)
  const late = await signInToWeb(at.server, 'ana')
  const working = await at.shop.join('Till 1')
  await at.server.stop({ hard: true })
  using silent = Bun.listen({ hostname: '127.0.0.1', port: at.server.port, socket: { data: () => undefined } })
  const waiting = refusal(at.shop, late)
  await working.lease('order-1')
  expect((await working.write('order-1', 0, { lines: [] })).version).toBe(1)
  expect(await waiting).toEqual(['SIGN_IN_UNAVAILABLE', 4007])
  expect(silent.port).toBe(at.server.port)
  const text = at.shop.hub.stdout.text + at.shop.hub.stderr.text
  const file = await Bun.file(join(at.shop.hub.folder, 'hub.sqlite-wal')).text()
  expect(text).toContain('Odoo cannot be asked about sign-ins')
  for (const token of [...tokens, late]) {
    expect(text).not.toContain(token)
    expect(file).not.toContain(token)
  }
})
