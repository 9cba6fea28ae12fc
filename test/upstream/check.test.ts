import { describe, expect, test } from 'bun:test'
import { DEMO_ACCESS, type DemoServerOptions, startDemoServer } from '../../src/bun/demo_server.ts'
import type { OdooSettings } from '../../src/upstream/settings.ts'
import { ACCESS, endedAt, type Walked, walk } from './check_stage.ts'

type Setting = { readonly odoo?: DemoServerOptions; readonly settings?: Partial<OdooSettings> }

/** Walks to a stand-in of its own; in the end nothing is in its database, whatever was walked. */
async function walkToDemo({ odoo = {}, settings = {} }: Setting): Promise<Walked> {
  await using server = await startDemoServer(odoo)
  const sessions = server.odoo.sessions()
  const walked = await walk({ ...ACCESS, url: server.url, ...settings })
  expect(server.odoo.orders()).toEqual([])
  expect(server.odoo.sessions()).toEqual(sessions)
  return walked
}

const PASSWORD_ONLY = { apiKey: null } as const
const NO_REST = { ways: { rest: false } } as const

describe('a road that is open', () => {
  test('by json2', async () => {
    const { troubles, step } = await walkToDemo({})
    expect(troubles).toEqual([])
    expect(step('odoo').found.en).toBe('It is Odoo 19.0.')
    expect(step('database').found.en).toBe('Odoo has the database demo.')
    expect(step('way').found.en).toStartWith('json2, the best one')
    expect(step('rights').found.en).toBe('admin may read orders.')
    expect(step('batch').found.en).toBe('pos.order.hub_batch_sync answers.')
    expect(step('finalize').found.en).toBe('pos.order.hub_finalize_snapshot is there.')
    expect(step('sessions').found.es).toBe('Abierta para Restaurant 3, Restaurant 2, Restaurant 1.')
    expect(step('clocks').found.es).toBe('El hub y el servidor muestran la misma hora.')
  })

  test.each([12, 14, 17] as const)('by jsonrpc, of Odoo %d', async (series) => {
    const { troubles, step } = await walkToDemo({ odoo: { series, ...NO_REST }, settings: PASSWORD_ONLY })
    expect(troubles).toEqual([])
    expect(step('odoo').found.en).toBe(`It is Odoo ${series}.0.`)
    expect(step('sign_in').found.en).toBe('Odoo lets admin in.')
    expect(step('way').found.en).toStartWith("jsonrpc, Odoo's own calls")
    expect(step('finalize').found.en).toBe('pos.order.hub_finalize_snapshot is there.')
  })

  test('by rest, on which three things cannot be looked at', async () => {
    const { troubles, step } = await walkToDemo({ odoo: { series: 14 }, settings: PASSWORD_ONLY })
    expect(troubles).toEqual(['rights skipped', 'finalize skipped', 'sessions skipped'])
    expect(step('way').found.en).toBe('rest, because the add-on answers at /pos-api/v1.')
    expect(step('batch').found.en).toBe('/pos-api/v1/hub/batch-sync answers.')
    expect(step('finalize').found.en).toContain('it shows at the first sale')
  })

  test('by rest alone, behind a proxy that lets nothing else through', async () => {
    const { troubles, step } = await walkToDemo({
      odoo: { series: 14, ways: { jsonrpc: false } },
      settings: PASSWORD_ONLY,
    })
    expect(troubles).toEqual(['rights skipped', 'finalize skipped', 'sessions skipped'])
    expect(step('odoo').found.en).toContain('Only the routes of the add-on answer')
  })

  test('by the way that was asked for', async () => {
    const { troubles, step } = await walkToDemo({ odoo: { series: 17 }, settings: { api: 'jsonrpc' } })
    expect(troubles).toEqual([])
    expect(step('way').found).toEqual({
      en: 'jsonrpc, because ODOO_API says so.',
      es: 'jsonrpc, porque lo dice ODOO_API.',
    })
  })
})

describe('a sign-in that is wrong', () => {
  const cases: readonly (readonly [what: string, setting: Setting, found: string])[] = [
    [
      'the password, by rest',
      { settings: { ...PASSWORD_ONLY, password: 'not-the-password' } },
      'Odoo does not let admin in',
    ],
    [
      'the password, by jsonrpc',
      { odoo: { series: 12, ...NO_REST }, settings: { ...PASSWORD_ONLY, password: 'not-the-password' } },
      'Odoo does not let admin in',
    ],
    ['the user', { settings: { ...PASSWORD_ONLY, user: 'nobody' } }, 'Odoo does not let nobody in'],
    ['the key', { settings: { api: 'json2', apiKey: 'not-the-key' } }, 'Odoo does not take the API key.'],
    [
      'a key without a user, where one is needed',
      { odoo: { series: 17 }, settings: { user: null, password: null } },
      'Here a user is needed',
    ],
  ]

  test.each(cases)('%s', async (_, setting, found) => {
    const { troubles, step } = await walkToDemo(setting)
    expect(troubles).toEqual(endedAt('sign_in'))
    expect(step('sign_in').found.en).toStartWith(found)
    expect(step('sign_in').advice?.en).toMatch(/ODOO_USER|ODOO_API_KEY/)
    expect(step('sign_in').advice?.es).toMatch(/ODOO_USER|ODOO_API_KEY/)
  })

  test('a key that opens nothing beside a password that does', async () => {
    const { troubles, step } = await walkToDemo({ settings: { apiKey: 'not-the-key' } })
    expect(troubles).toContain('way warning')
    expect(step('way').found.en).toBe(
      'rest, because the add-on answers at /pos-api/v1. json2 would be better. Odoo says: Invalid apikey',
    )
    expect(step('way').advice?.es).toContain('cree en Odoo una clave nueva')
  })
})

describe('the way', () => {
  test('jsonrpc to Odoo 19 is warned of', async () => {
    const { troubles, step } = await walkToDemo({ odoo: NO_REST, settings: PASSWORD_ONLY })
    expect(troubles).toEqual(['way warning'])
    expect(step('way').advice?.en).toContain('give the hub an API key')
  })

  test.each([
    ['rest', { ways: { rest: false } }, 'The routes of the add-on do not answer at /pos-api/v1 (HTTP 404).'],
    ['jsonrpc', { ways: { jsonrpc: false } }, 'Odoo does not answer at /jsonrpc (HTTP 404).'],
  ] as const)('%s, asked for and not there', async (api, odoo, found) => {
    const { troubles, step } = await walkToDemo({ odoo, settings: { api } })
    expect(troubles).toEqual(['sign_in skipped', ...endedAt('way')])
    expect(step('way').found.en).toBe(found)
    expect(step('way').advice?.en).toContain('ODOO_API=auto')
  })

  test('json2, asked for and not there', async () => {
    const { troubles, step } = await walkToDemo({ odoo: { series: 17 }, settings: { api: 'json2' } })
    expect(troubles).toEqual(['sign_in skipped', ...endedAt('way')])
    expect(step('way').found.es).toStartWith('Odoo no responde en /json/2 (HTTP 404')
  })
})

describe('rights', () => {
  test.each(['jsonrpc', 'rest'] as const)('that are missing, by %s', async (api) => {
    const settings = { ...PASSWORD_ONLY, api, user: 'portal' }
    const { step } = await walkToDemo({ odoo: { series: 17 }, settings })
    expect(step('sign_in').mark).toBe('ok')
    expect(step('rights').mark).toBe('wrong')
    expect(step('rights').found.en).toStartWith('portal cannot read orders')
    expect(step('rights').advice?.es).toContain('dele los permisos de usuario del punto de venta')
  })
})

describe('the add-on', () => {
  test.each([
    [12, PASSWORD_ONLY],
    [17, PASSWORD_ONLY],
    [19, PASSWORD_ONLY],
    [19, {}],
  ] as const)('that is missing in Odoo %d', async (series, settings) => {
    const { troubles, step } = await walkToDemo({ odoo: { series, hasAddon: false }, settings })
    expect(troubles.filter((line) => line !== 'way warning')).toEqual(['batch wrong', 'finalize wrong'])
    expect(step('rights').mark).toBe('ok')
    expect(step('batch').found.en).toStartWith('pos.order.hub_batch_sync is missing. Odoo says: ')
    expect(step('finalize').found.es).toStartWith('Falta pos.order.hub_finalize_snapshot. Odoo dice: ')
    expect(step('finalize').advice?.en).toContain('install it in this database')
  })

  test.each(['jsonrpc', 'json2'] as const)('whose methods have other names, by %s', async (api) => {
    const names = { batchMethod: 'sync_all', finalizeMethod: 'finalize_one' }
    const { troubles, step } = await walkToDemo({ settings: { api, ...names } })
    expect(troubles.filter((line) => line !== 'way warning')).toEqual(['batch wrong', 'finalize wrong'])
    expect(step('batch').found.en).toStartWith('pos.order.sync_all is missing')
  })
})

describe('sessions', () => {
  test.each(['jsonrpc', 'json2'] as const)('none is open, seen by %s', async (api) => {
    await using server = await startDemoServer({ series: 19 })
    for (const { configId } of server.odoo.sessions()) server.odoo.closeSession(configId)
    const { troubles, step } = await walk({ ...ACCESS, url: server.url, api })
    expect(troubles.filter((line) => line !== 'way warning')).toEqual(['sessions warning'])
    expect(step('sessions').found.en).toContain('payments wait')
    expect(step('sessions').advice?.es).toContain('Abra una sesión')
    server.odoo.openSession(2)
    const again = await walk({ ...ACCESS, url: server.url, api })
    expect(again.step('sessions').found.en).toBe('Open for Restaurant 2.')
  })
})

describe('a server in trouble', () => {
  test.each([
    ['maintenance', 'mantenimiento'],
    ['bad_gateway', 'proxy'],
    ['login_page', 'página de inicio de sesión'],
    ['server_error', 'registro'],
  ] as const)('%s', async (fault, advice) => {
    const { troubles, step } = await walkToDemo({ odoo: { series: 17, faults: { rates: { [fault]: 1 } } } })
    expect(troubles).toEqual(endedAt('odoo'))
    expect(step('odoo').advice?.es).toContain(advice)
  })

  test('that asks which database', async () => {
    const { troubles, step } = await walkToDemo({ odoo: { series: 17, faults: { rates: { database_selector: 1 } } } })
    expect(troubles).toEqual(endedAt('database'))
    expect(step('database').advice?.en).toContain('set ODOO_DB')
  })

  test('that drops every connection', async () => {
    const { troubles, step } = await walkToDemo({ odoo: { faults: { rates: { drop_before: 1 } } } })
    expect(troubles).toEqual(['odoo wrong', ...endedAt('odoo').slice(1), 'clocks skipped'])
    expect(step('connection').mark).toBe('ok')
  })

  test('whose add-on breaks shows that, and no secret that it quotes', async () => {
    const odoo = { series: 17 as const, ...NO_REST, password: DEMO_ACCESS.password }
    const { troubles } = await walkToDemo({ odoo: { ...odoo, faults: { rates: { validation: 1 }, scope: 'writes' } } })
    // A refusal is an answer: the method is there.
    expect(troubles).toEqual([])
  })
})
