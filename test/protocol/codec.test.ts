import { describe, expect, test } from 'bun:test'
import {
  DEPTH_MAX,
  decodeTerminal,
  FRAME_BYTES_MAX,
  longerThan,
  MsgId,
  NO_FACTS,
  OPAQUE_FIELDS,
} from '../../src/protocol/mod.ts'
import { createRandom } from '../support/random.ts'
import { refusal, snapshotFrame, taken, takenAs } from './frames.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** A frame of exactly so many bytes of UTF-8, filled with one letter and rounded off with `x`. */
function frameOf(bytes: number, letter: string): string {
  const room = bytes - bytesOf(snapshotFrame('{"note":""}'))
  const letters = Math.floor(room / bytesOf(letter))
  return snapshotFrame(`{"note":"${letter.repeat(letters)}${'x'.repeat(room - letters * bytesOf(letter))}"}`)
}

describe('the size of a frame', () => {
  test.each(['a', 'ñ', '€', '日', '🍕'])('is counted in bytes of UTF-8: a frame of %s', (letter) => {
    const largest = frameOf(FRAME_BYTES_MAX, letter)
    const tooLarge = frameOf(FRAME_BYTES_MAX + 1, letter)
    expect([bytesOf(largest), bytesOf(tooLarge)]).toEqual([1_048_576, 1_048_577])
    expect([refusal(largest), refusal(tooLarge)]).toEqual([undefined, 'TOO_LARGE'])
  })

  test('is judged before anything is parsed', () => {
    expect(refusal('['.repeat(FRAME_BYTES_MAX + 1))).toBe('TOO_LARGE')
    expect(refusal('['.repeat(FRAME_BYTES_MAX))).toBe('MALFORMED')
    expect(refusal(`{}${' '.repeat(FRAME_BYTES_MAX)}`)).toBe('TOO_LARGE')
  })

  test('is that of the encoder for any text, lone surrogates too', () => {
    const random = createRandom(1)
    const units = [0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff]
    for (let round = 0; round < 2_000; round++) {
      const codes = Array.from({ length: random.below(12) }, () => units[random.below(units.length)] ?? 0)
      const text = String.fromCharCode(...codes)
      const bytes = bytesOf(text)
      expect([codes, longerThan(text, bytes - 1), longerThan(text, bytes)]).toEqual([codes, true, false])
    }
  })
})

describe('nesting', () => {
  /** A frame whose deepest value stands `depth` levels deep; the frame itself is the first. */
  const nested = (depth: number, open = '[', close = ']') =>
    snapshotFrame(`{"deep":${open.repeat(depth - 2)}${close.repeat(depth - 2)}}`)

  test('of 64 levels is taken, of 65 and of 100,000 refused', () => {
    expect(DEPTH_MAX).toBe(64)
    expect(refusal(nested(64))).toBeUndefined()
    expect(refusal(nested(65))).toBe('MALFORMED')
    expect(refusal(nested(100_000))).toBe('MALFORMED')
  })

  test('of objects counts as that of arrays', () => {
    const objects = (depth: number) => snapshotFrame(`${'{"a":'.repeat(depth - 2)}{}${'}'.repeat(depth - 2)}`)
    expect([refusal(objects(64)), refusal(objects(65))]).toEqual([undefined, 'MALFORMED'])
    expect(refusal(objects(100_000))).toBe('MALFORMED')
  })

  test('counts levels, not brackets, and none in strings', () => {
    expect(refusal(snapshotFrame(`{"flat":[${'[],'.repeat(500)}{}]}`))).toBeUndefined()
    expect(refusal(snapshotFrame(`{"text":"${'[{'.repeat(500)}","quote":"\\"${'['.repeat(500)}"}`))).toBeUndefined()
  })

  test.each(['[', '{', '{"a":', '[[{', '{"type":['])('of 100,000 %s that never close is malformed', (open) => {
    expect(refusal(open.repeat(100_000))).toBe('MALFORMED')
  })
})

describe('a frame that is no message', () => {
  const broken = [
    '',
    ' ',
    '\ufeff{"type":"HEARTBEAT"}',
    '{',
    '}',
    '{}',
    '[]',
    '[{"type":"HEARTBEAT"}]',
    'null',
    'true',
    '7',
    '"HEARTBEAT"',
    'HEARTBEAT',
    '{"type":"HEARTBEAT"',
    '{"type":"HEARTBEAT"}}',
    '{"type":"HEARTBEAT"} {"type":"HEARTBEAT"}',
    '{"type":"HEARTBEAT",}',
    "{'type':'HEARTBEAT'}",
    '{type:"HEARTBEAT"}',
    '{"type":"HEARTBEAT"}//',
    '{"type":"HEART\nBEAT"}',
    '{"type":"HEARTBEAT\\"}',
    '{"type":"HEARTBEAT","a":01}',
    '{"type":"HEARTBEAT","a":NaN}',
    '{"type":"HEARTBEAT","a":\\u0031}',
    '{"type":"HEARTBEAT","a":"\\ud8zz"}',
    '{"type":null}',
    '{"type":7}',
    '{"type":["HEARTBEAT"]}',
    '{"type":{"type":"HEARTBEAT"}}',
    '{"Type":"HEARTBEAT"}',
    '\u0000',
    '{"type":"HEARTBEAT"}\u0000',
    '{:1}',
    ':,:,',
    ']]]]{"snapshot":{}}',
    '"\\',
  ]

  test.each(broken)('is malformed, to v1 and v2: %j', (frame) => {
    expect([refusal(frame, 1), refusal(frame, 2)]).toEqual(['MALFORMED', 'MALFORMED'])
  })

  test('is malformed wherever a good one is cut', () => {
    const frame = snapshotFrame('{"note":"a \\"b\\" \\u00f1","lines":[{"qty":-1.5e3},null]}')
    expect(refusal(frame)).toBeUndefined()
    for (let end = 0; end < frame.length; end++) expect([end, refusal(frame.slice(0, end))]).toEqual([end, 'MALFORMED'])
  })

  const unknown = [
    '',
    'PING',
    'heartbeat',
    'HEARTBEAT ',
    'AUTH_OK',
    'ORDER_UPDATED',
    '__proto__',
    'constructor',
    'toString',
  ]

  test.each(unknown)('of type %j is unknown, and that is no fault of form', (type) => {
    expect([refusal(JSON.stringify({ type }), 1), refusal(JSON.stringify({ type }), 2)]).toEqual([
      'UNKNOWN_TYPE',
      'UNKNOWN_TYPE',
    ])
  })

  test('of v2 is unknown to v1', () => {
    const frame = '{"type":"SYNC_REQUEST","epoch":"e","seq":1}'
    expect([refusal(frame, 1), refusal(frame, 2)]).toEqual(['UNKNOWN_TYPE', undefined])
  })
})

describe('a refusal', () => {
  function answer(frame: object) {
    const decoded = decodeTerminal(JSON.stringify(frame), 2)
    return decoded.ok ? undefined : decoded
  }

  test('carries the msgId of the frame', () => {
    expect(answer({ type: 'ORDER_SNAPSHOT', msgId: 'm-1' })?.msgId).toBe(MsgId.parse('m-1'))
    expect(answer({ type: 'PING', msgId: 'm-1' })?.msgId).toBe(MsgId.parse('m-1'))
    expect(answer({ msgId: 'm-1' })?.msgId).toBe(MsgId.parse('m-1'))
  })

  test.each(['', 'x'.repeat(129), '\ud800', 7, null, {}])('carries no msgId that is none: %j', (msgId) => {
    expect(answer({ type: 'PING', msgId })).not.toHaveProperty('msgId')
  })

  test('says what is wrong, in a bounded number of words', () => {
    expect(answer({ type: 'HEARTBEATS' })?.why).toContain('"HEARTBEATS"')
    expect(answer({ type: 'x'.repeat(100_000) })?.why.length).toBeLessThan(200)
    expect(answer({ type: 'TABLE_LOCK_ACQUIRE', tableId: 'x'.repeat(100_000) })?.why.length).toBeLessThan(200)
    expect(answer({ type: 'TABLE_LOCK_ACQUIRE', tableId: -1 })?.why).toStartWith('TABLE_LOCK_ACQUIRE: tableId: ')
  })
})

describe('keys', () => {
  test('may be written with escapes', () => {
    const frame = snapshotFrame('{"a":1}').replace('"snapshot"', '"snap\\u0073hot"').replace('"type"', '"\\u0074ype"')
    expect(takenAs('ORDER_SNAPSHOT', frame).snapshot.json).toBe('{"a":1}')
  })

  test('that stand twice count as JSON.parse counts them: the last', () => {
    const twice = snapshotFrame('{"a":1}').replace(/\}$/, ',"snap\\u0073hot":{"a":2}}')
    expect(takenAs('ORDER_SNAPSHOT', twice).snapshot.json).toBe('{"a":2}')
    expect(refusal(snapshotFrame('{"a":1}').replace(/\}$/, ',"snapshot":null}'))).toBe('MALFORMED')
    expect(takenAs('ORDER_SNAPSHOT', snapshotFrame('null,"snapshot":{"b":3}')).snapshot.json).toBe('{"b":3}')
  })

  test('called as a carried field are carried only where the message has that field', () => {
    expect(taken('{"type":"HEARTBEAT","snapshot":{"a":1},"tables":[]}')).toEqual({ type: 'HEARTBEAT' })
    const frame = snapshotFrame('{"snapshot":{"a":1},"tables":[{"finalSnapshot":{}}]}')
    expect(takenAs('ORDER_SNAPSHOT', frame).snapshot.json).toBe('{"snapshot":{"a":1},"tables":[{"finalSnapshot":{}}]}')
    expect(OPAQUE_FIELDS).toEqual(['snapshot', 'finalSnapshot', 'tables'])
  })

  const proto = '"__proto__":{"type":"AUTH","polluted":true,"posReference":"B-2","tableId":9}'

  test('called __proto__ change nothing, wherever they stand', () => {
    const frame = snapshotFrame(`{${proto},"lines":[{${proto}}]}`).replace(/\}$/, `,${proto},"constructor":{${proto}}}`)
    const message = takenAs('ORDER_SNAPSHOT', frame)
    expect(Object.keys(message).sort()).toEqual(['baseVersion', 'msgId', 'posReference', 'snapshot', 'type'])
    expect(message).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
    expect(message.snapshot.json).toBe(`{${proto},"lines":[{${proto}}]}`)
    expect(refusal(`{${proto}}`)).toBe('MALFORMED')
    expect(refusal(`{"type":"TABLE_LOCK_ACQUIRE",${proto}}`)).toBe('MALFORMED')
    expect(refusal(`{"type":"AUTH","token":"","deviceId":"d","resume":{${proto}}}`)).toBe('MALFORMED')
  })

  test('may have white space of any kind around them', () => {
    const frame =
      '\r\n\t { "type"\n:\t"ORDER_SNAPSHOT" ,"posReference" : "A-1","baseVersion":\r3 ,\n"msgId":"m" , "snapshot" :\n\t{ "a" : [ ] }\r\n }\n'
    const message = takenAs('ORDER_SNAPSHOT', frame)
    expect(message.snapshot.json).toBe('{ "a" : [ ] }')
    expect(message.baseVersion as number).toBe(3)
  })
})

describe('the facts of a frame', () => {
  const factsOf = (frame: object) => {
    const decoded = decodeTerminal(JSON.stringify(frame), 2)
    return decoded.ok ? decoded.facts : undefined
  }
  const none = NO_FACTS

  test('are read from the snapshot that the message has', () => {
    const snapshot = { tableId: 7, status: 'draft', configId: 3 }
    const order = { posReference: 'A-1', baseVersion: 1, msgId: 'm' }
    expect(factsOf({ type: 'ORDER_SNAPSHOT', ...order, snapshot })).toEqual(snapshot)
    expect(factsOf({ type: 'LEASE_RELEASE', ...order, finalSnapshot: snapshot })).toEqual(snapshot)
    expect(factsOf({ type: 'LEASE_RELEASE', ...order })).toEqual(none)
  })

  test('are never read from a field that the message does not have', () => {
    const stray = { snapshot: { tableId: 8, status: 'paid' }, finalSnapshot: { tableId: 9 } }
    expect(factsOf({ type: 'HEARTBEAT', ...stray })).toEqual(none)
    expect(factsOf({ type: 'LEASE_RELEASE', posReference: 'A-1', ...stray })).toEqual({ ...none, tableId: 9 })
  })
})
