import { expect, test } from 'bun:test'
import {
  DEPTH_MAX,
  FRAME_BYTES_MAX,
  negotiate,
  PROTOCOL_HISTORY,
  PROTOCOL_VERSION,
  UNSIGNED_BYTES_MAX,
} from '../../src/protocol/mod.ts'

test('the history goes up to the newest version, by number and by date', () => {
  expect(PROTOCOL_HISTORY.at(-1)?.version).toBe(PROTOCOL_VERSION)
  expect(PROTOCOL_HISTORY[0]?.version).toBe(1)
  for (const [at, entry] of PROTOCOL_HISTORY.entries()) {
    const before = PROTOCOL_HISTORY[at - 1] ?? entry
    expect([entry.version >= before.version, entry.date >= before.date]).toEqual([true, true])
    expect(entry.date).toMatch(/^20\d\d-[01]\d-[0-3]\d$/)
    expect(entry.what.length).toBeGreaterThan(20)
  }
})

test('a session speaks the smaller of what was asked for and what the hub knows', () => {
  expect([undefined, 1, 2, 3, 99].map(negotiate)).toEqual([1, 1, 2, 2, 2])
})

test('the bounds of the wire are those of the contract', () => {
  expect([FRAME_BYTES_MAX, UNSIGNED_BYTES_MAX, DEPTH_MAX]).toEqual([1_048_576, 4_096, 64])
})
