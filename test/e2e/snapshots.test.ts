import { expect, setDefaultTimeout, test } from 'bun:test'
import { Shop } from '../support/shop.ts'
import { freshMsgId } from '../support/terminal.ts'

setDefaultTimeout(30_000)

/** A snapshot as text, because JavaScript cannot hold all of it: big integers, a `__proto__` key, spellings. */
const STRANGE = `{
  "tableId": 5, "status": "draft",
  "neverHeardOf": {"deep": [[[]], {}, [{"a": [1, [2, [3, {"b": null}]]]}]], "yes": true, "no": false, "none": null},
  "largest": 9007199254740991, "larger": 9007199254740993, "largestNegative": -9007199254740993,
  "huge": 123456789012345678901234567890, "price": 19.90, "exact": 0.1000000000000000055511151231257827,
  "small": 1e-400, "great": 1E400, "minusNought": -0, "hundred": 1e2, "": "an empty key",
  "__proto__": {"isAdmin": true}, "constructor": {"prototype": {"x": 1}}, "toString": "mine", "hasOwnProperty": 0,
  "text": "ñandú 日本語 🍕 \\u0000\\u001f \\" \\\\ \\/ \\ud83c\\udf7a  \\u2028",
  "emptyArray": [], "emptyObject": {}, "msgId": "inner", "type": "AUTH", "snapshot": {"snapshot": []},
  "lines": [{"product": [17, "Café con leche"], "qty": 2.50, "note": ""}]
}`

/** The same JSON text without the spaces between its tokens: values and their spelling, and nothing else. */
function bare(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text: string | undefined) => text ?? '')
}

/** Whether a frame holds the snapshot, each number and text as it was written. */
function expectSnapshotIn(frame: string, key: string): void {
  expect(bare(frame)).toContain(`"${key}":${bare(STRANGE)}`)
}

function said(type: string, rest: object, snapshotKey = 'snapshot'): string {
  return `${JSON.stringify({ type, posReference: 'order-1', ...rest }).slice(0, -1)},"${snapshotKey}":${STRANGE}}`
}

test('a snapshot comes out as it went in: to the others, to latecomers, in a conflict, after a restart', async () => {
  await using shop = await Shop.open()
  const [a, v1, v2] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 }), await shop.join('Till 3')]
  await a.lease('order-1')
  a.sendRaw(said('ORDER_SNAPSHOT', { baseVersion: 0, msgId: freshMsgId() }))
  expect((await a.next('ORDER_ACCEPTED')).version).toBe(1)
  for (const other of [v1, v2]) expectSnapshotIn((await other.nextFrame('ORDER_UPDATED')).text, 'snapshot')
  expectSnapshotIn((await shop.join('Till 4')).init.text, 'snapshot')
  a.say('order-1', 0, {})
  expectSnapshotIn((await a.nextFrame('CONFLICT')).text, 'hubSnapshot')
  await shop.hub.restart('SIGKILL')
  for (const protocol of [1, 2] as const) {
    expectSnapshotIn((await shop.join(`Late ${protocol}`, { protocol })).init.text, 'snapshot')
  }
})

test('the last snapshot of a release and that of a payment come out as they went in', async () => {
  await using shop = await Shop.open()
  const [a, v1, v2] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 }), await shop.join('Till 3')]
  await a.lease('order-1')
  a.sendRaw(said('LEASE_RELEASE', { msgId: freshMsgId() }, 'finalSnapshot'))
  for (const other of [v1, v2]) expectSnapshotIn((await other.nextFrame('ORDER_UPDATED')).text, 'snapshot')
  a.sendRaw(said('ORDER_FINALIZE', { configId: 1, msgId: freshMsgId(), baseVersion: 1 }))
  for (const other of [v1, v2]) {
    const paid = await other.nextFrame('ORDER_UPDATED')
    expect(paid.message.version).toBe(2)
    expectSnapshotIn(paid.text, 'snapshot')
  }
})

test('what a v1 terminal sends comes out as it went in', async () => {
  await using shop = await Shop.open()
  const [a, v2] = [await shop.join('Till 1', { protocol: 1 }), await shop.join('Till 2')]
  await a.lease('order-1')
  a.sendRaw(said('ORDER_SNAPSHOT', { baseVersion: 0 }))
  expectSnapshotIn((await v2.nextFrame('ORDER_UPDATED')).text, 'snapshot')
})

test('the plan of a floor comes out as it went in', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
  a.sendRaw(`{"type": "FLOOR_PLAN_UPDATE", "floorId": 1, "tables": [${STRANGE}, {}]}`)
  const wanted = `"tables":[${bare(STRANGE)},{}]`
  expect(bare((await b.nextFrame('FLOOR_PLAN_CHANGED')).text)).toContain(wanted)
  await shop.hub.restart('SIGKILL')
  expect(bare((await shop.join('Till 3')).init.text)).toContain(wanted)
})

test('names that mean something to JavaScript are names like others', async () => {
  await using shop = await Shop.open()
  const [a, b] = [await shop.join('Till 1', { deviceId: '__proto__' }), await shop.join('Till 2')]
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'ñ🍕', ' ', "'; DROP TABLE orders; --"]
  for (const name of names) {
    await a.lease(name)
    a.say(name, 0, { of: name }, { msgId: name })
    expect(await a.next('ORDER_ACCEPTED')).toMatchObject({ posReference: name, version: 1, msgId: name })
    expect(await b.updated(name)).toMatchObject({ version: 1, snapshot: { of: name } })
  }
  await shop.hub.restart('SIGKILL')
  const { orders } = (await shop.join('Till 3')).init.message
  expect(orders.map((order) => order.posReference).toSorted()).toEqual(names.toSorted())
})

test('an empty snapshot is a snapshot; what is no object is none', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  expect((await a.write('order-1', 0, {})).version).toBe(1)
  for (const snapshot of ['[]', 'null', '"text"', '7', 'true']) {
    a.sendRaw(`{"type":"ORDER_SNAPSHOT","posReference":"order-1","baseVersion":1,"msgId":"m","snapshot":${snapshot}}`)
    expect(await a.next('ERROR')).toMatchObject({ code: 'MALFORMED', msgId: 'm' })
  }
  expect((await a.write('order-1', 1, { lines: [] })).version).toBe(2)
})
