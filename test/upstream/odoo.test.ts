import { describe, expect, test } from 'bun:test'
import { fault, lost, MADE, methodOf, order, reply, result, type Server, short, signedIn, stage } from './road.ts'

const PAGE = reply({ status: 404, body: '<html>Not Found</html>' })

/** What stands at an address: each way as far as it is there. */
type Place = {
  json2?: boolean
  rest?: boolean
  jsonrpc?: boolean
  series?: number
  isAway?: boolean
  isSignedIn?: boolean
}

/** A server whose ways can be changed while it runs. */
function serverOf(place: Place): Server {
  return (call, count) => {
    if (place.isAway) return lost('unreachable', false)
    if (call.path === '/json/version') {
      const version = place.series ?? 19
      return version < 19
        ? PAGE
        : reply({ body: { version_info: [version, 0, 0, 'final', 0, ''], version: `${version}.0` } })
    }
    const answer = call.text.includes('"A-1"') ? MADE : []
    if (call.path.startsWith('/json/2/')) {
      if (!place.json2)
        return reply({ status: 404, body: { name: 'werkzeug.exceptions.NotFound', message: 'no method' } })
      return reply({ body: answer })
    }
    if (call.path.startsWith('/pos-api/')) {
      if (!place.rest) return PAGE
      if (place.isSignedIn === false) return reply({ status: 401, body: { message: 'no' } })
      return reply({ body: call.path.endsWith('/login') ? { access_token: 'a' } : answer })
    }
    const rpc = signedIn(() =>
      place.jsonrpc ? result(answer) : fault('builtins.AttributeError', "The method 'x' does not exist"),
    )
    return place.isSignedIn === false ? result(false) : rpc(call, count)
  }
}

const BOTH = { api: 'auto', apiKey: 'key' } as const

describe('the way that is found', () => {
  const cases: readonly (readonly [
    place: Place,
    settings: { apiKey?: string; password?: null },
    api: string | null,
  ])[] = [
    [{ json2: true, rest: true, jsonrpc: true }, { apiKey: 'key' }, 'json2'],
    [{ json2: true, rest: true, jsonrpc: true, series: 17 }, { apiKey: 'key' }, 'rest'],
    [{ json2: true, rest: true, jsonrpc: true }, {}, 'rest'],
    [{ json2: true, jsonrpc: true }, {}, 'jsonrpc'],
    [{ json2: true, rest: true, jsonrpc: true, series: 17 }, { apiKey: 'key', password: null }, 'jsonrpc'],
    [{ rest: true, jsonrpc: true }, { apiKey: 'key' }, 'rest'],
    [{ jsonrpc: true, series: 12 }, {}, 'jsonrpc'],
    [{}, { apiKey: 'key' }, null],
    [{ isAway: true }, {}, null],
    [{ rest: true, jsonrpc: true, isSignedIn: false }, {}, 'rest'],
    [{ jsonrpc: true, isSignedIn: false }, {}, 'jsonrpc'],
    [{ json2: true, rest: true, isSignedIn: false }, { apiKey: 'key' }, 'json2'],
  ]

  test.each(cases)('at %j with %j', async (place, settings, api) => {
    const { road, log } = stage({ api: 'auto', ...settings }, serverOf(place))
    expect(road.api()).toBeNull()
    const { failure } = await road.probe()
    expect(road.api()).toBe(api as ReturnType<typeof road.api>)
    const isGood = api !== null && (place.isSignedIn !== false || api === 'json2')
    expect(failure === null).toBe(isGood)
    expect(log.text.includes('found the way to Odoo')).toBe(api !== null)
  })

  test('is found once, for calls at the same time too', async () => {
    const { road, calls, log } = stage(BOTH, serverOf({ json2: true }))
    await Promise.all([road.finalize(order()), road.look(['A-2']), road.probe()])
    await road.finalize(order())
    expect(calls.filter(({ path }) => path === '/json/version')).toHaveLength(1)
    expect(log.text).toBe('found the way to Odoo {"api":"json2","before":null,"version":"19.0"}')
  })

  test('is not said where it cannot be known just now, and the call was not made', async () => {
    for (const said of [lost('timeout'), reply({ status: 502, body: '' }), lost('name', false)]) {
      const { road, calls } = stage(BOTH, (call) => (call.path === '/json/version' ? PAGE : said))
      const answer = await road.finalize(order())
      expect(answer.kind === 'failed' && answer.failure.mayHaveLanded).toBe(false)
      expect(road.api()).toBeNull()
      expect(calls.some(({ text }) => text.includes('A-1'))).toBe(false)
    }
  })

  test('is not another one only because the better one did not answer', async () => {
    const there = serverOf({ json2: true, jsonrpc: true })
    const { road } = stage(BOTH, (call, count) =>
      call.path.startsWith('/json/2/') ? lost('timeout') : there(call, count),
    )
    expect((await road.probe()).failure?.code).toBe('TIMEOUT')
    expect(road.api()).toBeNull()
  })

  test('reads the names of versions that are in between', async () => {
    const version = reply({ body: { version_info: ['saas~19', 2, 0, 'final', 0, ''], version: 'saas~19.2' } })
    const there = serverOf({ json2: true })
    const { road } = stage(BOTH, (call, count) => (call.path === '/json/version' ? version : there(call, count)))
    await road.probe()
    expect(road.api()).toBe('json2')
  })

  test('where nothing is, says what is missing', async () => {
    const { road } = stage({ api: 'auto' }, serverOf({}))
    expect((await road.probe()).failure).toMatchObject({ code: 'ADDON_MISSING', kind: 'transient', scope: 'server' })
  })
})

describe('the way is looked for again', () => {
  test('after an upgrade of the server', async () => {
    const place: Place = { rest: true, jsonrpc: true, series: 17 }
    const { road, log } = stage(BOTH, serverOf(place))
    await road.probe()
    expect(road.api()).toBe('rest')
    Object.assign(place, { rest: false, json2: true, series: 19 })
    expect((await road.probe()).failure?.code).toBe('ADDON_MISSING')
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(road.api()).toBe('json2')
    expect(log.text).toContain('{"api":"json2","before":"rest","version":"19.0"}')
  })

  test('after it was away, and is said only when it changed', async () => {
    const place: Place = { jsonrpc: true, series: 17 }
    const { road, calls, log } = stage(BOTH, serverOf(place))
    await road.probe()
    place.isAway = true
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && answer.failure.code).toBe('CONNECTION_REFUSED')
    expect((await road.probe()).failure?.code).toBe('CONNECTION_REFUSED')
    expect(road.api()).toBe('jsonrpc')
    place.isAway = false
    expect((await road.probe()).failure).toBeNull()
    expect(calls.filter(({ path }) => path === '/json/version').length).toBeGreaterThan(1)
    expect(log.text.split('\n')).toHaveLength(1)
    // The sign-in from before is still good.
    expect(calls.filter((call) => methodOf(call) === 'common.authenticate').length).toBeLessThanOrEqual(2)
  })

  test('but not for what an order or a lost answer may cause', async () => {
    const says = [lost('timeout'), fault('odoo.exceptions.UserError', 'no'), fault('x.SerializationFailure', 'x')]
    for (const said of says) {
      const there = serverOf({ jsonrpc: true, series: 17 })
      const { road, calls } = stage({ api: 'auto' }, (call, count) =>
        methodOf(call) === 'hub_finalize_snapshot' ? said : there(call, count),
      )
      await road.probe()
      await road.finalize(order())
      await road.finalize(order())
      expect(calls.filter(({ path }) => path === '/json/version')).toHaveLength(1)
    }
  })
})

describe('a probe', () => {
  test.each([
    [result([]), null],
    [result({ results: [] }), null],
    [result(null), null],
    [result({ status: 'error', error: { message: 'no orders' } }), null],
    [fault('odoo.exceptions.UserError', 'no orders'), null],
    [fault('builtins.KeyError', '0'), null],
    [result({ status: 'error', error: { code: 'MAINTENANCE' } }), 'MAINTENANCE transient server'],
    [fault('odoo.exceptions.AccessError', 'no'), 'ACCESS unauthorised server'],
    [fault('builtins.AttributeError', "The method 'x' does not exist"), 'ADDON_MISSING transient server'],
    [lost('timeout'), 'TIMEOUT ambiguous call'],
    [reply({ status: 500, body: '' }), 'SERVER_ERROR ambiguous call'],
    [reply({ status: 502, body: '' }), 'BAD_GATEWAY transient server'],
  ])('that hears %j', async (said, meaning) => {
    const { road } = stage(
      { api: 'jsonrpc' },
      signedIn(() => said),
    )
    const { failure } = await road.probe()
    expect(failure === null ? null : short(failure)).toBe(meaning)
  })

  test('is believed later and later while the calls after it fail', async () => {
    const { road, clock } = stage(
      { api: 'jsonrpc' },
      signedIn((call) =>
        methodOf(call) === 'hub_batch_sync' ? result([]) : fault('odoo.exceptions.AccessError', 'no'),
      ),
    )
    await road.finalize(order())
    expect((await road.probe()).failure).toBeNull()
    await road.finalize(order())
    expect((await road.probe()).failure?.code).toBe('ACCESS')
    clock.advance(1_000)
    expect((await road.probe()).failure).toBeNull()
  })
})

describe('a look-up', () => {
  const row = { id: 7, pos_reference: 'A-1', state: 'paid', amount_total: 1, config_id: false }

  test('that was cut off is no answer', async () => {
    const { road } = stage(
      { api: 'jsonrpc' },
      signedIn((call) => result(Array.from({ length: methodOf(call) === 'search_read' ? 1_000 : 0 }, () => row))),
    )
    const answer = await road.look(['A-1'])
    expect(answer.kind === 'failed' && short(answer.failure)).toBe('TOO_LARGE ambiguous call')
    expect(await road.list(0, 0)).toMatchObject({ kind: 'looked' })
  })

  test.each([
    [lost('timeout'), 'TIMEOUT ambiguous call'],
    [reply({ status: 502, body: '' }), 'BAD_GATEWAY transient server'],
  ])('that fails leaves nothing that may have landed: %j', async (said, meaning) => {
    const { road } = stage(
      { api: 'jsonrpc' },
      signedIn(() => said),
    )
    const answer = await road.look(['A-1'])
    expect(answer.kind === 'failed' && short(answer.failure)).toBe(meaning)
  })

  test('of any time at all is asked for', async () => {
    const { road, calls } = stage(
      { api: 'jsonrpc' },
      signedIn(() => result([])),
    )
    for (const since of [-1, Number.NaN, Number.POSITIVE_INFINITY]) await road.list(since, 0)
    expect(calls).toHaveLength(4)
  })
})

test('secrets show neither in texts nor in the log', async () => {
  const says = 'user hub with secret-password and the key the-api-key'
  const { road, log } = stage(
    { api: 'jsonrpc', apiKey: 'the-api-key' },
    signedIn(() => fault('odoo.exceptions.UserError', says)),
  )
  const answer = await road.finalize(order())
  expect(answer.kind === 'failed' && answer.failure.text).toContain('user hub with *** and the key ***')
  const batch = await road.batch([order()])
  expect(batch.kind === 'failed' && batch.failure.text).toContain('user hub with *** and the key ***')
  expect(log.text).toBe('')
})
