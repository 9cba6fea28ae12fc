import { describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import type { Clock } from '../../src/engine/ports.ts'
import { createTokenSignIn, signToken, type TokenClaims } from '../../src/signin/token.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const NOW_SECONDS = 1_800_000_000

function clockAt(seconds: number): Clock {
  return { now: () => 0, wall: () => seconds * 1000, at: () => () => undefined }
}

const CLAIMS: TokenClaims = {
  sub: 'till-1',
  name: 'Till 1',
  role: 'cashier',
  configs: [3, 1],
  iat: NOW_SECONDS - 10,
  exp: NOW_SECONDS + 60,
}

function check(token: string, seconds = NOW_SECONDS, secret = SECRET) {
  return createTokenSignIn({ secret, clock: clockAt(seconds) }).check(token)
}

/** A token with any claims, made by somebody who knows the secret. */
function forge(claims: object, algorithm: 'HS256' | 'HS384' = 'HS256'): Promise<string> {
  return sign({ ...CLAIMS, iss: 'pos-hub', ...claims }, SECRET, algorithm)
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

const IDENTITY = { subject: 'till-1', name: 'Till 1', role: 'cashier', configIds: [3, 1] } as const

describe('a good token', () => {
  test('says who it is, with its configurations in their order', async () => {
    expect(await check(await signToken(CLAIMS, SECRET))).toEqual({ ok: true, identity: IDENTITY })
  })

  test.each(['manager', 'cashier', 'waiter', 'kitchen'] as const)('may be of a %s', async (role) => {
    expect(await check(await signToken({ ...CLAIMS, role }, SECRET))).toMatchObject({ ok: true, identity: { role } })
  })

  test.each([[{ configs: undefined }], [{ configs: [] }]])('with %j is good for all configurations', async (claims) => {
    expect(await check(await forge(claims))).toMatchObject({ ok: true, identity: { configIds: [] } })
  })

  test('is taken while the clock of the hub stands years before its issue', async () => {
    const issue = 4_000_000_000
    const token = await forge({ iat: issue, nbf: issue, exp: issue + 60 })
    expect(await check(token, 86_400)).toMatchObject({ ok: true })
  })

  test('is judged by the clock of the hub and no other', async () => {
    expect(await check(await forge({ iat: 10, exp: 1_000 }), 999)).toMatchObject({ ok: true })
  })

  test('is good until its last millisecond', async () => {
    const token = await signToken(CLAIMS, SECRET)
    expect(await check(token, CLAIMS.exp - 0.001)).toMatchObject({ ok: true })
    expect(await check(token, CLAIMS.exp)).toEqual({
      ok: false,
      code: 'TOKEN_EXPIRED',
      reason: 'The token has expired.',
    })
  })

  test.each(['PUBLIC', 'PRIVATE'])(
    'works with a secret that has %s in it, which hono takes for a PEM file',
    async (word) => {
      const secret = `${SECRET}-${word}`
      expect(await check(await signToken(CLAIMS, secret), NOW_SECONDS, secret)).toMatchObject({ ok: true })
    },
  )
})

describe('a token that is refused', () => {
  test.each([
    ['no expiry', { exp: undefined }, '(exp)'],
    ['an expiry that is text', { exp: '2030-01-01' }, '(exp)'],
    ['no subject', { sub: undefined }, '(sub)'],
    ['an empty subject', { sub: '' }, '(sub)'],
    ['a subject of 129 characters', { sub: 'x'.repeat(129) }, '(sub)'],
    ['no name', { name: undefined }, '(name)'],
    ['a name of 65 characters', { name: 'x'.repeat(65) }, '(name)'],
    ['an unknown role', { role: 'owner' }, 'no role'],
    ['no role', { role: undefined }, 'no role'],
    ['configurations that are none', { configs: null }, '(configs)'],
    ['a configuration that is text', { configs: ['1'] }, '(configs)'],
    ['a negative configuration', { configs: [-1] }, '(configs)'],
    ['more configurations than a shop has', { configs: Array.from({ length: 201 }, (_, id) => id) }, '(configs)'],
    ['another issuer', { iss: 'somebody' }, 'not valid'],
    ['no issuer', { iss: undefined }, 'not valid'],
  ])('%s', async (_, claims, reason) => {
    expect(await check(await forge(claims))).toEqual({
      ok: false,
      code: 'TOKEN_REFUSED',
      reason: expect.stringContaining(reason),
    })
  })

  const body = base64({ ...CLAIMS, iss: 'pos-hub' })
  test.each([
    ['nothing', ''],
    ['one word', 'hello'],
    ['two dots and nothing else', '..'],
    ['four parts', 'a.b.c.d'],
    ['parts that are no JSON', '!!!.???.###'],
    ['null parts', 'bnVsbA.bnVsbA.bnVsbA'],
    ['alg none', `${base64({ alg: 'none', typ: 'JWT' })}.${body}.`],
    ['no alg', `${base64({ typ: 'JWT' })}.${body}.`],
    ['no signature', `${base64({ alg: 'HS256', typ: 'JWT' })}.${body}.`],
    ['a megabyte', 'x'.repeat(1_048_576)],
    ['lone surrogates', '\ud800.\ud800.\ud800'],
  ])('%s', async (_, token) => {
    expect(await check(token)).toMatchObject({ ok: false, code: 'TOKEN_REFUSED' })
  })

  test('one longer than a frame has room for, though signed with the secret', async () => {
    const reason = 'The token is too long.'
    expect(await check(await forge({ more: 'x'.repeat(3_000) }))).toEqual({ ok: false, code: 'TOKEN_REFUSED', reason })
  })

  test('one signed with another secret, expired or not', async () => {
    const other = 'another secret of thirty-two characters'
    for (const exp of [CLAIMS.exp, NOW_SECONDS - 1]) {
      expect(await check(await signToken({ ...CLAIMS, exp }, other))).toMatchObject({
        ok: false,
        code: 'TOKEN_REFUSED',
      })
    }
  })

  test('one of another algorithm, though signed with the secret', async () => {
    expect(await check(await forge({}, 'HS384'))).toMatchObject({ ok: false, code: 'TOKEN_REFUSED' })
  })

  test('one whose claims were changed after it was signed', async () => {
    const [head, , signature] = (await signToken(CLAIMS, SECRET)).split('.')
    const token = `${head}.${base64({ ...CLAIMS, iss: 'pos-hub', role: 'manager' })}.${signature}`
    expect(await check(token)).toMatchObject({ ok: false, code: 'TOKEN_REFUSED' })
  })

  test('is not quoted in the reason', async () => {
    const token = await signToken(CLAIMS, 'another secret of thirty-two characters')
    expect(JSON.stringify(await check(token))).not.toContain(token.slice(0, 20))
  })
})

test('without a usable secret the check cannot be made, and nothing is thrown', async () => {
  const token = await signToken(CLAIMS, SECRET)
  expect(await check(token, NOW_SECONDS, '')).toMatchObject({ ok: false, code: 'SIGN_IN_UNAVAILABLE' })
})
