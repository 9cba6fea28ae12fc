import { describe, expect, test } from 'bun:test'
import { expiryOf, sortToken, stablePartOf } from '../../src/upstream/auth_token.ts'
import { AuthStage, addonToken, json, WEB } from './auth_stage.ts'

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

describe('the kind of a token', () => {
  test.each([
    ['a session id of 12 to 16', 'f'.repeat(40)],
    ['one of 17 and later', `${'aB3-_'.repeat(16)}xyz9`],
    ['the shortest', 'x'.repeat(20)],
    ['the longest', 'x'.repeat(512)],
  ])('%s is a web session', (_, token) => {
    expect(sortToken(token)).toEqual({ kind: 'web', text: token })
  })

  test('three parts with a JSON header are a token of the add-on', async () => {
    const token = await addonToken({ sub: 'x', exp: 12 })
    const sorted = sortToken(token)
    expect(sorted).toMatchObject({ kind: 'addon', text: token, header: { alg: 'HS256' }, claims: { sub: 'x' } })
    expect(sorted === null ? null : expiryOf(sorted)).toBe(12_000)
  })

  const BAD: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['one that is too short', 'x'.repeat(19)],
    ['one that is too long', 'x'.repeat(513)],
    ['a header without JSON', `${'a'.repeat(20)}.b.c`],
    ['a header that is a list', `${part([1])}.${part({})}.c`],
    ['four parts', `${part({})}.${part({})}.c.d`],
    ['a token of the add-on beyond the frame', `${part({})}.${'x'.repeat(4_096)}.c`],
    ['a line break', `${'x'.repeat(30)}\r\nX-Admin: 1`],
    ['a line break at the end', `${'x'.repeat(30)}\n`],
    ['a second cookie', `${'x'.repeat(30)}; session_id=1`],
    ['a comma', `${'x'.repeat(30)},y`],
    ['a space', `${'x'.repeat(30)} y`],
    ['a quote', `${'x'.repeat(30)}"`],
    ['a letter beyond ASCII', `${'x'.repeat(30)}é`],
    ['a line break in a token of the add-on', `${part({})}.${part({})}.c\r\nX-Admin: 1`],
  ]

  test.each(BAD)('%s is neither, and nobody is asked', async (_, token) => {
    await using stage = new AuthStage(() => json({ user: { id: 1 } }))
    expect(sortToken(token)).toBeNull()
    expect(await stage.word(token)).toBe('TOKEN_REFUSED')
    expect(stage.heard).toEqual([])
  })

  test('what Odoo changes every three hours is no part of what stays', () => {
    const stable = 'a'.repeat(42)
    const halves = [`${stable}${'b'.repeat(42)}`, `${stable}${'c'.repeat(42)}`].map(sortToken)
    expect(halves.map((token) => token && stablePartOf(token))).toEqual([stable, stable])
    const short = sortToken(WEB)
    expect(short === null ? null : stablePartOf(short)).toBe(WEB)
  })
})
