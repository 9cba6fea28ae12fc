import { describe, expect, test } from 'bun:test'
import { failureOf, hideSecrets, tidy, wireFailure } from '../../src/upstream/failure.ts'
import { FAILURE_WORDS } from '../../src/upstream/failure_words.ts'
import { lost, short } from './road.ts'

describe('the text of a failure', () => {
  test('is what is wrong and what to do, then Odoo’s reason, then what the hub saw', () => {
    expect(failureOf('NO_OPEN_SESSION', { says: 'closed\n at 22:00 ', detail: 'HTTP 409' }).text).toBe(
      `${FAILURE_WORDS.NO_OPEN_SESSION.en} Odoo says: closed at 22:00 (HTTP 409)`,
    )
    expect(failureOf('TLS').text).toBe(FAILURE_WORDS.TLS.en)
  })

  test('cuts long reasons between two characters', () => {
    expect(tidy('x'.repeat(500))).toHaveLength(500)
    const cut = tidy(`${'x'.repeat(498)}🍕🍕`)
    expect(cut).toHaveLength(500)
    expect(cut.isWellFormed()).toBe(true)
    expect(cut.endsWith('…')).toBe(true)
  })

  test('leaves out the line that Odoo 12 adds, and no other None', () => {
    expect(tidy('Nothing to do.\nNone')).toBe('Nothing to do.')
    expect(tidy('None')).toBe('None')
  })

  test('shows no secret', () => {
    expect(hideSecrets('user hub, password abc, abc', ['abc', null, ''])).toBe('user hub, password ***, ***')
  })

  test.each(Object.entries(FAILURE_WORDS))('is a sentence in two languages for %s', (_, { en, es }) => {
    for (const words of [en, es]) expect(words).toMatch(/^[A-ZÁÉÍÓÚ].{20,}\.$/)
    expect(en).not.toBe(es)
  })
})

describe('an exchange without an answer', () => {
  test.each([
    [lost('unreachable', false), 'CONNECTION_REFUSED transient server'],
    [lost('name', false), 'NAME_UNKNOWN transient server'],
    [lost('tls', false), 'TLS transient server'],
    [lost('connect_timeout', false), 'CONNECT_TIMEOUT transient server'],
    [lost('lost', false), 'CONNECTION_LOST transient server'],
    [lost('lost', true), 'CONNECTION_LOST ambiguous call landed'],
    [lost('timeout', true), 'TIMEOUT ambiguous call landed'],
    [lost('too_large', true), 'TOO_LARGE ambiguous call landed'],
    [lost('not_http', true), 'NOT_ODOO transient server'],
  ])('%j', (failure, meaning) => expect(short(wireFailure(failure))).toBe(meaning))
})
