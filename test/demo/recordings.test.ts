import { describe, expect, test } from 'bun:test'
import type { Series } from '../../src/demo/mod.ts'
import { at, createStand } from '../support/demo.ts'
import r12 from '../support/odoo/12.json'
import r14 from '../support/odoo/14.json'
import r17 from '../support/odoo/17.json'
import r19 from '../support/odoo/19.json'
import h12 from '../support/odoo/hub12.json'
import h14 from '../support/odoo/hub14.json'
import h17 from '../support/odoo/hub17.json'
import h19 from '../support/odoo/hub19.json'

const SERIES: readonly (readonly [Series, object, object])[] = [
  [12, r12, h12],
  [14, r14, h14],
  [17, r17, h17],
  [19, r19, h19],
]

/** A stand-in that the recorded requests can be sent to as they are. */
function standOf(series: Series) {
  const secrets = { password: 'admin', staffPassword: 'portal' }
  const stand = createStand({ series, database: `hub${series}`, ...secrets })
  stand.odoo.openSession(4)
  stand.odoo.openSession(6)
  return stand
}

/** Ids and numbers are each server's own; the stand-in says the fiscal number twice. */
function shapeOf(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (key === 'ncf') return undefined
    if (/^(?:order_id|number|L\d+)$/.test(key)) return typeof value
    return typeof value === 'number' ? Math.round(value * 100) / 100 : value
  })
}

const HUB_CASES = ['first', 'repeat', 'conflict', 'card', 'bad_product', 'no_reference', 'no_session', 'underpaid']

const EXACT_ERRORS = [
  'err_missing_method',
  'err_missing_model',
  'err_private_method',
  'err_wrong_db',
  'err_wrong_password_execute',
  'err_wrong_password_login',
  'err_bad_field',
]

describe.each(SERIES)('series %i', (series, recorded, hub) => {
  test('the add-on answers as recorded', async () => {
    const stand = standOf(series)
    for (const name of HUB_CASES) {
      const { body } = await stand.post('/jsonrpc', at(hub, name, 'request'))
      expect({ name, answer: shapeOf(body) }).toEqual({ name, answer: shapeOf(at(hub, name, 'response')) })
    }
    expect(stand.odoo.orders()).toHaveLength(2)
  })

  test('all fields of an answer are those of the recording, and ncf', async () => {
    const { body } = await standOf(series).post('/jsonrpc', at(hub, 'first', 'request'))
    const fields = Object.keys(Object(at(hub, 'first', 'response', 'result', 'fiscal')))
    expect(Object.keys(Object(at(body, 'result', 'fiscal'))).toSorted()).toEqual([...fields, 'ncf'].toSorted())
  })

  test('trusts the total of a till, unlike the recorded add-on', async () => {
    const { body } = await standOf(series).post('/jsonrpc', at(hub, 'wrong_total', 'request'))
    expect(at(hub, 'wrong_total', 'response', 'result', 'status')).toBe('error')
    expect(at(body, 'result', 'status')).toBe('ok')
  })

  test.each(EXACT_ERRORS)('%s is said as recorded, to the letter', async (name) => {
    const wanted = at(recorded, name)
    if (wanted === undefined) return expect([12, 14]).toContain(series)
    const { status, body } = await standOf(series).post('/jsonrpc', at(wanted, 'request'))
    expect({ status, body }).toEqual({ status: 200, body: at(wanted, 'response') })
  })

  test('whoever has no right to the till hears of it in the recorded shape', async () => {
    const request = at(recorded, 'err_access_error', 'request', 'params', 'args')
    const args = Array.isArray(request) ? request.with(1, 10) : []
    const params = { service: 'object', method: 'execute_kw', args }
    const { body } = await standOf(series).post('/jsonrpc', { jsonrpc: '2.0', method: 'call', id: 1, params })
    const wanted = at(recorded, 'err_access_error', 'response', 'error')
    expect(at(body, 'error', 'data', 'name')).toBe('odoo.exceptions.AccessError')
    expect(at(body, 'error', 'code')).toBe(at(wanted, 'code'))
    const fields = (error: unknown) => Object.keys(Object(at(error, 'data'))).toSorted()
    expect(fields(at(body, 'error'))).toEqual(fields(wanted))
  })
})

test.each([
  ['http_bad_json', r17.http_bad_json],
  ['http_empty', r17.http_empty],
])('%s is said as recorded', async (_, { request, status, body }) => {
  const heard = await standOf(17).post('/jsonrpc', request)
  expect({ status: heard.status, text: heard.text }).toEqual({ status, text: body })
  expect(heard.headers['Content-Type']).toBe('text/html; charset=utf-8')
})
