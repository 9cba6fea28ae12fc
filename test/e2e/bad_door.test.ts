import { expect, setDefaultTimeout, test } from 'bun:test'
import { undisturbed } from '../support/bystanders.ts'
import { RawSocket, TEXT } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import { tokenFor } from '../support/tokens.ts'

setDefaultTimeout(60_000)

/** What comes to the door before anybody has signed in. */

test('anything but AUTH as the first frame is refused, and closes the socket', async () => {
  await using shop = await Shop.open()
  const frames = [
    '{"type":"HEARTBEAT"}',
    '{"type":"ORDER_SNAPSHOT","posReference":"order-1","baseVersion":0,"msgId":"m","snapshot":{}}',
    '{"type":"TABLE_LOCK_ACQUIRE","tableId":5}',
    '{"type":"TICKET_NUMBER_REQUEST","orderType":"takeout"}',
    '{"type":"NEVER_HEARD_OF"}',
  ]
  await undisturbed(shop, async () => {
    for (const frame of frames) {
      const wire = await shop.wire()
      wire.sendRaw(frame)
      expect([frame, (await wire.closing()).code]).toEqual([frame, 4500])
      expect(wire.seen('SYNC_INIT')).toEqual([])
    }
  })
  const { message } = (await shop.join('Auditor')).init
  expect(message.orders.map(({ posReference }) => posReference)).toEqual(['order of the bystanders'])
  expect(message.tableLocks).toEqual([])
})

test('what comes behind a refused first frame is not looked at, not even a good AUTH', async () => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const wire = await shop.wire()
    wire.sendRaw('{"type":"HEARTBEAT"}')
    wire.send({ type: 'AUTH', token: await tokenFor({ name: 'Hasty' }), deviceId: 'hasty', protocol: 2 })
    wire.send({ type: 'TABLE_LOCK_ACQUIRE', tableId: 5 })
    expect((await wire.closing()).code).toBe(4500)
    expect(wire.seen('AUTH_OK')).toEqual([])
  })
})

test('an AUTH that is no AUTH lets nobody in', async () => {
  await using shop = await Shop.open()
  const token = await tokenFor({ name: 'Bad' })
  const frames = [
    '{"type":"AUTH"}',
    `{"type":"AUTH","token":"${token}"}`,
    `{"type":"AUTH","token":["${token}"],"deviceId":"bad"}`,
    `{"type":"AUTH","token":"${token}","deviceId":7}`,
    `{"type":"AUTH","token":"${token}","deviceId":""}`,
    `{"type":"AUTH","token":"${token}","deviceId":"bad","protocol":"2"}`,
    `{"type":"AUTH","token":"${token}","deviceId":"bad","protocol":2,"resume":"all"}`,
    `[{"type":"AUTH","token":"${token}","deviceId":"bad"}]`,
    '{"__proto__":{"type":"AUTH"}}',
    '{',
    '',
    '['.repeat(4_000),
  ]
  await undisturbed(shop, async () => {
    for (const frame of frames) {
      const wire = await shop.wire()
      wire.sendRaw(frame)
      const { code } = await wire.closing()
      expect([frame, code >= 4500 && code <= 4999]).toEqual([frame, true])
      expect(wire.seen('AUTH_OK')).toEqual([])
    }
    const binary = await shop.wire()
    binary.sendRaw(new TextEncoder().encode(`{"type":"AUTH","token":"${token}","deviceId":"bad"}`))
    await binary.closing()
    expect(binary.seen('AUTH_OK')).toEqual([])
  })
})

test('more than 4 kB before the sign-in closes the socket', async () => {
  await using shop = await Shop.open()
  const token = await tokenFor({ name: 'Large' })
  const auth = { type: 'AUTH', token, deviceId: 'large', protocol: 2 }
  await undisturbed(shop, async () => {
    for (const length of [4_097, 65_536, 3 * 1024 * 1024]) {
      const wire = await shop.wire()
      wire.sendRaw(JSON.stringify({ ...auth, more: 'x'.repeat(length) }))
      await wire.closing()
      expect(wire.seen('AUTH_OK')).toEqual([])
    }
    const wire = await shop.wire()
    wire.sendRaw(JSON.stringify({ ...auth, more: 'x'.repeat(4_096 - JSON.stringify({ ...auth, more: '' }).length) }))
    await wire.next('AUTH_OK')
  })
})

test('who does not sign in in time is told to come back', async () => {
  await using shop = await Shop.open({ HUB_AUTH_TIMEOUT_MS: '700' })
  await undisturbed(shop, async () => {
    const started = performance.now()
    const silent = await shop.wire()
    const opened = performance.now()
    const raw = await RawSocket.open(shop.hub.port)
    // A frame that is begun and never ended is no sign-in.
    await raw.sendBytes(Buffer.from([TEXT, 0xfe, 0x01]))
    const closing = await silent.closing()
    expect(closing.code).toBe(4004)
    expect(closing.at - started).toBeGreaterThanOrEqual(698)
    expect(closing.at - opened).toBeLessThan(1_700)
    expect(await raw.closing()).toBe(4004)
  })
})

/** A masked frame's header with a payload of nothing. */
const frameHeads = {
  'a frame that is not masked': [0x81, 0x02, 0x7b, 0x7d],
  'reserved bits': [0xf1, 0x80, 0, 0, 0, 0],
  'an unknown opcode': [0x83, 0x80, 0, 0, 0, 0],
  'a length of 2^62': [0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  'a length of 2^64 - 1': [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
  'a ping of 200 bytes': [0x89, 0xfe, 0, 200, 0, 0, 0, 0, ...Array.from({ length: 200 }, () => 0x41)],
  'a continuation of nothing': [0x80, 0x80, 0, 0, 0, 0],
  'a close of one byte': [0x88, 0x81, 0, 0, 0, 0, 0x03],
}

test('bytes that are no frames of a WebSocket close their own socket at most', async () => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    for (const bytes of Object.values(frameHeads)) {
      const raw = await RawSocket.open(shop.hub.port)
      await raw.signIn(await tokenFor({ name: 'Bad' }), 'bad', { protocol: 2 })
      await raw.sendBytes(Buffer.from(bytes))
      await raw.send({ type: 'TABLE_LOCK_ACQUIRE', tableId: 5 })
      await Promise.race([raw.closing(), raw.next('TABLE_LOCK_GRANTED').catch(() => undefined)])
      raw.check()
      await raw.drop()
    }
  })
})

test('what is no HTTP at all, or never ends, harms nobody', async () => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const starts = [
      '\u0000\u0001\u0002',
      'GET',
      'GET / HTTP/1.1\r\nHost: ',
      `GET /${'x'.repeat(100_000)}`,
      '\r\n'.repeat(10_000),
    ]
    for (const start of starts) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const tcp = await Bun.connect({
        hostname: '127.0.0.1',
        port: shop.hub.port,
        socket: { data: () => undefined, close: () => resolve() },
      })
      tcp.write(start)
      tcp.flush()
      tcp.terminate()
      await promise
    }
  })
})
