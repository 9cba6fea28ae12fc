import { describe, expect, test } from 'bun:test'
import type { HttpFetch, HttpReply } from '../../src/upstream/http.ts'
import odoo17 from '../support/odoo/17.json'
import odoo19 from '../support/odoo/19.json'
import { walk } from './check_stage.ts'
import { type Call, fault, methodOf, reply, result, SETTINGS } from './road.ts'

const URL_TO_NAME = { url: 'http://odoo.test', api: 'jsonrpc' } as const

/** A good Odoo 16 over `/jsonrpc`, but for what `methods` answer; and what was called. */
function odoo(methods: { readonly [method: string]: HttpReply }): { fetch: HttpFetch; calls: Call[] } {
  const good: { readonly [method: string]: HttpReply } = {
    'common.version': result({ server_version: '16.0', server_version_info: [16, 0] }),
    'db.list': result(['shop']),
    'common.authenticate': result(2),
    search_read: result([]),
    hub_batch_sync: result({ status: 'ok', results: [] }),
    hub_finalize_snapshot: fault('builtins.TypeError', "missing 1 required positional argument: 'snapshot'"),
  }
  const calls: Call[] = []
  const fetch: HttpFetch = async ({ url, headers, body }) => {
    const call = { path: new URL(url).pathname, headers, text: body ?? '', body: JSON.parse(body ?? '{}') }
    calls.push(call)
    return methods[methodOf(call)] ?? good[methodOf(call)] ?? reply({ status: 404, body: '<html>' })
  }
  return { fetch, calls }
}

describe('the dry call of finalize', () => {
  test('has no argument, and comes once', async () => {
    const { fetch, calls } = odoo({})
    const { troubles } = await walk(URL_TO_NAME, { fetch })
    expect(troubles).toEqual(['sessions warning', 'clocks skipped'])
    const dry = calls.filter((call) => methodOf(call) === 'hub_finalize_snapshot')
    expect(dry.map(({ body }) => body['params'])).toEqual([
      {
        service: 'object',
        method: 'execute_kw',
        args: ['shop', 2, SETTINGS.password, 'pos.order', 'hub_finalize_snapshot', [], {}],
      },
    ])
    const batches = calls.filter((call) => methodOf(call) === 'hub_batch_sync')
    expect(batches.map(({ text }) => text.includes('"hub_batch_sync",[[]],{}'))).toEqual([true])
  })

  test('over json2 has none either', async () => {
    const bodies: string[] = []
    const fetch: HttpFetch = async ({ url, body }) => {
      if (url.endsWith('/hub_finalize_snapshot')) bodies.push(body ?? '')
      if (url.endsWith('/json/version')) return reply({ body: { version: '19.0', version_info: [19, 0] } })
      return reply({ body: url.endsWith('/hub_batch_sync') ? { results: [] } : [] })
    }
    await walk({ ...URL_TO_NAME, api: 'json2', apiKey: 'the-secret-key' }, { fetch })
    expect(bodies).toEqual(['{}'])
  })

  const recorded = (body: unknown) => reply({ body })
  test.each([
    ['recorded of 17', recorded(odoo17.err_missing_arg.response)],
    ['recorded of 19', recorded(odoo19.err_missing_arg.response)],
    ['a refusal', fault('odoo.exceptions.ValidationError', 'posReference is missing')],
    ['no open session', fault('odoo.exceptions.UserError', 'No open session available')],
    ['an answer', result({ status: 'error', order_id: false })],
    ['a method that breaks over nothing', fault('builtins.AttributeError', "'NoneType' object has no attribute 'get'")],
  ])('shows that it is there: %s', async (_, said) => {
    const { step } = await walk(URL_TO_NAME, odoo({ hub_finalize_snapshot: said }))
    expect(step('finalize').mark).toBe('ok')
  })

  const without = "object has no attribute 'hub_finalize_snapshot'"
  test.each([
    ['recorded of 17', recorded(odoo17.err_missing_method.response), 'install it'],
    ['recorded of 19', recorded(odoo19.err_missing_method.response), 'install it'],
    ['no such model', recorded(odoo19.err_missing_model.response), 'install it'],
    ['in other words', fault('builtins.AttributeError', `'pos.order' ${without}`), 'install it'],
    ['a private method', recorded(odoo17.err_private_method.response), 'a right'],
    ['a page of a proxy', reply({ status: 504, body: '<html>' }), 'proxy'],
  ])('shows that it is not: %s', async (_, said, advice) => {
    const { step } = await walk(URL_TO_NAME, odoo({ hub_finalize_snapshot: said }))
    expect(step('finalize').mark).toBe('wrong')
    expect(step('finalize').advice?.en).toContain(advice)
  })
})

describe('the batch without orders', () => {
  const cases: readonly (readonly [what: string, said: HttpReply, mark: 'ok' | 'wrong'])[] = [
    ['a bare list', result([]), 'ok'],
    ['a refusal of the empty batch', result({ status: 'error', message: 'no orders' }), 'ok'],
    ['no list at all', result({ status: 'ok' }), 'wrong'],
    ['another signature', fault('builtins.TypeError', 'takes 1 positional argument but 2 were given'), 'wrong'],
    [
      'a client that is too old',
      result({ status: 'error', error: { code: 'CLIENT_OUTDATED', message: 'old' } }),
      'wrong',
    ],
  ]
  test.each(cases)('%s', async (_, said, mark) => {
    const { step } = await walk(URL_TO_NAME, odoo({ hub_batch_sync: said }))
    expect(step('batch').mark).toBe(mark)
    // It does not end the walk.
    expect(step('finalize').mark).toBe('ok')
  })

  test('whose error quotes a secret does not show it', async () => {
    const says = `broken for ${SETTINGS.password}\u001b[2J`
    const { step } = await walk(URL_TO_NAME, odoo({ hub_batch_sync: fault('builtins.KeyError', says) }))
    expect(step('batch').found.en).toContain('broken for ***')
  })
})

test('an add-on that lets the hub in, and is too old to have routes for it', async () => {
  const fetch: HttpFetch = async ({ url }) => {
    const isLogin = url === 'http://odoo.test/pos-api/v1/auth/login'
    return isLogin ? reply({ body: { access_token: 'the-secret-token' } }) : reply({ status: 404, body: '<html>' })
  }
  const { troubles, step } = await walk({ url: 'http://odoo.test' }, { fetch })
  expect(troubles).toContain('batch wrong')
  expect([step('sign_in').mark, step('way').mark]).toEqual(['ok', 'ok'])
  expect(step('batch').found.es).toStartWith('Falta /pos-api/v1/hub/batch-sync')
})

describe('look-ups', () => {
  test('that are refused: the user may not read orders, and the walk goes on', async () => {
    const { troubles, step } = await walk(
      URL_TO_NAME,
      odoo({ search_read: reply({ body: odoo17.err_access_error.response }) }),
    )
    expect(troubles).toEqual(['rights wrong', 'sessions warning', 'clocks skipped'])
    expect(step('sessions').found.en).toStartWith('Sessions cannot be read. Odoo says: You are not allowed')
  })

  test('of a model that is not there: the point of sale is not installed', async () => {
    const { step } = await walk(
      URL_TO_NAME,
      odoo({ search_read: fault('odoo.exceptions.UserError', "Object pos.order doesn't exist") }),
    )
    expect(step('rights').advice).toEqual({
      en: 'Install Point of Sale in this database of Odoo.',
      es: 'Instale Punto de Venta en esta base de datos de Odoo.',
    })
  })

  test('that bring no list of sessions warn', async () => {
    const { step } = await walk(URL_TO_NAME, odoo({ search_read: result('nonsense') }))
    expect(step('sessions').found.en).toBe('Sessions cannot be read.')
  })

  test('name each configuration once, by its number where it has no name', async () => {
    const rows = [{ config_id: [1, 'Bar'] }, { config_id: [1, 'Bar'] }, { config_id: 4 }]
    const { step } = await walk(URL_TO_NAME, odoo({ search_read: result(rows) }))
    expect(step('sessions').found.en).toBe('Open for Bar, 4.')
  })
})
