import { expect, setDefaultTimeout, test } from 'bun:test'
import { undisturbed } from '../support/bystanders.ts'
import { RawSocket, TEXT } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import { tokenFor } from '../support/tokens.ts'

setDefaultTimeout(60_000)

const MIB = 1024 * 1024

function nested(depth: number, open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth)
}

const SNAPSHOT = '"type":"ORDER_SNAPSHOT","posReference":"order-1","baseVersion":0,"msgId":"m"'

/** No JSON, or no message. */
const NO_MESSAGE = [
  '',
  ' ',
  'x',
  '{',
  '}',
  '[]',
  'null',
  'true',
  '42',
  '"HEARTBEAT"',
  '{}',
  'NaN',
  '{"type":7}',
  '{"type":null}',
  '{"type":["HEARTBEAT"]}',
  '{"type":"HEARTBEAT"',
  '{"type":"HEARTBEAT"} {"type":"HEARTBEAT"}',
  "{'type':'HEARTBEAT'}",
  '[{"type":"HEARTBEAT"}]',
  '{"__proto__":{"type":"HEARTBEAT"}}',
  `{${SNAPSHOT},"snapshot":{`,
  '\u0000',
  '\ufeff{"type":"HEARTBEAT"}',
]

/** A message whose fields are of a wrong type, out of bounds, or missing. */
const WRONG_FIELDS = [
  '{"type":"ORDER_SNAPSHOT"}',
  `{${SNAPSHOT}}`,
  `{${SNAPSHOT},"snapshot":[]}`,
  `{${SNAPSHOT},"snapshot":"{}"}`,
  '{"type":"ORDER_SNAPSHOT","posReference":"order-1","baseVersion":0,"snapshot":{}}',
  '{"type":"ORDER_SNAPSHOT","posReference":7,"baseVersion":0,"msgId":"m","snapshot":{}}',
  '{"type":"ORDER_SNAPSHOT","posReference":"","baseVersion":0,"msgId":"m","snapshot":{}}',
  `{"type":"LEASE_ACQUIRE","posReference":"${'x'.repeat(129)}","baseVersion":0}`,
  '{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":"0"}',
  '{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":-1}',
  '{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":1.5}',
  '{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":9007199254740992}',
  '{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":1e999}',
  '{"type":"LEASE_ACQUIRE","posReference":"order-1"}',
  '{"type":"TABLE_LOCK_ACQUIRE","tableId":"5"}',
  '{"type":"TABLE_LOCK_ACQUIRE","tableId":null}',
  '{"type":"TABLE_LOCK_ACQUIRE","tableId":-5}',
  '{"type":"TABLE_LOCK_ACQUIRE","__proto__":{"tableId":5}}',
  '{"type":"TABLE_UPDATE","tableId":5}',
  '{"type":"FLOOR_PLAN_UPDATE","floorId":1,"tables":{}}',
  '{"type":"FLOOR_PLAN_UPDATE","floorId":1,"tables":[1]}',
  '{"type":"TICKET_NUMBER_REQUEST","orderType":"__proto__"}',
  '{"type":"SYNC_REQUEST","epoch":7,"seq":"x"}',
]

const DEEP = [
  nested(100_000, '[', ']'),
  nested(100_000, '{"a":', '}'),
  `{${SNAPSHOT},"snapshot":{"a":${nested(100_000, '[', ']')}}}`,
  `{${SNAPSHOT},"snapshot":${nested(100_000, '{"a":', '1}').replace('1', '{}')}}`,
  '['.repeat(100_000),
]

test.each([
  ['malformed JSON', NO_MESSAGE],
  ['wrong types', WRONG_FIELDS],
  ['nesting 100,000 deep', DEEP],
] as const)('%s is refused to a v2 terminal, which goes on', async (_, frames) => {
  await using shop = await Shop.open()
  const bad = await shop.join('Bad')
  await bad.lease('order-1')
  await undisturbed(shop, async () => {
    for (const frame of frames) {
      bad.sendRaw(frame)
      expect([frame.slice(0, 200), (await bad.next('ERROR')).code]).toEqual([frame.slice(0, 200), 'MALFORMED'])
    }
    expect((await bad.write('order-1', 0, { lines: [] })).version).toBe(1)
  })
})

test.each([
  ['malformed JSON', 'x'],
  ['a wrong type', '{"type":"TABLE_LOCK_ACQUIRE","tableId":"5"}'],
  ['deep nesting', nested(100_000, '[', ']')],
  ['a binary frame', new Uint8Array([0x7b, 0x7d])],
] as const)('of a v1 terminal the third frame with %s closes the socket, and it hears no ERROR', async (_, frame) => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const bad = await shop.join('Bad', { protocol: 1 })
    for (let time = 0; time < 2; time++) bad.sendRaw(frame)
    await bad.caughtUp()
    expect(bad.isOpen).toBe(true)
    bad.sendRaw(frame)
    expect((await bad.closing()).code).toBe(4506)
    expect<string[]>(bad.types()).toEqual(['AUTH_OK', 'SYNC_INIT'])
  })
})

test('binary frames are no messages, whatever stands in them', async () => {
  await using shop = await Shop.open()
  const bad = await shop.join('Bad')
  const message = new TextEncoder().encode('{"type":"TABLE_LOCK_ACQUIRE","tableId":5}')
  await undisturbed(shop, async () => {
    for (const bytes of [message, new Uint8Array(0), new Uint8Array(1_000).fill(0xff), new Uint8Array(MIB)]) {
      bad.sendRaw(bytes)
      expect((await bad.next('ERROR')).code).toBe('MALFORMED')
    }
    await bad.caughtUp()
    expect(bad.types()).not.toContain('TABLE_LOCK_GRANTED')
  })
})

test('text that is not UTF-8 is refused, and nothing of it is stored', async () => {
  await using shop = await Shop.open()
  const reader = await shop.join('Reader')
  await undisturbed(shop, async () => {
    const raw = await RawSocket.open(shop.hub.port)
    await raw.signIn(await tokenFor({ name: 'Bad' }), 'bad', { protocol: 2 })
    await raw.send({ type: 'LEASE_ACQUIRE', posReference: 'order-1', baseVersion: 0 })
    await raw.next('LEASE_GRANTED')
    const broken = [Buffer.from(`{${SNAPSHOT},"snapshot":{"note":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}}')]
    await raw.sendFrame(TEXT, Buffer.concat(broken))
    const refused = raw.next('ERROR').then(({ code }) => code === 'MALFORMED')
    expect(await Promise.race([refused.catch(() => true), raw.closing().then(() => true)])).toBe(true)
    raw.check()
    await raw.drop()
  })
  await reader.caughtUp()
  expect(reader.seen('ORDER_UPDATED').map(({ posReference }) => posReference)).not.toContain('order-1')
})

/** A version of `order-1` whose frame has exactly so many bytes. */
function frameOf(bytes: number, baseVersion: number, msgId: string): string {
  const head = `{"type":"ORDER_SNAPSHOT","posReference":"order-1","baseVersion":${baseVersion},"msgId":"${msgId}"`
  const frame = `${head},"snapshot":{"note":"ñ"}}`
  return frame.replace('ñ', `ñ${'x'.repeat(bytes - Buffer.byteLength(frame))}`)
}

test('a frame of 1 MiB is taken; one byte more is refused, and the v2 terminal goes on', async () => {
  await using shop = await Shop.open()
  const bad = await shop.join('Bad')
  await bad.lease('order-1')
  await undisturbed(shop, async () => {
    bad.sendRaw(frameOf(MIB, 0, 'just'))
    expect(await bad.next('ORDER_ACCEPTED')).toMatchObject({ version: 1, msgId: 'just' })
    bad.sendRaw(frameOf(MIB + 1, 1, 'more'))
    expect((await bad.next('ERROR')).code).toBe('TOO_LARGE')
    bad.sendRaw(frameOf(MIB + 60_000, 1, 'a little more'))
    expect((await bad.next('ERROR')).code).toBe('TOO_LARGE')
    expect((await bad.write('order-1', 1, { lines: [] })).version).toBe(2)
    bad.sendRaw(frameOf(2 * MIB + 1, 2, 'too much'))
    await bad.closing()
  })
  const { orders } = (await shop.join('Auditor')).init.message
  expect(orders.find(({ posReference }) => posReference === 'order-1')).toMatchObject({ version: 2 })
})

test('a frame of 1 MiB + 1 of a v1 terminal is not stored, and it hears no ERROR', async () => {
  await using shop = await Shop.open()
  const bad = await shop.join('Bad', { protocol: 1 })
  await bad.lease('order-1')
  await undisturbed(shop, async () => {
    bad.sendRaw(frameOf(MIB + 1, 0, 'more'))
    await Promise.race([bad.caughtUp().catch(() => undefined), bad.closed])
    expect(bad.types()).not.toContain('CONFLICT')
  })
  const { orders } = (await shop.join('Auditor')).init.message
  expect(orders.map(({ posReference }) => posReference)).not.toContain('order-1')
})

test('messages of unknown type never close a socket; v2 hears that they are unknown', async () => {
  await using shop = await Shop.open()
  const [young, old] = [await shop.join('Young'), await shop.join('Old', { protocol: 1 })]
  const types = [
    'NEVER_HEARD_OF',
    'heartbeat',
    'HEARTBEAT ',
    '__proto__',
    'constructor',
    'toString',
    'AUTH_OK',
    'ERROR',
  ]
  await undisturbed(shop, async () => {
    for (const type of types) {
      for (const terminal of [young, old]) terminal.sendRaw(JSON.stringify({ type, msgId: 'm', tableId: 5 }))
      expect(await young.next('ERROR')).toMatchObject({ code: 'UNKNOWN_TYPE', next: 'upgrade', msgId: 'm' })
    }
    await old.caughtUp()
    expect([young.isOpen, old.isOpen]).toEqual([true, true])
    expect<string[]>(old.types()).not.toContain('TABLE_LOCK_GRANTED')
  })
})

test('fields that nobody knows, and names that mean something to JavaScript, change nothing', async () => {
  await using shop = await Shop.open()
  const [waiter, holder] = [await shop.join('Waiter', { role: 'waiter' }), await shop.join('Till 1')]
  await holder.lease('order-1')
  await undisturbed(shop, async () => {
    waiter.sendRaw('{"type":"HEARTBEAT","unknown":[{}],"__proto__":{"role":"manager"},"constructor":{"prototype":{}}}')
    await waiter.next('HEARTBEAT_OK')
    const tricks = ['"__proto__":{"force":true}', '"constructor":{"prototype":{"force":true}}', '"role":"manager"']
    for (const trick of tricks) {
      waiter.sendRaw(`{"type":"LEASE_ACQUIRE","posReference":"order-1","baseVersion":0,${trick}}`)
      expect((await waiter.next('LEASE_DENIED')).holder).toBe(holder.id)
    }
    waiter.sendRaw('{"type":"TABLE_LOCK_FORCE_ACQUIRE","tableId":5,"__proto__":{"role":"manager"},"role":"manager"}')
    expect((await waiter.next('TABLE_LOCK_DENIED')).reason).toBe('Manager role required')
  })
  expect((await holder.write('order-1', 0, {})).version).toBe(1)
  const late = await shop.join('Late', { role: 'waiter' })
  expect(late.auth.role).toBe('waiter')
})
