import { afterAll, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TokenSecret, tokenSecret } from '../../src/bun/secret.ts'

const base = mkdtempSync(join(tmpdir(), 'pos-hub-secret-'))
afterAll(() => rmSync(base, { recursive: true }))

const GOOD = 'a secret of more than thirty-two characters'

function folder(): string {
  return mkdtempSync(join(base, 'data-'))
}

function secretOf(data: string, configured: string | null = null): TokenSecret {
  return tokenSecret({ dbPath: join(data, 'hub.sqlite'), tokenSecret: configured })
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

function problemOf(result: TokenSecret): string {
  return result.ok ? '' : result.problem
}

describe('the first time', () => {
  test('a secret is made, for the owner only, in a folder for the owner only', () => {
    const data = join(folder(), 'deep', 'data')
    const made = secretOf(data)
    expect(made).toMatchObject({ ok: true, from: 'made', path: join(data, 'hub.secret'), warning: null })
    expect(made.ok && made.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(modeOf(join(data, 'hub.secret'))).toBe(0o600)
    expect(modeOf(data)).toBe(0o700)
    expect(readdirSync(data)).toEqual(['hub.secret'])
  })

  test('two folders get two secrets', () => {
    const [one, other] = [secretOf(folder()), secretOf(folder())]
    expect(one.ok && one.secret).not.toBe(other.ok && other.secret)
  })

  test('the same one is read from then on', () => {
    const data = folder()
    const made = secretOf(data)
    expect(secretOf(data)).toEqual({ ...made, from: 'file' } as TokenSecret)
  })
})

test('a configured secret is used, and no file is touched', () => {
  const data = folder()
  expect(secretOf(data, GOOD)).toEqual({ ok: true, secret: GOOD, from: 'configuration', path: null, warning: null })
  expect(readdirSync(data)).toEqual([])
})

/** Asks for the secret of each folder on its stdin, as soon as it has read them, and prints what it got. */
const RACER = `
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokenSecret } from ${JSON.stringify(join(import.meta.dir, '../../src/bun/secret.ts'))}
const got = JSON.parse(readFileSync(0, 'utf8')).map((data) => {
  const result = tokenSecret({ dbPath: join(data, 'hub.sqlite'), tokenSecret: null })
  return result.ok ? [result.secret, result.from] : [result.problem, 'problem']
})
process.stdout.write(JSON.stringify(got))
`

test('of processes that ask at the same moment, one makes the secret and all get it', async () => {
  const folders = Array.from({ length: 100 }, folder)
  const racers = Array.from({ length: 3 }, () =>
    Bun.spawn([process.execPath, '-e', RACER], { stdin: 'pipe', stdout: 'pipe' }),
  )
  for (const { stdin } of racers) {
    stdin.write(JSON.stringify(folders))
    stdin.end()
  }
  const got = await Promise.all(racers.map(async ({ stdout }): Promise<string[][]> => JSON.parse(await stdout.text())))
  for (const [at, data] of folders.entries()) {
    const secret = readFileSync(join(data, 'hub.secret'), 'utf8').trim()
    expect(got.map((answers) => answers[at]?.[0])).toEqual([secret, secret, secret])
    expect(got.filter((answers) => answers[at]?.[1] === 'made')).toHaveLength(1)
    expect(readdirSync(data)).toEqual(['hub.secret'])
  }
})

describe('a file that is there', () => {
  test('is used without the line end behind it, also through a link', () => {
    const data = folder()
    writeFileSync(join(data, 'elsewhere'), `${GOOD}\r\n`, { mode: 0o600 })
    symlinkSync('elsewhere', join(data, 'hub.secret'))
    expect(secretOf(data)).toMatchObject({ ok: true, secret: GOOD, from: 'file', warning: null })
  })

  test.each([0o644, 0o640, 0o666, 0o604])('of mode %o is tightened, and that is said', (mode) => {
    const data = folder()
    const path = join(data, 'hub.secret')
    writeFileSync(path, GOOD)
    chmodSync(path, mode)
    expect(secretOf(data)).toMatchObject({ ok: true, secret: GOOD, warning: expect.stringContaining(mode.toString(8)) })
    expect(modeOf(path)).toBe(0o600)
  })

  test.each([
    ['is empty', ''],
    ['is too short', 'x'.repeat(31)],
    ['is blank', ' '.repeat(64)],
  ])('that %s is refused and left alone', (_, text) => {
    const data = folder()
    const path = join(data, 'hub.secret')
    writeFileSync(path, text, { mode: 0o600 })
    expect(problemOf(secretOf(data))).toContain(`${path} cannot be used: it holds fewer than 32 characters`)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('that is no secret but something large is refused', () => {
    const data = folder()
    writeFileSync(join(data, 'hub.secret'), 'x'.repeat(4_097), { mode: 0o600 })
    expect(problemOf(secretOf(data))).toContain('longer than 4096 bytes')
  })

  test('that is a folder is refused', () => {
    const data = folder()
    mkdirSync(join(data, 'hub.secret'))
    expect(problemOf(secretOf(data))).toContain('it is not a file')
  })
})

describe('a folder that cannot be used is one line', () => {
  test('a file has its name', () => {
    const path = join(folder(), 'data')
    writeFileSync(path, '')
    const problem = problemOf(secretOf(path))
    expect(problem).toBe(
      `The token secret ${join(path, 'hub.secret')} cannot be used: a part of its path is not a folder.`,
    )
  })

  test('no file can be made in it', () => {
    const problem = problemOf(secretOf('/proc'))
    expect(problem).toStartWith('The token secret /proc/hub.secret cannot be used: ')
    expect(problem).not.toContain('\n')
  })
})
