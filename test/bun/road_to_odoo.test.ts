import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { HUB_VERSION } from '../../src/bun/cli_version.ts'
import { createClock } from '../../src/bun/clock.ts'
import { EXIT } from '../../src/bun/exit_codes.ts'
import { createRoadToOdoo, odooSettingsOf } from '../../src/bun/road_to_odoo.ts'
import { StartProblem } from '../../src/bun/start_problem.ts'
import { FakeLog } from '../engine/house.ts'
import { configFor } from '../support/clock.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY, TEST_AUTHORITY } from '../support/tls.ts'

const base = mkdtempSync(join(tmpdir(), 'pos-hub-road-'))
afterAll(() => rmSync(base, { recursive: true }))

type Environment = { readonly [name: string]: string }

const ODOO: Environment = { ODOO_URL: 'https://odoo.example.com', ODOO_DB: 'shop', ODOO_USER: 'hub' }

let files = 0

function fileOf(content: string, mode = 0o600): string {
  files++
  const path = join(base, `file-${files}`)
  writeFileSync(path, content, { mode })
  return path
}

function settingsOf(env: Environment) {
  return odooSettingsOf(configFor(base, { ...ODOO, ...env }))
}

function open(env: Environment) {
  return createRoadToOdoo(configFor(base, { ...ODOO, ...env }), { clock: createClock(), log: new FakeLog() })
}

/** Why the hub does not start, and with what it ends. */
function problemOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error
    expect(error.exitCode).toBe(EXIT.usage)
    return error.message
  }
  throw new Error('it was taken')
}

test('without an address there is no road, and no file is read', () => {
  const env = { ODOO_URL: '', ODOO_PASSWORD_FILE: '/none', ODOO_CA_FILE: '/none' }
  expect([settingsOf(env), open(env)]).toEqual([null, null])
})

describe('the settings', () => {
  test('are those of the configuration, and of this machine', () => {
    expect(settingsOf({ ODOO_PASSWORD: 'hunter2', ODOO_REST_PREFIX: '/pos-react/api/' })).toEqual({
      ...{ url: 'https://odoo.example.com', db: 'shop', user: 'hub', api: 'auto' },
      ...{ password: 'hunter2', apiKey: null, restPrefix: '/pos-react/api', model: 'pos.order' },
      ...{ finalizeMethod: 'hub_finalize_snapshot', batchMethod: 'hub_batch_sync' },
      ...{ connectTimeoutMs: 5_000, answerTimeoutMs: 30_000, answerBytesMax: 8 * 1_024 * 1_024 },
      ...{ deviceId: `pos-hub-${hostname()}`, appVersion: HUB_VERSION },
    })
  })

  test('secrets come from their files, without the line end', () => {
    const env = { ODOO_PASSWORD_FILE: fileOf('hunter2\n'), ODOO_API_KEY_FILE: fileOf('key-7\r\n', 0o400) }
    expect(settingsOf(env)).toMatchObject({ password: 'hunter2', apiKey: 'key-7' })
  })
})

describe('the hub does not start', () => {
  test.each(['ODOO_PASSWORD_FILE', 'ODOO_API_KEY_FILE'])('%s that others can read, or that is none', (name) => {
    const path = fileOf('hunter2', 0o644)
    const problem = problemOf(() => open({ [name]: path }))
    expect(problem).toContain(`${path} holds a secret that other users can read (mode 644)`)
    expect(problem).not.toContain('hunter2')
    expect(problemOf(() => open({ [name]: join(base, 'none') }))).toContain('there is no such file')
    expect(problemOf(() => open({ [name]: fileOf('') }))).toContain('is empty')
  })

  test('ODOO_CA_FILE that is none, or holds no certificate', () => {
    expect(problemOf(() => open({ ODOO_CA_FILE: join(base, 'none') }))).toContain('cannot be read')
    expect(problemOf(() => open({ ODOO_CA_FILE: fileOf(LOCALHOST_KEY) }))).toContain('holds no certificate')
    expect(problemOf(() => open({ ODOO_CA_FILE: fileOf('') }))).toContain('holds no certificate')
  })
})

test('an authority of one’s own is trusted where its file is named, and only there', async () => {
  const tls = { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY }
  await using server = Bun.serve({ port: 0, hostname: '127.0.0.1', tls, fetch: () => new Response('it is me') })
  const url = `https://localhost:${server.port}/`
  const limits = { connectTimeoutMs: 5_000, answerTimeoutMs: 5_000, answerBytesMax: 1_000 }
  const ask = (env: Environment) => open(env)?.fetch({ method: 'GET', url, headers: {}, body: null, ...limits })
  expect(await ask({ ODOO_CA_FILE: fileOf(TEST_AUTHORITY, 0o644) })).toMatchObject({ ok: true, body: 'it is me' })
  expect(await ask({})).toMatchObject({ ok: false, trouble: 'tls' })
})
