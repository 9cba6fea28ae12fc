import { describe, expect, test } from 'bun:test'
import { encodeHub, HUB_V2_ONLY, HubMessage, type HubWords, Opaque, OrderState, Role } from '../../src/protocol/mod.ts'
import { HEARD, HEARD_IN_V2_ONLY } from './samples.ts'

const samples = Object.entries(HEARD)

/** A sample as the hub would send it; the table of samples makes sure that type and fields belong together. */
function frameOf(type: string, fields: object): string {
  return encodeHub({ type, ...fields } as HubWords)
}

describe('what the hub may say', () => {
  test('is what PROTOCOL.md lists', () => {
    const types: readonly string[] = HubMessage.options.map((option) => option.shape.type.value)
    expect([...types].sort()).toEqual(Object.keys(HEARD).sort())
    expect(types).toHaveLength(25)
    expect([...HUB_V2_ONLY].sort()).toEqual([...HEARD_IN_V2_ONLY].sort())
  })

  test.each(samples)('%s is a frame that the schema knows, with nothing lost', (type, fields) => {
    const frame: unknown = JSON.parse(frameOf(type, fields))
    expect(HubMessage.parse(frame)).toEqual(frame as HubMessage)
    expect(Object.keys(Object(frame)).sort()).toEqual(['type', ...Object.keys(fields)].sort())
  })

  test.each(samples)('%s carries its opaque values as the text they are', (type, fields) => {
    const carried = opaquesOf(fields)
    const frame = frameOf(type, fields)
    for (const opaque of carried) expect(frame).toContain(`:${opaque.json}`)
    expect(carried.length > 0).toBe(
      /SYNC_INIT|ORDER_UPDATED|REVOKED|CONFLICT|ORDER_FINALIZED|FLOOR_PLAN/.test(type) && type !== 'TABLE_LOCK_REVOKED',
    )
  })

  test.each(samples)('%s without one of its fields is only good where the field is optional', (type, fields) => {
    const option = HubMessage.options.find((one) => one.shape.type.value === type)
    for (const field of Object.keys(fields)) {
      const schema = Object.entries(option?.shape ?? {}).find(([name]) => name === field)?.[1]
      const without = { type, ...JSON.parse(frameOf(type, fields)), [field]: undefined }
      expect([field, HubMessage.safeParse(without).success]).toEqual([
        field,
        schema?.safeParse(undefined).success ?? false,
      ])
    }
  })

  test('has the roles and states of PROTOCOL.md', () => {
    expect([...Role.values]).toEqual(['manager', 'cashier', 'waiter', 'kitchen'])
    expect([...OrderState.values]).toEqual(['open', 'finalizing', 'refused', 'parked', 'final', 'discarded'])
  })
})

describe('a frame of the hub', () => {
  const encode = (message: object) => encodeHub(message as HubWords)

  test('leaves out what is undefined and keeps null', () => {
    expect(encode({ type: 'X', a: undefined, b: null, c: [undefined, null] })).toBe(
      '{"type":"X","b":null,"c":[null,null]}',
    )
  })

  test('prints numbers, text and keys as JSON does', () => {
    const message = {
      type: 'X',
      'k"ey\n': 'a"b\\c\u0000ñ🍕\ud800',
      n: [0, -0, 1.5, 1e21, 2 ** 53 - 1],
      t: true,
      o: {},
      l: [],
    }
    expect(encode(message)).toBe(JSON.stringify(message))
  })

  test('never holds a lone surrogate, which UTF-8 cannot carry', () => {
    expect(encode({ type: 'X', reason: '\ud800 and \udc00' }).isWellFormed()).toBe(true)
  })

  test('keeps a __proto__ key that came from outside', () => {
    const fields: object = JSON.parse('{"type":"X","__proto__":{"a":1}}')
    expect(encode(fields)).toBe('{"type":"X","__proto__":{"a":1}}')
  })

  test('holds opaque text at any depth, even where it stands alone', () => {
    const opaque = new Opaque('{ "a": 1.0 }')
    expect(encode({ a: [opaque, { b: opaque }] })).toBe('{"a":[{ "a": 1.0 },{"b":{ "a": 1.0 }}]}')
  })
})

function opaquesOf(value: unknown): readonly Opaque[] {
  if (value instanceof Opaque) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(opaquesOf) : []
}
