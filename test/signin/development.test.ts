import { expect, test } from 'bun:test'
import type { SignIn } from '../../src/engine/ports.ts'
import { createDevelopmentSignIn } from '../../src/signin/development.ts'

const asked: string[] = []
const next: SignIn = {
  check: async (token) => {
    asked.push(token)
    return { ok: false, code: 'TOKEN_REFUSED', reason: 'next' }
  },
}

test('an empty token is let in as a manager of everything', async () => {
  asked.length = 0
  expect(await createDevelopmentSignIn(next).check('')).toEqual({
    ok: true,
    identity: { subject: 'development', name: '', role: 'manager', configIds: [] },
  })
  expect(asked).toEqual([])
})

test.each([' ', 'x', '""'])('%j is checked as ever', async (token) => {
  asked.length = 0
  expect(await createDevelopmentSignIn(next).check(token)).toMatchObject({ ok: false, reason: 'next' })
  expect(asked).toEqual([token])
})
