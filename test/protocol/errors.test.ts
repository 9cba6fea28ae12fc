import { describe, expect, test } from 'bun:test'
import { closeNumber, ERRORS, ErrorCode, Next } from '../../src/protocol/mod.ts'

type Entry = { readonly meaning: string; readonly next: Next; readonly close?: number }

const table: readonly (readonly [code: string, entry: Entry])[] = Object.entries(ERRORS)
const closing = table.filter(([, entry]) => entry.close !== undefined)

describe('the table of codes', () => {
  test.each(table)('%s has a name, a sentence and a next step', (code, entry) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/)
    expect(entry.meaning).toMatch(/^[A-Z][a-z]* [^\n]{8,80}[A-Za-z]\.$/)
    expect(Next.safeParse(entry.next).success).toBe(true)
    expect(ErrorCode.safeParse(code).success).toBe(true)
  })

  test('says each thing once', () => {
    expect(new Set(table.map(([, entry]) => entry.meaning)).size).toBe(table.length)
  })

  test('knows no other code', () => {
    expect(
      ['', 'malformed', '__proto__', 'toString', 'UNKNOWN'].filter((code) => ErrorCode.safeParse(code).success),
    ).toEqual([])
  })

  test('has every next step of PROTOCOL.md, and uses each', () => {
    expect([...Next.values]).toEqual(['rebase', 'later', 'sign_in', 'upgrade', 'never'])
    expect(new Set(table.map(([, entry]) => entry.next))).toEqual(new Set(Next.values))
  })

  test('has the codes that PROTOCOL.md names', () => {
    const named = ['MSG_ID_REUSED', 'ORDER_FINAL', 'NO_LEASE', 'LEASE_HELD', 'NO_OPEN_SESSION']
    expect(named.filter((code) => !ErrorCode.safeParse(code).success)).toEqual([])
  })
})

describe('close codes', () => {
  test('are one for each reason', () => {
    expect(new Set(closing.map(([, entry]) => entry.close)).size).toBe(closing.length)
    expect(closing.length).toBeGreaterThan(10)
  })

  test.each(closing)('%s closes in the range of what comes next', (_code, entry) => {
    const close = entry.close ?? 0
    expect([close >= 4000 && close <= 4499, close >= 4500 && close <= 4999]).toEqual(
      entry.next === 'later' ? [true, false] : [false, true],
    )
  })

  test('are given by name', () => {
    expect([closeNumber('SLOW_READER'), closeNumber('TOO_LARGE')]).toEqual([4002, 4507])
    expect([closeNumber('HUB_UNAVAILABLE'), closeNumber('SHUTTING_DOWN')]).toEqual([4000, 4001])
  })
})
