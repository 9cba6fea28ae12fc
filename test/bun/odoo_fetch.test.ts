import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createOdooFetch, readAuthority } from '../../src/bun/odoo_fetch.ts'
import type { HttpRequest } from '../../src/upstream/http.ts'
import { openFolder } from '../support/folder.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY, TEST_AUTHORITY } from '../support/tls.ts'
import { until } from '../support/wait.ts'
import { type RawManner, rawServer } from './raw_server.ts'

const plainFetch = createOdooFetch({ certificates: null })

function post(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/json' },
    body: '{"ñ":1}',
    connectTimeoutMs: 5_000,
    answerTimeoutMs: 5_000,
    answerBytesMax: 1_000,
    ...more,
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi'

describe('an exchange', () => {
  test('brings the answer, and follows no redirect', async () => {
    const seen: unknown[] = []
    await using server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      async fetch(request) {
        seen.push([request.method, new URL(request.url).pathname, await request.text()])
        return new Response('{"ñ":"🍕"}', { status: 303, headers: { Location: '/web/login', 'X-Two': 'a' } })
      },
    })
    const result = await plainFetch(post(`http://127.0.0.1:${server.port}/jsonrpc`))
    expect(result).toMatchObject({ ok: true, status: 303, body: '{"ñ":"🍕"}' })
    expect(result.ok && result.headers.get('location')).toBe('/web/login')
    expect(result.ok && result.headers.get('x-two')).toBe('a')
    await plainFetch(post(`http://127.0.0.1:${server.port}/json/version`, { method: 'GET', body: null }))
    expect(seen).toEqual([
      ['POST', '/jsonrpc', '{"ñ":1}'],
      ['GET', '/json/version', ''],
    ])
  })

  test('has a connection of its own, which ends with it', async () => {
    await using server = rawServer({ asked: (peer) => peer.say(OK) })
    for (const count of [1, 2, 3]) {
      expect(await plainFetch(post(`http://127.0.0.1:${server.port}/`))).toMatchObject({ ok: true, body: 'hi' })
      await until(() => server.ended === count, { what: 'the connection is over' })
    }
    expect(server.heard).toHaveLength(3)
    expect(server.heard[0]).toContain('\r\nConnection: close\r\n')
    expect(server.heard[0]).toContain('\r\nAccept-Encoding: identity\r\n')
  })

  test('takes an answer whose length is not said', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n'
    await using server = rawServer({ asked: (peer) => peer.say(chunked) })
    expect(await plainFetch(post(`http://127.0.0.1:${server.port}/`))).toMatchObject({ ok: true, body: 'hi!' })
    await using other = rawServer({
      asked(peer) {
        peer.say('HTTP/1.0 200 OK\r\n\r\nhi')
        peer.hangUp()
      },
    })
    expect(await plainFetch(post(`http://127.0.0.1:${other.port}/`))).toMatchObject({ ok: true, body: 'hi' })
  })
})

describe('a request that may have arrived', () => {
  const cases: readonly (readonly [what: string, manner: RawManner, trouble: string])[] = [
    ['the connection ends at once', { opened: (peer) => peer.hangUp() }, 'lost'],
    ['the connection is reset at once', { opened: (peer) => peer.reset() }, 'lost'],
    ['the connection ends after it', { asked: (peer) => peer.hangUp() }, 'lost'],
    ['the connection is reset after it', { asked: (peer) => peer.reset() }, 'lost'],
    ['the headers are cut off', { asked: (peer) => cut(peer, 'HTTP/1.1 200 OK\r\nContent-') }, 'lost'],
    ['the answer is cut off', { asked: (peer) => cut(peer, OK.replace('Length: 2', 'Length: 9')) }, 'lost'],
    [
      'the answer is cut off in a chunk',
      { asked: (peer) => cut(peer, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi') },
      'lost',
    ],
    [
      'the chunks are broken',
      { asked: (peer) => peer.say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n') },
      'lost',
    ],
    ['something else answers', { asked: (peer) => peer.say('SSH-2.0-OpenSSH_9.2\r\n\r\n') }, 'not_http'],
    ['nothing is answered', {}, 'timeout'],
    ['the answer never ends', { asked: (peer) => peer.say(OK.replace('Length: 2', 'Length: 9')) }, 'timeout'],
    [
      'the answer is too large',
      { asked: (peer) => peer.say(OK.replace('Length: 2', `Length: 1001`) + 'x'.repeat(999)) },
      'too_large',
    ],
    [
      'the answer is too large and does not say so',
      { asked: (peer) => peer.say(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_001)}`) },
      'too_large',
    ],
  ]

  test.each(cases)('%s: %#', async (_, manner, trouble) => {
    await using server = rawServer(manner)
    // Only where it is what the case is about does the time run out.
    const answerTimeoutMs = trouble === 'timeout' ? 60 : 5_000
    const result = await plainFetch(post(`http://127.0.0.1:${server.port}/`, { answerTimeoutMs }))
    expect(result).toMatchObject({ ok: false, trouble, isSent: true })
    // Nothing was sent a second time, and nothing is left open.
    await until(() => server.ended === 1, { what: 'the connection is over' })
    expect(server.heard).toHaveLength(1)
    expect(server.heard[0]?.split('POST').length ?? 0).toBeLessThanOrEqual(2)
  })
})

function cut(peer: { say(text: string): void; hangUp(): void }, text: string): void {
  peer.say(text)
  peer.hangUp()
}

describe('a request that was never sent', () => {
  test('because nobody listens', async () => {
    const server = rawServer({})
    await server[Symbol.asyncDispose]()
    const result = await plainFetch(post(`http://127.0.0.1:${server.port}/`))
    expect(result).toMatchObject({ ok: false, trouble: 'unreachable', isSent: false })
  })

  test('because the name has no address', async () => {
    const result = await plainFetch(post('http://odoo.invalid/'))
    expect(result).toMatchObject({ ok: false, trouble: 'name', isSent: false })
  })

  test('because no secure connection came about in time', async () => {
    await using server = rawServer({})
    const result = await plainFetch(post(`https://127.0.0.1:${server.port}/`, { connectTimeoutMs: 60 }))
    expect(result).toMatchObject({ ok: false, trouble: 'connect_timeout', isSent: false })
    await until(() => server.ended === 1, { what: 'the connection is over' })
  })

  test('because the server hangs up while the connection is made secure', async () => {
    await using server = rawServer({ asked: (peer) => peer.reset() })
    const result = await plainFetch(post(`https://127.0.0.1:${server.port}/`))
    expect(result).toMatchObject({ ok: false, isSent: false })
  })

  test('because the server speaks no TLS', async () => {
    await using server = rawServer({ asked: (peer) => cut(peer, 'HTTP/1.1 400 Bad Request\r\n\r\n') })
    const result = await plainFetch(post(`https://127.0.0.1:${server.port}/`))
    expect(result).toMatchObject({ ok: false, trouble: 'tls', isSent: false })
  })

  test('because it cannot be written', async () => {
    for (const bad of [post('nonsense'), post('http://127.0.0.1:1/', { headers: { 'X-A': 'a\nb' } })]) {
      expect(await plainFetch(bad)).toMatchObject({ ok: false, isSent: false })
    }
  })
})

describe('a certificate', () => {
  function secureServer(seen: string[]) {
    return Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY },
      fetch(request) {
        seen.push(request.url)
        return new Response('hi')
      },
    })
  }

  test('of an authority that is not known is not trusted, and nothing is sent', async () => {
    const seen: string[] = []
    await using server = secureServer(seen)
    const result = await plainFetch(post(`https://localhost:${server.port}/`))
    expect(result).toMatchObject({ ok: false, trouble: 'tls', isSent: false })
    expect(seen).toEqual([])
  })

  test('of an authority of one’s own is trusted, for its name', async () => {
    const seen: string[] = []
    await using server = secureServer(seen)
    const fetch = createOdooFetch({ certificates: TEST_AUTHORITY })
    expect(await fetch(post(`https://localhost:${server.port}/`))).toMatchObject({ ok: true, body: 'hi' })
    expect(await fetch(post(`https://127.0.0.1:${server.port}/`))).toMatchObject({ trouble: 'tls', isSent: false })
    expect(seen).toHaveLength(1)
  })

  test('that cannot be read stops no program', async () => {
    const fetch = createOdooFetch({
      certificates: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n',
    })
    expect(await fetch(post('https://127.0.0.1:1/'))).toMatchObject({ ok: false, isSent: false })
  })
})

test('a file of certificates is read, or it is said why not', async () => {
  await using folder = await openFolder()
  const [good, bad] = [join(folder.path, 'ca.pem'), join(folder.path, 'ca.der')]
  await Bun.write(good, TEST_AUTHORITY)
  await Bun.write(bad, 'nonsense')
  expect(readAuthority(good)).toEqual({ ok: true, certificates: TEST_AUTHORITY })
  expect(readAuthority(bad)).toMatchObject({ ok: false, problem: expect.stringContaining('no certificate in PEM') })
  const problem = expect.stringContaining('cannot be read')
  expect(readAuthority(join(folder.path, 'none'))).toMatchObject({ ok: false, problem })
})
