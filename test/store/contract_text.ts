import { describe, expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import {
  audited,
  finalizeOf,
  floorChanged,
  granted,
  marked,
  messageOf,
  reference,
  resultOf,
  SHOP,
  secondPayment,
  tableChanged,
  terminalKept,
  ticketGiven,
  timeSeen,
  versioned,
} from './changes.ts'
import { bothReadGroup, commit, find, type OpenStore, read, value } from './reading.ts'

/** Names that a careless table, statement or key would take for each other or break on. */
const NAMES = [
  'a',
  'A',
  'a ',
  'a\0',
  'a\0b',
  'a\0c',
  '\0',
  'é',
  'e\u0301',
  "'; DROP TABLE orders; --",
  '"',
  '%',
  '_',
  '?1',
  ':posReference',
  'a\nb',
  'a\r\nb',
  '\u2028',
  '\ufeffa',
  '日本語',
  '🍕🍺',
  '1',
  '01',
  '1.0',
  'NULL',
  '🍕'.repeat(64),
  'x'.repeat(128),
]

/** Texts that are not what a reader and a printer would make of them. */
const SNAPSHOTS = [
  ['nothing', '{}'],
  ['white space', '{ "spaces" :\t[ 1 ,\n 2 ] }'],
  ['long numbers', '{"n":9007199254740993,"big":123456789012345678901234567890,"e":1e400,"z":-0,"f":1.10}'],
  ['a key twice', '{"twice":1,"twice":2}'],
  ['keys of objects', '{"__proto__":{"admin":true},"constructor":null}'],
  ['escapes', '{"nul":"\\u0000","text":"\\u00e9 é 日本語 🍕 \\ud83c\\udf55"}'],
  ['lines of Unicode', '{"line":"\u2028\u2029","bom":"\ufeff"}'],
  ['a NUL', '{"raw":"\0"}'],
  ['quotes', '{"quotes":"\'; DROP TABLE orders; -- \\" %s ?1 :snapshot"}'],
] as const

const LARGEST = Number.MAX_SAFE_INTEGER

/** What goes in comes out the same, held against one kind of tables. */
export function holdText(open: OpenStore): void {
  describe('text and numbers', () => {
    holdNames(open)
    holdContent(open)
    holdNumbers(open)
  })
}

function holdNames(open: OpenStore): void {
  test('names that differ at all are different orders, each with its own', async () => {
    await using opened = await open()
    for (const [at, name] of NAMES.entries()) {
      const record = { seq: at + 1, status: name }
      commit(opened.store, versioned(name, { record, snapshot: `{"at":${at}}`, message: messageOf(name) }))
    }
    for (const { orders } of bothReadGroup(opened)) {
      const read = orders.map(({ record, messages }) => [record.posReference, record.status, messages[0]?.[0]])
      expect<unknown>(read).toEqual(NAMES.map((name) => [name, name, name]))
    }
    const later = opened.next()
    for (const [at, name] of NAMES.entries()) {
      expect([name, find(later, name)?.snapshot.json]).toEqual([name, `{"at":${at}}`])
      expect(value(later.story(SHOP, reference(name)))).toHaveLength(1)
    }
  })

  test('names of all kinds are kept as they are', async () => {
    await using opened = await open()
    for (const [at, name] of NAMES.entries()) {
      commit(opened.store, terminalKept(name, { name, lastActive: at, deviceId: terminalKept(name).terminal.deviceId }))
      commit(opened.store, granted('lease', name, { fence: at + 1 }), audited(name, { reason: name, actorName: name }))
      commit(opened.store, tableChanged(at, { status: name, posReference: reference(name), seq: 2 * at + 1 }))
      commit(opened.store, floorChanged(at, { layoutMode: name, seq: 2 * at + 2 }))
      commit(opened.store, ticketGiven(at + 1, { day: name, msgId: name, deviceId: name }))
      commit(opened.store, secondPayment(name, name, { at }))
    }
    expect(read(opened.next()).terminals.map(({ terminalId }) => String(terminalId))).toEqual(NAMES)
    for (const group of bothReadGroup(opened)) {
      expect(new Set(group.grants.map(({ key }) => key))).toEqual(new Set(NAMES))
      expect(new Set(group.tickets.map(({ day }) => day))).toEqual(new Set(NAMES))
      expect(group.ticketMessages.map(({ msgId }) => String(msgId))).toEqual(NAMES)
      expect(new Set(group.tables.map(({ status, posReference }) => `${status}${posReference}`))).toEqual(
        new Set(NAMES.map((name) => name + name)),
      )
      expect(new Set(group.floors.map(({ layoutMode }) => layoutMode))).toEqual(new Set(NAMES))
    }
    const newestFirst = NAMES.toReversed()
    expect(value(opened.store.audit(SHOP, 100)).map(({ subject }) => subject)).toEqual(newestFirst)
    expect(value(opened.store.secondPayments(SHOP)).map(({ digest }) => digest)).toEqual(NAMES)
  })
}

function holdContent(open: OpenStore): void {
  test.each(SNAPSHOTS)('a snapshot is kept byte for byte that has %s', async (_, text) => {
    await using opened = await open()
    const result = resultOf(1, { lineIdMap: new Opaque(text), fiscal: new Opaque(text) })
    const paid = { state: 'final', seq: 3, result, finalize: finalizeOf() } as const
    commit(
      opened.store,
      versioned('order-1', { snapshot: text }),
      floorChanged(1, { tables: new Opaque(text), seq: 2 }),
    )
    for (const { orders, floors } of bothReadGroup(opened)) {
      expect([orders[0]?.snapshot, floors[0]?.tables]).toEqual([text, text])
    }
    commit(opened.store, marked('order-1', paid), secondPayment('order-1', 'x', { snapshot: new Opaque(text) }))
    for (const { closed } of bothReadGroup(opened)) expect(closed[0]?.fiscal).toBe(text)
    const order = find(opened.next(), 'order-1')
    expect([order?.snapshot.json, order?.record.result?.lineIdMap.json]).toEqual([text, text])
    expect(value(opened.store.story(SHOP, reference('order-1')))[0]?.snapshot.json).toBe(text)
    expect(value(opened.store.secondPayments(SHOP))[0]?.snapshot.json).toBe(text)
  })

  test('a snapshot of a megabyte of many scripts is kept', async () => {
    await using opened = await open()
    const text = `{"text":"${'日本語 🍕 é '.repeat(100_000)}"}`
    commit(opened.store, versioned('order-1', { snapshot: text }))
    expect(find(opened.store, 'order-1')?.snapshot.json === text).toBe(true)
    expect(find(opened.next(), 'order-1')?.snapshot.json === text).toBe(true)
  })
}

function holdNumbers(open: OpenStore): void {
  test('numbers are kept up to 2^53 - 1', async () => {
    await using opened = await open()
    const finalize = finalizeOf({ configId: LARGEST, since: LARGEST, settledOrderId: LARGEST })
    const numbers = { version: LARGEST, seq: LARGEST, tableId: LARGEST, at: LARGEST }
    const message = messageOf('m', { version: LARGEST, seq: LARGEST })
    const order = versioned('order-1', { record: { ...numbers, finalize, state: 'finalizing' }, message })
    const table = tableChanged(LARGEST, { at: LARGEST, seq: LARGEST })
    const floor = floorChanged(LARGEST, { at: LARGEST, seq: LARGEST })
    const grant = granted('lock', `${LARGEST}`, { fence: LARGEST, at: LARGEST })
    commit(opened.store, terminalKept('t', { lastActive: LARGEST }), table, floor, grant, order)
    commit(opened.store, ticketGiven(LARGEST, { msgId: 't' }), audited('a', { at: LARGEST }), timeSeen(LARGEST))
    const payment = secondPayment('order-1', 'x', { at: LARGEST, configId: LARGEST })
    commit(opened.store, payment)
    const stored = read(opened.next())
    expect(stored).toMatchObject({ fence: LARGEST, newestWall: LARGEST, terminals: [{ lastActive: LARGEST }] })
    for (const group of bothReadGroup(opened)) {
      expect<unknown>(group.orders[0]?.record).toEqual(order.record)
      expect(group.orders[0]?.messages[0]?.[1]).toEqual(message)
      expect(group.tables).toEqual([table.table])
      expect(group.floors).toMatchObject([{ floorId: LARGEST, seq: LARGEST, at: LARGEST }])
      expect(group.grants).toEqual([grant.grant])
      expect(group).toMatchObject({
        seq: LARGEST,
        tickets: [{ number: LARGEST }],
        ticketMessages: [{ number: LARGEST }],
      })
    }
    expect(value(opened.store.audit(SHOP, 1))).toMatchObject([{ at: LARGEST }])
    expect(value(opened.store.secondPayments(SHOP))).toEqual([payment.payment])
    const result = resultOf(LARGEST)
    commit(opened.store, marked('order-1', { ...numbers, state: 'final', finalize, result }))
    expect(find(opened.next(), 'order-1')?.record.result).toEqual(result)
  })

  test('nought is a number like others, and not nothing', async () => {
    await using opened = await open()
    const record = { tableId: 0, at: 0, finalize: finalizeOf({ configId: 0, since: 0, settledOrderId: 0 }) }
    commit(opened.store, versioned('order-1', { record }), tableChanged(0, { at: 0, seq: 2 }))
    for (const { orders, tables } of bothReadGroup(opened)) {
      expect(orders[0]?.record).toMatchObject(record)
      expect(tables).toMatchObject([{ tableId: 0, at: 0 }])
    }
  })
}
