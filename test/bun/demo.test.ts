import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type Demo, startDemo } from '../../src/bun/demo.ts'
import { EXIT } from '../../src/bun/exit_codes.ts'
import { StartProblem } from '../../src/bun/start_problem.ts'
import type { Config } from '../../src/config.ts'
import { FakeLog } from '../engine/house.ts'
import { configFor } from '../support/clock.ts'
import { openFolder } from '../support/folder.ts'

setDefaultTimeout(15_000)

const SHELF = 'demo-odoo.jsonl'

/** Below those that the system gives to whoever asks for any. */
const QUIET_PORT = 20_000 + (process.pid % 10_000)

type Environment = { readonly [name: string]: string }

/** A stand-in that is closed with the test. */
async function open(config: Config, log = new FakeLog()): Promise<Demo & AsyncDisposable> {
  const demo = await startDemo(config, log)
  return { ...demo, [Symbol.asyncDispose]: () => demo.close() }
}

function configOn(folder: string, port: number, env: Environment = {}): Config {
  return configFor(folder, { HUB_HTTP_PORT: String(port), ...env })
}

/** Somebody else's port. */
async function takePort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, [Symbol.asyncDispose]: () => new Promise((done) => void server.close(() => done())) }
}

function portOf({ url }: Demo): number {
  return Number(new URL(url).port)
}

async function problemOf(opening: Promise<unknown>): Promise<StartProblem> {
  const problem = await opening.catch((error: unknown) => error)
  if (problem instanceof StartProblem) return problem
  throw new Error('it was opened')
}

describe('its port', () => {
  test('is the next one behind the hub’s', async () => {
    await using folder = await openFolder()
    await using demo = await open(configOn(folder.path, QUIET_PORT))
    expect(demo.url).toBe(`http://127.0.0.1:${QUIET_PORT + 1}`)
    expect((await fetch(demo.url)).status).toBe(200)
  })

  test('is any free one where that is taken', async () => {
    await using folder = await openFolder()
    await using other = await takePort()
    await using demo = await open(configOn(folder.path, other.port - 1))
    expect(portOf(demo)).not.toBe(other.port)
    expect((await fetch(demo.url)).status).toBe(200)
  })

  test.each([0, 65_535])('is any free one where the hub has the port %p: there is none behind it', async (port) => {
    await using folder = await openFolder()
    await using demo = await open(configOn(folder.path, port))
    expect(portOf(demo)).toBeGreaterThan(0)
    expect((await fetch(demo.url)).status).toBe(200)
  })
})

describe('the hub', () => {
  test('is led there, and by nothing that is set for the real Odoo', async () => {
    await using folder = await openFolder()
    const real = { ODOO_DB: 'shop', ODOO_PASSWORD_FILE: '/none', ODOO_API_KEY_FILE: '/none' }
    const given = configOn(folder.path, 0, { ...real, HUB_ODOO_TOKEN_SECRET: 'of the real one', HUB_GRACE_MS: '7' })
    await using demo = await open(given)
    expect(demo.config).toEqual({
      ...given,
      ...{ odooUrl: demo.url, odooDb: 'demo', odooUser: 'admin', odooPasswordFile: null, odooApiKeyFile: null },
      ...{ odooPassword: 'demo-password', odooApiKey: 'demo-api-key-0123456789', odooTokenSecret: null },
    })
    expect(given).toMatchObject({ odooUrl: null, odooDb: 'shop', odooPasswordFile: '/none' })
  })
})

describe('what it has sold', () => {
  test('is in the data folder, for its user alone; the folder is made', async () => {
    await using folder = await openFolder()
    const config = configFor(folder.path, { HUB_DB_PATH: join(folder.path, 'deep', 'data', 'hub.sqlite') })
    await using demo = await open(config)
    const shelf = join(dirname(config.dbPath), SHELF)
    expect([readFileSync(shelf, 'utf8'), statSync(shelf).mode & 0o777]).toEqual(['', 0o600])
    expect(statSync(dirname(shelf)).mode & 0o777).toBe(0o700)
    expect(portOf(demo)).toBeGreaterThan(0)
  })

  test('where it cannot be kept, nothing is started', async () => {
    await using folder = await openFolder()
    mkdirSync(join(folder.path, SHELF))
    const { exitCode, message } = await problemOf(open(configOn(folder.path, 0)))
    expect(exitCode).toBe(EXIT.dataFolder)
    expect(message).toContain(SHELF)
  })
})

test('it ends with all its connections, and its port is free again', async () => {
  await using folder = await openFolder()
  const demo = await startDemo(configOn(folder.path, QUIET_PORT), new FakeLog())
  await demo.close()
  expect(await fetch(demo.url).catch(() => 'nobody listens')).toBe('nobody listens')
  await demo.close()
  expect(existsSync(join(folder.path, SHELF))).toBe(true)
  await using again = await open(configOn(folder.path, QUIET_PORT))
  expect(portOf(again)).toBe(portOf(demo))
})
