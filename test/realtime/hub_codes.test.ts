import { expect, test } from 'bun:test'
import { ERRORS, type ErrorCode } from '../../src/protocol/mod.ts'
import { closeRefusal, nextOf } from '../../src/realtime/hub_codes.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]

test('what to do about a code is what the protocol says', () => {
  const wanted = Object.fromEntries(CODES.map((code) => [code, ERRORS[code].next]))
  expect(Object.fromEntries(CODES.map((code) => [code, nextOf(code)]))).toEqual(wanted)
})

test('every close number of the protocol is known by its code', () => {
  const closing = CODES.flatMap((code) => {
    const entry = ERRORS[code]
    return 'close' in entry ? [{ code, number: entry.close }] : []
  })
  expect(closing.map(({ number }) => closeRefusal(number, 'why').code)).toEqual(closing.map(({ code }) => code))
})

test.each([
  [4_400, 'later'],
  [4_900, 'never'],
  [1_006, 'later'],
  [1_000, 'later'],
] as const)('a close number that is not known, %i, means %s', (number, next) => {
  expect(closeRefusal(number, '').next).toBe(next)
})
