import { describe, expect, test } from 'bun:test'
import * as z from 'zod'
import {
  canonical,
  DEPTH_MAX,
  ERRORS,
  FRAME_BYTES_MAX,
  HUB_V2_ONLY,
  HubMessage,
  PROTOCOL_HISTORY,
  REQUIRED_IN_V2,
  TerminalMessage,
  UNSIGNED_BYTES_MAX,
  V2_ONLY,
} from '../../src/protocol/mod.ts'

/** What was agreed: the newest entry of `PROTOCOL_HISTORY`, and the hash of the wire that it describes. */
const AGREED = {
  version: 2,
  date: '2026-11-22',
  sha256: 'd43ff6e7289821f491f4eed08ab00070b515a668180d4ff9a9c283f8eb53ea0b',
} as const

/** Everything that both sides must agree on, in one value. Wording for people is not part of it. */
function wire(): unknown {
  return {
    terminal: schemaOf(TerminalMessage),
    hub: schemaOf(HubMessage),
    errors: Object.fromEntries(Object.entries(ERRORS).map(([code, { meaning: _meaning, ...entry }]) => [code, entry])),
    v2: { terminal: [...V2_ONLY].sort(), hub: [...HUB_V2_ONLY].sort(), required: REQUIRED_IN_V2 },
    bounds: { FRAME_BYTES_MAX, UNSIGNED_BYTES_MAX, DEPTH_MAX },
  }
}

function schemaOf(schema: z.ZodType): unknown {
  return sorted(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** The order in which fields, choices and messages are written down is no part of the wire. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((left, right) => (canonical(left) < canonical(right) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]))
}

function hashOf(value: unknown): string {
  return new Bun.CryptoHasher('sha256').update(canonical(value)).digest('hex')
}

describe('the wire', () => {
  test('is the one that was agreed', () => {
    const sha256 = hashOf(wire())
    const newest = PROTOCOL_HISTORY.at(-1)
    if (sha256 !== AGREED.sha256) {
      throw new Error(
        `The wire has changed: its hash is now ${sha256}. Terminals in shops speak the old one. If the change is ` +
          'meant: 1. make sure that an old terminal still works (new fields optional, no type or code renamed); ' +
          '2. add a line to PROTOCOL_HISTORY in src/protocol/version.ts; 3. write its version, its date and this ' +
          'hash into AGREED in test/protocol/wire.test.ts. If it is not meant, take it back.',
      )
    }
    expect([newest?.version, newest?.date]).toEqual([AGREED.version, AGREED.date])
  })

  test('is hashed whole: any change of it shows', () => {
    const before = z.discriminatedUnion('type', [z.object({ type: z.literal('A'), b: z.int().optional() })])
    const changed = [
      z.discriminatedUnion('type', [z.object({ type: z.literal('A'), b: z.int() })]),
      z.discriminatedUnion('type', [z.object({ type: z.literal('A'), c: z.int().optional() })]),
      z.discriminatedUnion('type', [z.object({ type: z.literal('A'), b: z.int().max(9).optional() })]),
      z.discriminatedUnion('type', [z.object({ type: z.literal('B'), b: z.int().optional() })]),
      z.discriminatedUnion('type', [...before.options, z.object({ type: z.literal('C') })]),
    ]
    const hashes = [before, ...changed].map((schema) => hashOf(schemaOf(schema)))
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('is hashed whatever the order of its lines', () => {
    const one = z.union([z.object({ a: z.int(), b: z.literal(['x', 'y']) }), z.object({ c: z.string() })])
    const other = z.union([z.object({ c: z.string() }), z.object({ b: z.literal(['y', 'x']), a: z.int() })])
    expect(hashOf(schemaOf(one))).toBe(hashOf(schemaOf(other)))
  })

  test('names every opaque value, so that one cannot become another', () => {
    const text = canonical(wire())
    for (const title of ['Snapshot', 'FloorTables', 'Fiscal', 'LineIdMap']) expect(text).toContain(`"title":"${title}"`)
  })
})
