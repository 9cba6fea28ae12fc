import { describe, expect, test } from 'bun:test'
import { createView, type View } from '../../src/engine/view.ts'
import { createApp } from '../../src/http/app.ts'
import { finalize, lease, lineClosed, lock, signIn, snapshot, tableUpdate } from '../engine/commands.ts'
import { EngineHouse, FULL, GONE } from '../engine/house.ts'

function openWindow(house: EngineHouse = EngineHouse.started(), changed: Partial<View> = {}) {
  const { clock, log, engine, store } = house
  const view = { ...createView(engine, clock, store), ...changed }
  const app = createApp({ view, log, clock, version: '1.2.3', startedAt: clock.now(), sockets: () => 7 })
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, init)
    const text = await response.text()
    const body: unknown = text === '' ? null : JSON.parse(text)
    return { status: response.status, headers: response.headers, body, text }
  }
  return { house, get }
}

/** The keys of the hub that this one takes the place of, in the kinds that they have there. */
const OF_OLD = {
  status: expect.any(String),
  uptime: expect.any(Number),
  connectedTerminals: expect.any(Number),
  activeLeases: expect.any(Number),
  orders: expect.any(Number),
  pendingForward: expect.any(Number),
  totalForwarded: expect.any(Number),
  lastOdooSync: null,
}

describe('/health', () => {
  test('has the keys in use today first, each of its kind, and more beside them', async () => {
    const { get } = openWindow()
    const { status, headers, body } = await get('/health')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(body).toMatchObject(OF_OLD)
    expect(Object.keys(body ?? {}).slice(0, 8)).toEqual(Object.keys(OF_OLD))
    expect(body).toMatchObject({ status: 'ok', version: '1.2.3', disk: 'ok', clock: 'set', sockets: 7 })
  })

  test('counts what there is', async () => {
    const { house, get } = openWindow()
    house.run(signIn(1), signIn(2), lock(1, 5), lease(1, 'a'), snapshot(1, 'a', 0, { msgId: 'a' }))
    house.run(finalize(2, 'b', { msgId: 'b' }), lineClosed(2))
    house.clock.stall(2_999)
    expect((await get('/health')).body).toMatchObject({
      uptime: 2,
      connectedTerminals: 1,
      activeLeases: 1,
      tableLocks: 1,
      orders: 2,
      pendingForward: 1,
      oldestPendingMs: 2_999,
      totalForwarded: 0,
    })
  })

  test('answers 200 when the disk refuses too, and says so', async () => {
    const { house, get } = openWindow()
    house.disk.commits = FULL
    house.run(signIn(1))
    const { status, body } = await get('/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({ ...OF_OLD, status: 'unavailable', disk: 'full', orders: 0 })
  })

  test('says that the clock is not set', async () => {
    const { house, get } = openWindow()
    house.run(signIn(1), tableUpdate(1, 5))
    house.clock.setWall(house.clock.wall() - 3_600_000)
    house.clock.advance(500)
    expect((await get('/health')).body).toMatchObject({ clock: 'not set', status: 'ok' })
  })
})

describe('/livez', () => {
  test('is 200 whatever the disk does: a new start would not help', async () => {
    const { house, get } = openWindow()
    expect(await get('/livez')).toMatchObject({ status: 200, body: { live: true } })
    house.disk.commits = FULL
    house.run(signIn(1))
    expect(await get('/livez')).toMatchObject({ status: 200, body: { live: true } })
  })
})

describe('/readyz', () => {
  test('is 200 while all is well, 503 and why while it is not, and 200 again', async () => {
    const { house, get } = openWindow()
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } })
    house.disk.commits = FULL
    house.disk.opens = GONE
    house.run(signIn(1))
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { ready: false, reasons: [FULL.text] } })
    house.clock.advance(1_000)
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { ready: false, reasons: [GONE.text] } })
    house.disk.opens = null
    house.clock.advance(5_000)
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } })
  })

  test('is 503 before the engine has started', async () => {
    const { get } = openWindow(new EngineHouse())
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { reasons: ['The hub is starting.'] } })
  })
})

describe('whatever is asked for', () => {
  test('the first page says what this is', async () => {
    const { get } = openWindow()
    const { status, body } = await get('/')
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'pos-hub', version: '1.2.3', see: ['/health', '/livez', '/readyz'] })
  })

  test.each([
    ['/nothing', 'GET'],
    ['/health/', 'GET'],
    ['/healthz', 'GET'],
    ['/%2e%2e/etc/passwd', 'GET'],
    ['/health', 'POST'],
    ['/readyz', 'DELETE'],
    ['/', 'PUT'],
  ])('%s by %s is not there', async (path, method) => {
    const { get } = openWindow()
    const { status, body } = await get(path, { method })
    expect(status).toBe(404)
    expect(body).toMatchObject({ see: ['/health', '/livez', '/readyz'] })
  })

  test('HEAD answers like GET, without the body', async () => {
    const { get } = openWindow()
    expect(await get('/health', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })

  test('a bug in a page is 500 without a word of it, and is logged', async () => {
    const broken = () => {
      throw new Error('the secret is 1234')
    }
    const { house, get } = openWindow(EngineHouse.started(), { counts: broken })
    const { status, text, headers } = await get('/health')
    expect(status).toBe(500)
    expect(text).not.toContain('1234')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(house.log.lines).toMatchObject([{ level: 'error', fields: { path: '/health' } }])
  })

  test.each(['/', '/health', '/livez', '/readyz', '/nothing'])(
    '%s is not kept, sniffed, framed or run',
    async (path) => {
      const { headers } = await openWindow().get(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      const policy = headers.get('content-security-policy')?.split('; ')
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy?.join()).not.toContain('unsafe')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      // No page of another origin may read it.
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  test('no page says a secret, a name or what guests ordered', async () => {
    const { house, get } = openWindow()
    const write = { msgId: 'a-message-id', json: '{"guest":"a-guest"}' }
    house.run(signIn(1), lock(1, 5), lease(1, 'an-order'), snapshot(1, 'an-order', 0, write))
    const { hub } = house.engine.state
    const secrets = ['session-1', 'key-1', 'a-guest', 'a-message-id', 'an-order', 'Till 1', 'device-1', 'subject-1']
    for (const path of ['/', '/health', '/livez', '/readyz', '/nothing']) {
      const { text } = await get(path)
      for (const secret of [...secrets, hub?.epoch ?? 'epoch-1']) expect(text).not.toContain(secret)
    }
  })
})
