import { describe, expect, test } from 'bun:test'
import { createOdooFetch } from '../../src/bun/odoo_fetch.ts'
import type { HttpFailure, HttpReply } from '../../src/upstream/http.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY, TEST_AUTHORITY } from '../support/tls.ts'
import { endedAt, skippedAfter, type Walked, walk } from './check_stage.ts'
import { type Call, fault, methodOf, reply, result } from './road.ts'

const URL_TO_NAME = { url: 'http://odoo.test' }

/** A server that is a function of the path, or of what is called over JSON-RPC. */
function answering(answer: (what: string, call: Call) => HttpReply | HttpFailure) {
  return {
    fetch: async ({ url, headers, body }: { url: string; headers: Call['headers']; body: string | null }) => {
      const { pathname } = new URL(url)
      const call: Call = { path: pathname, headers, text: body ?? '', body: JSON.parse(body ?? '{}') }
      return answer(pathname === '/jsonrpc' ? methodOf(call) : pathname, call)
    },
  }
}

const NOT_FOUND = reply({ status: 404, body: '<html><h1>Not Found</h1></html>' })
const VERSION = result({ server_version: '16.0', server_version_info: [16, 0, 0, 'final', 0, ''] })

describe('the name', () => {
  test('that has no address ends the walk', async () => {
    const resolve = async () => ({ ok: false, reason: 'getaddrinfo ENOTFOUND' }) as const
    const { troubles, step } = await walk(URL_TO_NAME, { resolve })
    expect(troubles).toEqual(['name wrong', ...skippedAfter('name')])
    expect(step('name').found.en).toBe('The name odoo.test has no address (getaddrinfo ENOTFOUND).')
    expect(step('name').advice?.es).toContain('revise ODOO_URL y la conexión a internet')
  })

  test('is shown with its addresses', async () => {
    const { step } = await walk(
      URL_TO_NAME,
      answering(() => NOT_FOUND),
    )
    expect(step('name').found.en).toBe('odoo.test is 192.0.2.1.')
  })

  test.each(['http://127.0.0.1:1', 'http://[::1]:1'])('%s is none', async (url) => {
    const resolve = () => expect.unreachable()
    expect((await walk({ url }, { resolve })).step('name').mark).toBe('ok')
  })
})

describe('the connection', () => {
  test('that nobody takes ends the walk', async () => {
    const { troubles, step } = await walk({ url: 'http://127.0.0.1:1' })
    expect(troubles).toEqual(['connection wrong', ...skippedAfter('connection')])
    expect(step('connection').found.es).toStartWith('No hay conexión con 127.0.0.1:1 (connect ECONNREFUSED')
    expect(step('connection').advice?.en).toContain('see that it runs')
  })

  async function walkToTls(host: string, certificates: string | null): Promise<Walked> {
    await using server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY },
      fetch: () => new Response('Not Found', { status: 404 }),
    })
    return await walk({ url: `https://${host}:${server.port}` }, { fetch: createOdooFetch({ certificates }) })
  }

  test('with an authority of one’s own', async () => {
    const { step, troubles } = await walkToTls('localhost', null)
    expect(troubles).toEqual(['connection wrong', ...skippedAfter('connection')])
    expect(step('connection').advice?.en).toContain('set ODOO_CA_FILE')
    expect(step('connection').advice?.es).toContain('ponga en ODOO_CA_FILE')
    const trusted = await walkToTls('localhost', TEST_AUTHORITY)
    expect(trusted.step('connection').found.en).toEndWith('takes connections, and its certificate is good.')
  })

  test('to another name than that of the certificate', async () => {
    const { step } = await walkToTls('127.0.0.1', TEST_AUTHORITY)
    expect(step('connection').advice?.es).toContain('El certificado es de otro nombre')
  })

  test('to a port without TLS', async () => {
    await using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('') })
    const { step } = await walk({ url: `https://localhost:${server.port}` })
    expect(step('connection').advice?.en).toContain('speaks no TLS')
  })

  test.each([
    ['certificate has expired', 'the date of this machine'],
    ['certificate is not yet valid', 'the date of this machine'],
    ['self signed certificate', 'ODOO_CA_FILE'],
    ['something new', 'check its certificate'],
  ])('%s', async (reason, advice) => {
    const none = { ok: false, trouble: 'tls', isSent: false, reason } as const
    const { step } = await walk(
      { url: 'https://odoo.test' },
      answering(() => none),
    )
    expect(step('connection').found.en).toBe(`There is no connection to odoo.test:443 (${reason}).`)
    expect(step('connection').advice?.en).toContain(advice)
  })
})

describe('what answers is not Odoo', () => {
  const login = '<html><form class="oe_login_form"></form></html>'
  const redirect = (location: string) => reply({ status: 301, headers: { location }, body: '' })
  const cases: readonly (readonly [what: string, said: HttpReply | HttpFailure, found: string, advice: string])[] = [
    ['another web server', NOT_FOUND, '(HTTP 404)', 'What answers at ODOO_URL is not Odoo'],
    ['a page of the network', reply({ body: '<html>Welcome</html>' }), '(HTTP 200)', 'network of the shop'],
    ['http to https', redirect('https://odoo.test/x'), 'http on to https', 'Set ODOO_URL to https://odoo.test.'],
    ['elsewhere', redirect('http://wifi.test/in?key=1'), 'http://wifi.test/in)', 'network of the shop'],
    ['a sign-in page', reply({ body: login }), '(HTTP 200)', 'sign-in page'],
    ['a proxy with a sign-in', reply({ status: 401, body: 'no' }), '(HTTP 401)', 'proxy before Odoo'],
    ['a proxy that refuses', reply({ status: 403, body: 'no' }), '(HTTP 403)', 'proxy before Odoo'],
    ['a proxy without Odoo', reply({ status: 502, body: 'no' }), '(HTTP 502)', 'see that Odoo runs'],
    ['cut JSON', reply({ body: '{"jsonrpc":' }), '(HTTP 200)', 'unreadable'],
    ['silence', { ok: false, trouble: 'timeout', isSent: true, reason: 'no whole answer in 9 ms' }, '9 ms', 'in time'],
    ['another protocol', { ok: false, trouble: 'not_http', isSent: true, reason: 'x' }, '(x)', 'is not Odoo'],
  ]

  test.each(cases)('%s', async (_, said, found, advice) => {
    const { troubles, step } = await walk(
      URL_TO_NAME,
      answering(() => said),
    )
    expect(troubles).toEqual([...endedAt('odoo'), 'clocks skipped'])
    expect(step('odoo').found.en).toContain(found)
    expect(step('odoo').advice?.en).toContain(advice)
    expect(step('odoo').advice?.es).not.toBe(step('odoo').advice?.en)
  })
})

describe('the database', () => {
  const listing = (names: readonly string[]) =>
    answering((what) => {
      if (what === 'common.version') return VERSION
      return what === 'db.list' ? result(names) : NOT_FOUND
    })

  test('is not named, and there are several', async () => {
    const { troubles, step } = await walk({ ...URL_TO_NAME, db: null }, listing(['bar', 'shop']))
    expect(troubles).toEqual([...endedAt('database'), 'clocks skipped'])
    expect(step('odoo').found.en).toBe('It is Odoo 16.0.')
    expect(step('database').found.en).toBe('ODOO_DB is not set. The server has bar, shop.')
    expect(step('database').advice?.es).toBe('Ponga en ODOO_DB la base de datos del local.')
  })

  test('has another name', async () => {
    const { step } = await walk(URL_TO_NAME, listing(['Shop']))
    expect(step('database').found.es).toBe('Odoo no tiene la base de datos shop. El servidor tiene Shop.')
    const none = await walk({ ...URL_TO_NAME, db: null }, listing([]))
    expect(none.step('database').found.en).toBe('ODOO_DB is not set. The server has none.')
  })

  test('is one of very many', async () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `db${at}`)
    const { step } = await walk(URL_TO_NAME, listing(many))
    expect(step('database').found.en).toEndWith('db8, db9 and 4990 more.')
  })

  const hidden = (authenticated: HttpReply) =>
    answering((what) => {
      if (what === 'common.version') return VERSION
      if (what === 'db.list') return fault('odoo.exceptions.AccessDenied', 'Access Denied')
      return what === 'common.authenticate' ? authenticated : NOT_FOUND
    })

  test('is unknown to a server that does not list them', async () => {
    const unknown = fault('psycopg2.OperationalError', 'FATAL:  database "shop" does not exist\n')
    const { troubles, step } = await walk(URL_TO_NAME, hidden(unknown))
    expect(troubles).toEqual([...endedAt('database'), 'clocks skipped'])
    expect(step('database').found.en).toContain('Odoo says: FATAL: database "shop" does not exist')
    expect(step('database').advice?.en).toContain('check ODOO_DB')
    const wrongPassword = await walk(URL_TO_NAME, hidden(result(false)))
    expect(wrongPassword.step('database').mark).toBe('ok')
    expect(wrongPassword.step('sign_in').mark).toBe('wrong')
  })

  test('is not named, and the server lists none', async () => {
    const { step } = await walk({ ...URL_TO_NAME, db: null }, hidden(result(false)))
    expect(step('database').mark).toBe('wrong')
    expect(step('database').found.es).toStartWith('Falta ODOO_DB')
    expect(step('database').found.es).not.toContain('is not set')
  })
})
