import { describe, expect, test } from 'bun:test'
import { pageFailure } from '../../src/upstream/page.ts'
import { reply, short } from './road.ts'

const ASKED = {
  url: 'http://odoo.test/jsonrpc',
  missing: 'ADDON_MISSING',
  wall: Date.parse('2026-11-22T12:00:00Z'),
} as const

const LOGIN =
  '<!DOCTYPE html><html><body><form class="oe_login_form" action="/web/login"></form><a href="/web/database/manager">Manage Databases</a></body></html>'
const SELECTOR =
  '<!DOCTYPE html><html><body><div class="list-group"><a href="/web?db=shop">shop</a></div></body></html>'
const NGINX = '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx</center></body></html>'
const PORTAL = '<html><body>Welcome to Hotel WiFi</body></html>'

describe('an answer that is not of the add-on', () => {
  const cases: readonly (readonly [what: string, status: number, body: string, meaning: string])[] = [
    ['the sign-in page', 200, LOGIN, 'LOGIN_PAGE transient server'],
    ['the selector of databases', 200, SELECTOR, 'DATABASE_SELECTOR transient server'],
    ['a maintenance page', 200, '<html>We are under Maintenance</html>', 'MAINTENANCE transient server'],
    ['a maintenance page', 503, '<h1>En mantenimiento</h1>', 'MAINTENANCE transient server'],
    ['a server that is busy', 503, 'Service Unavailable', 'UNAVAILABLE transient server'],
    ['a gateway', 502, NGINX, 'BAD_GATEWAY transient server landed'],
    ['a gateway that waited', 504, NGINX, 'BAD_GATEWAY transient server landed'],
    ['a gateway with JSON', 502, '{"error":"bad gateway"}', 'BAD_GATEWAY transient server landed'],
    ['a gateway of Cloudflare', 522, PORTAL, 'BAD_GATEWAY transient server landed'],
    ['a broken server', 500, '<h1>Internal Server Error</h1>', 'SERVER_ERROR ambiguous call landed'],
    ['the page of a network', 200, PORTAL, 'NOT_ODOO transient server landed'],
    ['the page of a network', 511, PORTAL, 'SERVER_ERROR ambiguous call landed'],
    ['a page that refuses', 400, '<html>Bad Request</html>', 'NOT_ODOO transient server'],
    ['a page that refuses', 422, '<html>no</html>', 'NOT_ODOO transient server'],
    ['an address that is not there', 404, PORTAL, 'ADDON_MISSING transient server'],
    ['an address that takes no POST', 405, '', 'ADDON_MISSING transient server'],
    ['a password of a proxy', 401, PORTAL, 'SIGN_IN unauthorised server'],
    ['a wall', 403, PORTAL, 'ACCESS unauthorised server'],
    ['a body that is too large', 413, NGINX, 'TOO_LARGE refused call'],
    ['JSON that was cut off', 200, '{"jsonrpc": "2.0", "resu', 'BAD_JSON ambiguous call landed'],
    ['a list that was cut off', 200, '[{"a"', 'BAD_JSON ambiguous call landed'],
    ['nothing at all', 200, '', 'BAD_JSON ambiguous call landed'],
    ['nothing at all', 204, ' \n', 'BAD_JSON ambiguous call landed'],
    ['some text', 200, 'hello', 'NOT_ODOO transient server landed'],
    ['what Odoo says of bad JSON', 400, 'Invalid JSON data', 'BAD_DATA refused call'],
  ]

  test.each(cases)('%s, HTTP %i %s', (_, status, body, meaning) => {
    const headers = { 'content-type': 'application/json' }
    expect(short(pageFailure(reply({ status, headers, body }), ASKED))).toBe(meaning)
  })
})

describe('a redirect', () => {
  const cases: readonly (readonly [location: string, code: string, text: string])[] = [
    ['/web/login?redirect=%2F', 'LOGIN_PAGE', 'sign-in page'],
    ['http://odoo.test/en/web/login', 'LOGIN_PAGE', 'sign-in page'],
    ['/web/database/selector', 'DATABASE_SELECTOR', 'ODOO_DB'],
    ['https://odoo.test/jsonrpc', 'NOT_ODOO', 'set ODOO_URL to https://odoo.test)'],
    [
      'https://login.hotel.test/portal?token=abc',
      'NOT_ODOO',
      'it sends the hub on to https://login.hotel.test/portal)',
    ],
    ['', 'NOT_ODOO', 'not Odoo'],
    ['http://[', 'NOT_ODOO', 'HTTP 303'],
  ]

  test.each(cases)('to %s', (location, code, text) => {
    const failure = pageFailure(reply({ status: 303, headers: { location }, body: '' }), ASKED)
    expect(failure).toMatchObject({ code, kind: 'transient', scope: 'server', mayHaveLanded: false })
    expect(failure.text).toContain(text)
    expect(failure.text).not.toContain('abc')
  })
})

describe('how long to wait', () => {
  const cases: readonly (readonly [headers: { readonly [name: string]: string }, ms: number | null])[] = [
    [{}, null],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '99999999999' }, 600_000],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'Mon, 01 Jan 2035 00:00:00 GMT' }, 600_000],
    // The clock of the hub is years behind the server's.
    [{ 'retry-after': 'Mon, 01 Jan 2035 00:00:05 GMT', date: 'Mon, 01 Jan 2035 00:00:00 GMT' }, 5_000],
  ]

  test.each(cases)('with %j', (headers, ms) => {
    expect(pageFailure(reply({ status: 429, headers, body: '' }), ASKED)).toMatchObject({
      code: 'RATE_LIMITED',
      kind: 'transient',
      retryAfterMs: ms,
    })
    expect(pageFailure(reply({ status: 503, headers, body: '' }), ASKED).retryAfterMs).toBe(ms)
  })
})
