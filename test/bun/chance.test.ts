import { expect, test } from 'bun:test'
import { createChance } from '../../src/bun/chance.ts'
import { SessionId, TerminalId } from '../../src/protocol/mod.ts'

test('a secret is of 128 bits, fits the wire, and never comes twice', () => {
  const chance = createChance()
  const secrets = Array.from({ length: 10_000 }, () => chance.secret())
  expect(new Set(secrets).size).toBe(secrets.length)
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(16)
  expect(SessionId.safeParse(secrets[0]).success).toBe(true)
})

test('each bit of a secret is a matter of chance', () => {
  const chance = createChance()
  const ones = new Array<number>(128).fill(0)
  for (let time = 0; time < 2_000; time++) {
    for (const [at, byte] of Buffer.from(chance.secret(), 'base64url').entries()) {
      for (let bit = 0; bit < 8; bit++) ones[at * 8 + bit] = (ones[at * 8 + bit] ?? 0) + ((byte >> bit) & 1)
    }
  }
  // 1,000 of 2,000 are to be expected; 11 standard deviations do not happen.
  for (const count of ones) expect(Math.abs(count - 1_000)).toBeLessThan(250)
})

test('a name is short, fits the wire, and does not come twice in a shop', () => {
  const chance = createChance()
  const names = Array.from({ length: 10_000 }, () => chance.name())
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^t-[0-9a-f]{12}$/)
  expect(TerminalId.safeParse(names[0]).success).toBe(true)
})

// Digests are stored: another one tomorrow would forget every session and every msgId.
test.each([
  ['', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
  ['日本語 🍕', undefined],
])('the digest of %p is the same for ever', (text, known) => {
  const expected = new Bun.CryptoHasher('sha256').update(text, 'utf8').digest('base64url')
  expect(createChance().digest(text)).toBe(expected)
  if (known !== undefined) expect(expected).toBe(known)
})
