import { describe, expect, test } from 'bun:test'
import {
  ERRORS,
  encodeHub,
  HubMessage,
  type HubWords,
  Next,
  OrderState,
  OrderType,
  Role,
} from '../../src/protocol/mod.ts'
import { checkFrame, checkHubMessage, checkOldFrame } from '../../src/realtime/check.ts'
import { CHECK_SHAPES, ERROR_CODES } from '../../src/realtime/check_shapes.ts'
import { HEARD } from '../protocol/samples.ts'
import { createRandom, type Random } from '../support/random.ts'

const SAMPLES = Object.entries(HEARD).map(([type, fields]) => [type, frameOf(type, fields)] as const)

function frameOf(type: string, fields: object): string {
  return encodeHub({ type, ...fields } as HubWords)
}

/** Values at both sides of every bound that the schemas have, and of every kind that JSON has. */
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, {}, [], [{}], [1], [[]], [null], [undefined], { a: 1 }, [{ a: 1 }, 'x']],
  ...[0, -0, 1, -1, 0.5, 2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1, -(2 ** 53), 1e300, Infinity, Number.NaN],
  ...['', 'x', '0', 'null', ' ', 'a'.repeat(64), 'a'.repeat(65), 'a'.repeat(128), 'a'.repeat(129), 'a'.repeat(5_000)],
  ...[
    '🍕'.repeat(32),
    '🍕'.repeat(33),
    '🍕'.repeat(64),
    '🍕'.repeat(65),
    '\ud83c',
    '\udf55x',
    'x\ud800',
    '\udf55\ud83c',
  ],
  ...OrderState.values,
  ...OrderType.values,
  ...Role.values,
  ...Next.values,
  ...[
    'full',
    'delta',
    'online',
    'offline',
    'opened',
    'open|final',
    'Manager',
    'constructor',
    '__proto__',
    '\u0000',
    'ñ',
  ],
  ...Object.keys(ERRORS),
  ...Object.keys(HEARD),
]

type Place = readonly (string | number)[]

/** Every place in a value, those inside of what is carried too. */
function placesOf(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [at, ...[...keys].flatMap((key) => placesOf(Reflect.get(value, key), [...at, key]))]
}

/** The same with another value at that place. */
function put(value: unknown, at: Place, instead: unknown): unknown {
  const [key, ...rest] = at
  if (key === undefined) return instead
  if (Array.isArray(value)) return value.map((one, place) => (place === key ? put(one, rest, instead) : one))
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, one]) => [name, name === key ? put(one, rest, instead) : one]),
  )
}

/** The same without what stands at that place. */
function cut(value: unknown, at: Place): unknown {
  const [key, ...rest] = at
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, place) => place !== key)
    return value.map((one, place) => (place === key ? cut(one, rest) : one))
  }
  return Object.fromEntries(
    Object.entries(Object(value)).flatMap(([name, one]) => {
      if (name !== key) return [[name, one]]
      return rest.length === 0 ? [] : [[name, cut(one, rest)]]
    }),
  )
}

/** Both judge it; they have to agree, and what is taken is the value itself. */
function judge(value: unknown): boolean {
  const zod = HubMessage.safeParse(value).success
  const light = checkHubMessage(value)
  if (zod !== (light !== null) || (light !== null && !Object.is(light, value)))
    throw new Error(`the schema ${zod ? 'takes' : 'refuses'} ${JSON.stringify(value)}; the light check does not`)
  return zod
}

function tally(values: Iterable<unknown>): { taken: number; refused: number } {
  const count = { taken: 0, refused: 0 }
  for (const value of values) count[judge(value) ? 'taken' : 'refused']++
  return count
}

describe('the light check and the schemas', () => {
  test('know the same types and the same codes', () => {
    const types: readonly string[] = HubMessage.options.map((option) => option.shape.type.value)
    expect(Object.keys(CHECK_SHAPES).sort()).toEqual([...types].sort())
    expect(ERROR_CODES.split('|').sort()).toEqual(Object.keys(ERRORS).sort())
  })

  test('name the same fields, and the same ones may be missing', () => {
    for (const option of HubMessage.options) {
      const type = option.shape.type.value
      const wanted = Object.entries(option.shape).flatMap(([name, schema]) =>
        name === 'type' ? [] : [`${name}${schema.safeParse(undefined).success ? '?' : ''}`],
      )
      const named = CHECK_SHAPES[type].split(' ').map((entry) => (entry.split(':')[0] ?? '').replace('~', ''))
      expect([type, ...named.sort()]).toEqual([type, ...wanted.sort()])
    }
  })

  test.each(SAMPLES)('%s: each value at each place', (_, frame) => {
    const sample: unknown = JSON.parse(frame)
    expect(judge(sample)).toBe(true)
    const places = placesOf(sample)
    const { taken, refused } = tally(places.flatMap((at) => VALUES.map((value) => put(sample, at, value))))
    expect(taken + refused).toBe(places.length * VALUES.length)
    expect(Math.min(taken, refused)).toBeGreaterThan(0)
  })

  test.each(SAMPLES)('%s: without each of its parts, and with more', (_, frame) => {
    const sample: unknown = JSON.parse(frame)
    const places = placesOf(sample).slice(1)
    const more = { more: 1, __proto: {}, toString: 'x', constructor: null }
    tally(places.map((at) => cut(sample, at)))
    expect(judge({ ...Object(sample), ...more })).toBe(true)
    expect(judge(cut(sample, ['type']))).toBe(false)
    expect(judge([sample])).toBe(false)
  })

  test('agree on any mutations at once', () => {
    const random = createRandom(4)
    const { taken, refused } = tally(Array.from({ length: 20_000 }, () => mutated(random)))
    expect(Math.min(taken, refused)).toBeGreaterThan(1_000)
  })
})

/** One to three changes of any sample. */
function mutated(random: Random): unknown {
  const [, frame] = SAMPLES[random.below(SAMPLES.length)] ?? ['', '{}']
  let value: unknown = JSON.parse(frame)
  for (let left = 1 + random.below(3); left > 0; left--) {
    const places = placesOf(value)
    const at = places[random.below(places.length)] ?? []
    const kind = random.below(4)
    if (kind === 0 && at.length > 0) value = cut(value, at)
    else if (kind === 1) value = put(value, [], { ...Object(value), [random.text(3)]: VALUES[random.below(20)] })
    else value = put(value, at, VALUES[random.below(VALUES.length)])
  }
  return value
}

describe('a frame', () => {
  test('of a known type is its message, with every field that it has', () => {
    const frame = '{"type":"LEASE_AVAILABLE","posReference":"A-1","more":{"a":[1]}}'
    expect(checkFrame(frame)).toEqual({ kind: 'message', message: JSON.parse(frame) })
  })

  test.each(['NEXT_YEAR', 'constructor', '__proto__', 'toString', ''])(
    'of the type %j is unknown, no error',
    (type) => {
      expect(checkFrame(JSON.stringify({ type, a: 1 }))).toEqual({ kind: 'unknown', type })
      expect(checkOldFrame(JSON.stringify({ type, a: 1 }))).toEqual({ kind: 'unknown', type })
      expect(checkHubMessage({ type, a: 1 })).toBeNull()
    },
  )

  test.each(['', '{', 'null', '[]', '7', '"HEARTBEAT_OK"', '[{"type":"HEARTBEAT_OK"}]', '\ud800'])(
    '%j is malformed',
    (text) => {
      expect(checkFrame(text)).toEqual({ kind: 'malformed', why: 'the frame is not a JSON object' })
    },
  )

  test.each(['{}', '{"type":null}', '{"type":["HEARTBEAT_OK"]}'])('%s has no type', (text) => {
    expect(checkFrame(text)).toEqual({ kind: 'malformed', why: 'the message has no type' })
  })

  test('says which field is wrong, and nothing of what stood in it', () => {
    const frame = '{"type":"AUTH_OK","terminalId":"t","role":"secret-of-somebody"}'
    expect(checkFrame(frame)).toEqual({ kind: 'malformed', why: 'AUTH_OK: role' })
  })
})

describe('a v1 hub', () => {
  const OLD: readonly object[] = [
    { type: 'AUTH_OK', terminalId: 't-1' },
    { type: 'AUTH_FAIL', reason: 'no' },
    { type: 'SYNC_INIT', orders: [{ posReference: 'A-1', version: 1, snapshot: {} }] },
    { type: 'LEASE_GRANTED', posReference: 'A-1', version: 1, expiresAt: 5 },
    { type: 'LEASE_DENIED', posReference: 'A-1', holder: 't-2', holderName: 'Till 2', reason: 'held' },
    { type: 'ORDER_UPDATED', posReference: 'A-1', version: 2, snapshot: { lines: [] }, sourceTerminal: 't-2' },
    { type: 'CONFLICT', posReference: 'A-1', hubVersion: 2, hubSnapshot: {} },
    { type: 'ORDER_FINALIZED', posReference: 'A-1', orderId: 7, lineIdMap: {} },
    { type: 'ORDER_FINALIZE_ERROR', posReference: 'A-1', error: 'no', retryable: false },
    { type: 'TABLE_LOCK_GRANTED', tableId: 7, expiresAt: 5 },
  ]

  test.each(OLD)('may say less: %j', (message) => {
    expect(checkOldFrame(JSON.stringify(message))).toEqual({ kind: 'message', message } as never)
  })

  test.each(SAMPLES)('may say as much as a v2 hub: %s', (_, frame) => {
    expect(checkOldFrame(frame)).toEqual({ kind: 'message', message: JSON.parse(frame) })
  })

  test.each([
    [{ type: 'SYNC_INIT', orders: [{ posReference: 'A-1', version: 1 }] }, 'SYNC_INIT: orders'],
    [{ type: 'SYNC_INIT', orders: [], seq: -1 }, 'SYNC_INIT: seq'],
    [{ type: 'ORDER_UPDATED', posReference: '', version: 2, snapshot: {} }, 'ORDER_UPDATED: posReference'],
  ])('is held to what it says: %j', (message, why) => {
    expect(checkOldFrame(JSON.stringify(message))).toEqual({ kind: 'malformed', why })
  })
})

test('costs a page less than 2 kB, and brings no schemas along', async () => {
  const built = await Bun.build({ entrypoints: ['src/realtime/check.ts'], minify: true, target: 'browser' })
  const code = (await built.outputs[0]?.text()) ?? ''
  expect(code).toContain('AUTH_OK')
  expect(code).not.toContain('zod')
  expect(Bun.gzipSync(code).length).toBeLessThan(2_048)
})
