import { describe, expect, test } from 'bun:test'
import { PROTOCOL_VERSION, REQUIRED_IN_V2, TerminalMessage, V2_ONLY } from '../../src/protocol/mod.ts'
import { refusal, taken } from './frames.ts'
import { SAID, SAID_IN_V2_ONLY } from './samples.ts'

const samples = Object.entries(SAID)

/** For each field, wherever it stands: what it must never be. */
const WRONG: { readonly [field: string]: readonly unknown[] } = {
  posReference: ['', 'x'.repeat(129), 7, {}, [], true, '\ud800', 'a\udc00b'],
  msgId: ['', 'x'.repeat(129), 7, null, {}, '\ud800'],
  deviceId: ['', 'x'.repeat(129), 7, null, '\udfff'],
  deviceName: ['', 'x'.repeat(65), 7, null, '\ud800'],
  appVersion: ['', 'x'.repeat(65), 7, null],
  token: ['x'.repeat(4097), 7, null, {}],
  protocol: [0, -1, 1.5, '2', null],
  baseVersion: [-1, 0.5, 2 ** 53, '3', null, true, [3], {}],
  fence: [-1, 0.5, 2 ** 53, '3', null],
  seq: [-1, 0.5, 2 ** 53, '3', null],
  tableId: [-1, 0.5, 2 ** 53, '7', null, true, [7]],
  floorId: [-1, 0.5, 2 ** 53, '2', null],
  configId: [-1, 0.5, 2 ** 53, '4', null],
  snapshot: [null, [], 'text', 7, true],
  finalSnapshot: [null, [], 'text', 7, true],
  tables: [null, {}, 'text', [7], [null], [[]], [{}, 'text']],
  status: ['', 'x'.repeat(65), 7, null],
  layoutMode: ['', 'x'.repeat(65), 7, null],
  orderType: ['', 'eat_in', 'TAKEOUT', 7, null],
  epoch: ['', 'x'.repeat(65), 7, null],
  reason: ['x'.repeat(501), 7, null],
  force: ['true', 1, null],
  settled: [null, 7, [], {}, { orderId: '7' }, { orderId: -1 }, { orderId: 0.5 }],
  resume: [
    null,
    7,
    [],
    {},
    { sessionId: 's', epoch: 'e' },
    { sessionId: '', epoch: 'e', seq: 0 },
    { sessionId: 's', epoch: 'e', seq: 0, holds: { tableLocks: ['7'] } },
    { sessionId: 's', epoch: 'e', seq: 0, holds: { tableLocks: Array.from({ length: 501 }, () => 1) } },
    { sessionId: 's', epoch: 'e', seq: 0, holds: { leases: Array.from({ length: 501 }, () => 'A-1') } },
  ],
}

/** The longest and the largest that may stand in a field. */
const EDGES: { readonly [field: string]: readonly unknown[] } = {
  posReference: ['x'.repeat(128), ' ', '日本', '🍕'.repeat(64), 'a/b"c\\d\u0000', '__proto__'],
  msgId: ['x'.repeat(128), '__proto__', 'constructor'],
  deviceId: ['x'.repeat(128)],
  token: ['', 'x'.repeat(4096)],
  protocol: [1, 2, 3, 99],
  baseVersion: [0, 2 ** 53 - 1],
  fence: [0, 2 ** 53 - 1],
  seq: [0, 2 ** 53 - 1],
  tableId: [0, 2 ** 53 - 1],
  snapshot: [{}, { lines: [] }],
  tables: [[], [{}]],
  status: ['x'.repeat(64)],
  reason: ['', 'x'.repeat(500)],
  orderType: ['takeout', 'delivery'],
  resume: [
    {
      sessionId: 's',
      epoch: 'e',
      seq: 0,
      holds: { tableLocks: Array.from({ length: 500 }, () => 1), leases: Array.from({ length: 500 }, () => 'A-1') },
    },
  ],
}

function full(type: keyof typeof SAID): { readonly [field: string]: unknown } {
  const sample = SAID[type]
  return { type, ...sample.needs, ...sample.needsInV2, ...sample.may }
}

function typesWith(field: string): readonly (keyof typeof SAID)[] {
  return TerminalMessage.options.map((option) => option.shape.type.value).filter((type) => field in full(type))
}

/** One case for each message that has the field and each value; long values are shown cut. */
function cases(table: { readonly [field: string]: readonly unknown[] }) {
  return Object.entries(table).flatMap(([field, values]) =>
    typesWith(field).flatMap((type) =>
      values.map((value) => [field, type, JSON.stringify(value).slice(0, 60), value] as const),
    ),
  )
}

describe('what a terminal may say', () => {
  test('is what PROTOCOL.md lists', () => {
    const types: readonly string[] = TerminalMessage.options.map((option) => option.shape.type.value)
    expect([...types].sort()).toEqual(Object.keys(SAID).sort())
    expect([...V2_ONLY].sort()).toEqual([...SAID_IN_V2_ONLY].sort())
    const withMore = samples.filter(([, sample]) => sample.needsInV2 !== undefined).map(([type]) => type)
    expect(Object.keys(REQUIRED_IN_V2).sort()).toEqual(withMore.sort())
    expect(PROTOCOL_VERSION).toBe(2)
  })

  test.each(samples)('%s with every field is taken, and every field arrives', (type, sample) => {
    const said = { type, ...sample.needs, ...sample.needsInV2, ...sample.may }
    const message: object = taken(JSON.stringify(said))
    expect(Object.keys(message).sort()).toEqual(Object.keys(said).sort())
    expect(message).toMatchObject({ type, ...plain(said) })
  })

  test.each(samples.filter(([type]) => !V2_ONLY.has(type)))('%s is taken from v1 with what v1 has', (type, sample) => {
    expect(refusal(JSON.stringify({ type, ...sample.needs }), 1)).toBeUndefined()
  })

  test.each(samples)('%s loses unknown fields and keeps the others', (type, sample) => {
    const said = { unheard: { of: 1 }, type, ...sample.needs, ...sample.needsInV2 }
    const message: object = taken(JSON.stringify(said))
    expect(message).not.toHaveProperty('unheard')
    expect(Object.keys(message)).toHaveLength(Object.keys(said).length - 1)
  })

  const needs = samples.flatMap(([type, sample]) =>
    Object.keys(sample.needs).map((field) => [type, field, sample] as const),
  )

  test.each(needs)('%s without %s is malformed', (type, field, sample) => {
    const said = { type, ...sample.needs, ...sample.needsInV2, [field]: undefined }
    expect([refusal(JSON.stringify(said), 2), refusal(JSON.stringify(said), 1)]).toEqual(
      V2_ONLY.has(type) ? ['MALFORMED', 'UNKNOWN_TYPE'] : ['MALFORMED', 'MALFORMED'],
    )
  })

  test.each(Object.keys(REQUIRED_IN_V2))('%s needs its msgId in v2', (type) => {
    const said = Object.entries(SAID).find(([name]) => name === type)?.[1].needs
    expect(refusal(JSON.stringify({ type, ...said }), 2)).toBe('MALFORMED')
    expect(refusal(JSON.stringify({ type, ...said, msgId: 'm' }), 2)).toBeUndefined()
  })
})

describe('a field', () => {
  test('of every message has its wrong values here', () => {
    const fields = new Set(
      samples.flatMap(([, { needs, may, needsInV2 }]) => Object.keys({ ...needs, ...may, ...needsInV2 })),
    )
    expect([...fields].filter((field) => WRONG[field] === undefined)).toEqual([])
  })

  test.each(cases(WRONG))('%s of %s is never %s', (field, type, _shown, value) => {
    expect(refusal(JSON.stringify({ ...full(type), [field]: value }))).toBe('MALFORMED')
  })

  test.each(cases(EDGES))('%s of %s may be %s', (field, type, _shown, value) => {
    expect(refusal(JSON.stringify({ ...full(type), [field]: value }))).toBeUndefined()
  })

  test('posReference of TABLE_UPDATE may be null: the table is empty', () => {
    expect(taken(JSON.stringify({ ...full('TABLE_UPDATE'), posReference: null }))).toHaveProperty('posReference', null)
  })
})

/** The fields that the hub reads; the carried ones are text by now and have tests of their own. */
function plain(said: { readonly [field: string]: unknown }): { readonly [field: string]: unknown } {
  return Object.fromEntries(
    Object.entries(said).filter(([field]) => !['snapshot', 'finalSnapshot', 'tables'].includes(field)),
  )
}
