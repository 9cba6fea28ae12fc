import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT } from '../../src/bun/exit_codes.ts'
import { type OpenHub, openHub } from '../../src/bun/open_hub.ts'
import { StartProblem } from '../../src/bun/start_problem.ts'
import { type Config, readConfig, readFlags, SETTING_FLAGS } from '../../src/config.ts'
import { FakeLog } from '../engine/house.ts'
import { fingerprint, openFolder } from '../support/folder.ts'
import { get, upgradeStatus } from '../support/http.ts'
import { RawSocket } from '../support/raw_socket.ts'
import { Terminal, type TerminalOptions } from '../support/terminal.ts'
import { TOKEN_SECRET, tokenFor } from '../support/tokens.ts'
import { Wire } from '../support/wire.ts'

setDefaultTimeout(15_000)

type Environment = { readonly [name: string]: string }

function configFor(folder: string, more: Environment = {}): Config {
  const environment = {
    HUB_HTTP_PORT: '0',
    HUB_HOST: '127.0.0.1',
    HUB_DB_PATH: join(folder, 'hub.sqlite'),
    HUB_TOKEN_SECRET: TOKEN_SECRET,
    ...more,
  }
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment, file: null })
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  return reading.config
}

function open(folder: string, more: Environment = {}, log = new FakeLog()): Promise<OpenHub> {
  return openHub(configFor(folder, more), { log })
}

async function codeOf(opening: Promise<OpenHub>): Promise<number> {
  try {
    await (await opening).close()
    return EXIT.ok
  } catch (error) {
    if (error instanceof StartProblem) return error.exitCode
    throw error
  }
}

async function join2(hub: OpenHub, name: string, more: Partial<TerminalOptions> = {}): Promise<Terminal> {
  const token = await tokenFor({ name })
  return await Terminal.connect(`ws://127.0.0.1:${hub.port}/`, { token, deviceId: name, ...more })
}

describe('one hub after the other in one process', () => {
  test('has what the last one had, and nothing of it is in the way', async () => {
    await using folder = await openFolder()
    for (let time = 0; time < 4; time++) {
      const hub = await open(folder.path)
      const till = await join2(hub, 'Till 1')
      expect(till.init.message.orders.map(({ version }) => version)).toEqual(time === 0 ? [] : [time])
      await till.lease('order-1', time)
      expect((await till.write('order-1', time, { time })).version).toBe(time + 1)
      till.send({ type: 'LEASE_RELEASE', posReference: 'order-1' })
      await till.caughtUp()
      await hub.close()
      expect((await till.closing()).code).toBe(4001)
    }
  })

  test('may have the port of the last one at once', async () => {
    await using folder = await openFolder()
    const first = await open(folder.path)
    await first.close()
    const second = await open(folder.path, { HUB_HTTP_PORT: `${first.port}` })
    expect(second.port).toBe(first.port)
    await second.close()
  })
})

describe('two hubs at once in one process', () => {
  test('on two files know nothing of each other', async () => {
    await using one = await openFolder()
    await using two = await openFolder()
    const hubs = [await open(one.path), await open(two.path)]
    const tills = await Promise.all(hubs.map((hub) => join2(hub, 'Till 1')))
    for (const till of tills) await till.lock(5)
    await hubs[0]?.close()
    expect((await tills[0]?.closing())?.code).toBe(4001)
    await tills[1]?.caughtUp()
    await hubs[1]?.close()
  })

  test('on one file are one: the second ends with 75, and the first goes on', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const till = await join2(hub, 'Till 1')
    for (let time = 0; time < 2; time++) expect(await codeOf(open(folder.path))).toBe(EXIT.otherHub)
    await till.lease('order-1')
    await till.write('order-1', 0, { after: true })
    await hub.close()
    expect(await codeOf(open(folder.path))).toBe(EXIT.ok)
  })
})

describe('an address that is not to be had', () => {
  test('ends with 69, and no file is touched or made', async () => {
    await using folder = await openFolder()
    await using empty = await openFolder()
    await (await open(folder.path)).close()
    const before = await fingerprint(folder.path)
    using other = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    for (const address of [{ HUB_HTTP_PORT: `${other.port}` }, { HUB_HOST: '203.0.113.7' }]) {
      expect(await codeOf(open(folder.path, address))).toBe(EXIT.address)
      expect(await codeOf(open(join(empty.path, 'data'), address))).toBe(EXIT.address)
    }
    expect(await fingerprint(folder.path)).toEqual(before)
    expect(await readdir(empty.path)).toEqual([])
  })

  test('may be that of another hub, which does not notice', async () => {
    await using folder = await openFolder()
    await using empty = await openFolder()
    const hub = await open(folder.path)
    const till = await join2(hub, 'Till 1')
    expect(await codeOf(open(empty.path, { HUB_HTTP_PORT: `${hub.port}` }))).toBe(EXIT.address)
    expect(await readdir(empty.path)).toEqual([])
    await till.caughtUp()
    await hub.close()
  })
})

describe('the end', () => {
  test('tells everybody to come back: v1, v2, and who has not signed in', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const tills = [await join2(hub, 'Till 1'), await join2(hub, 'Till 2', { protocol: 1 })]
    const fresh = new Wire(`ws://127.0.0.1:${hub.port}/`)
    await fresh.opened
    await hub.close()
    for (const socket of [...tills, fresh]) expect((await socket.closing()).code).toBe(4001)
    await expect(get(`http://127.0.0.1:${hub.port}/livez`)).rejects.toThrow()
  })

  test('comes within 5 s, also when a terminal takes nothing any more and never answers the closing', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const deaf = await RawSocket.open(hub.port)
    await deaf.signIn(await tokenFor({ name: 'Deaf' }), 'deaf', { protocol: 2 })
    await deaf.stopReading()
    const good = await join2(hub, 'Till 1')
    await good.lease('order-1')
    // More than the system takes for the deaf one, and less than would make it a slow reader.
    const text = 'x'.repeat(500_000)
    for (let version = 0; version < 12; version++) await good.write('order-1', version, { text })
    const began = performance.now()
    await hub.close()
    expect(performance.now() - began).toBeLessThan(5_000)
    expect((await good.closing()).code).toBe(4001)
    await deaf.readAgain()
    await deaf.closing()
    // All is let go of.
    expect(await codeOf(open(folder.path, { HUB_HTTP_PORT: `${hub.port}` }))).toBe(EXIT.ok)
  })

  test('is told to a terminal too that is behind with its reading, but reads', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const slow = await RawSocket.open(hub.port)
    await slow.signIn(await tokenFor({ name: 'Slow' }), 'slow', { protocol: 2 })
    await slow.stopReading()
    const good = await join2(hub, 'Till 1')
    await good.lease('order-1')
    const text = 'x'.repeat(500_000)
    for (let version = 0; version < 12; version++) await good.write('order-1', version, { text })
    const closing = hub.close()
    await slow.readAgain()
    await closing
    expect(await slow.closing()).toBe(4001)
    expect(slow.seen('ORDER_UPDATED')).toHaveLength(12)
  })

  test('comes at once when nobody is there', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const began = performance.now()
    await hub.close()
    expect(performance.now() - began).toBeLessThan(1_500)
  })

  test('leaves on the disk all that was acknowledged', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path)
    const till = await join2(hub, 'Till 1')
    await till.lease('order-1')
    for (let version = 0; version < 200; version++) till.say('order-1', version, { version })
    await till.next('ORDER_ACCEPTED')
    await hub.close()
    await till.closing()
    const acknowledged = Math.max(...till.seen('ORDER_ACCEPTED').map(({ version }) => version))
    const again = await open(folder.path)
    const { orders } = (await join2(again, 'Auditor')).init.message
    expect(orders[0]?.version).toBeGreaterThanOrEqual(acknowledged)
    expect(orders[0]?.snapshot).toMatchObject({ version: (orders[0]?.version ?? 0) - 1 })
    await again.close()
  })
})

describe('the door', () => {
  test('takes so many sockets of an address, also when all come at once, and again when some have gone', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path, { HUB_SOCKETS_PER_ADDRESS_MAX: '3' })
    const raws = await Promise.all(Array.from({ length: 12 }, () => RawSocket.open(hub.port)))
    expect(raws.map(({ status }) => status).toSorted()).toEqual([101, 101, 101, ...Array(9).fill(503)])
    const [inside, ...others] = raws.filter(({ status }) => status === 101)
    await inside?.drop()
    const health = async () => JSON.stringify((await get(`http://127.0.0.1:${hub.port}/health`)).body)
    while (!(await health()).includes('"sockets":2')) await Promise.resolve()
    expect(await upgradeStatus(hub.port, {})).toBe(101)
    expect(others).toHaveLength(2)
    await hub.close()
  })

  test('is opened on any path, to the right names and pages alone', async () => {
    await using folder = await openFolder()
    const hub = await open(folder.path, { ODOO_URL: 'https://odoo.example/web' })
    expect((await RawSocket.open(hub.port, { path: '/any/path?at=all' })).status).toBe(101)
    expect(await upgradeStatus(hub.port, { Origin: 'https://odoo.example' })).toBe(101)
    expect(await upgradeStatus(hub.port, { Origin: 'https://evil.example' })).toBe(403)
    expect(await upgradeStatus(hub.port, { Host: 'evil.example' })).toBe(403)
    expect(await upgradeStatus(hub.port, { 'Sec-WebSocket-Key': '' })).toBeGreaterThanOrEqual(400)
    const http = `http://127.0.0.1:${hub.port}`
    expect((await get(`${http}/health`, { Origin: 'https://evil.example' })).status).toBe(403)
    expect((await get(`${http}/health`)).status).toBe(200)
    await hub.close()
  })
})

test('the log has no secret in it: no token, no session, nothing that guests ordered', async () => {
  await using folder = await openFolder()
  const log = new FakeLog()
  const hub = await open(folder.path, {}, log)
  const token = await tokenFor({ name: 'Till 1' })
  const till = await Terminal.connect(`ws://127.0.0.1:${hub.port}/`, { token, deviceId: 'Till 1' })
  await till.lease('order-1')
  await till.write('order-1', 0, { guest: 'a-guest' })
  const stranger = new Wire(`ws://127.0.0.1:${hub.port}/`)
  await stranger.opened
  stranger.send({ type: 'AUTH', token: 'a-wrong-token', deviceId: 'stranger' })
  await stranger.closing()
  await hub.close()
  const text = JSON.stringify(log.lines)
  expect(text).toContain('listening')
  for (const secret of [TOKEN_SECRET, token, 'a-wrong-token', 'a-guest', till.auth.sessionId ?? 'none']) {
    expect(text).not.toContain(secret)
  }
})
