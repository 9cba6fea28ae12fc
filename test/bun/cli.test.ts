import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from 'hono/jwt'
import manifest from '../../package.json' with { type: 'json' }

setDefaultTimeout(30_000)

const MAIN = join(import.meta.dir, '../../src/bun/main.ts')
const base = mkdtempSync(join(tmpdir(), 'pos-hub-cli-'))
afterAll(() => rmSync(base, { recursive: true }))

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

type Run = { readonly folder?: string; readonly env?: { readonly [name: string]: string } }

function newFolder(): string {
  return mkdtempSync(join(base, 'shop-'))
}

/** The real program, in a folder of its own and with nothing of our environment. */
async function posHub(argv: readonly string[], { folder = newFolder(), env = {} }: Run = {}): Promise<Ended> {
  const child = Bun.spawn([process.execPath, MAIN, ...argv], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, stdout, stderr }
}

describe('help', () => {
  test('no verb prints the help and is an error', async () => {
    const { code, stdout, stderr } = await posHub([])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    for (const verb of ['serve', 'config', 'token', 'version']) expect(stderr).toContain(`\n  ${verb} `)
  })

  test.each([
    [['--help'], 'Usage: pos-hub VERB'],
    [['help', 'token'], 'Usage: pos-hub token --name NAME --role ROLE'],
    [['config', '-h'], 'Usage: pos-hub config'],
  ])('%j prints it to stdout', async (argv, usage) => {
    const { code, stdout, stderr } = await posHub(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(usage)
    expect(stdout).toContain('Examples:\n')
  })

  test('that of serve names every setting; wrong flags beside it do not matter', async () => {
    const { code, stdout } = await posHub(['serve', '--nope', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--http-port PORT')
    expect(stdout.replace(/\s+/g, ' ')).toContain('[HUB_HTTP_PORT, default 8766]')
    expect(stdout).toContain('--[no-]dev-auth')
    expect(stdout).toContain('[HUB_PORT]')
  })
})

test.each([
  [['sevre'], 'pos-hub: there is no verb "sevre"; did you mean serve? See pos-hub --help.\n'],
  [['help', 'confg'], 'pos-hub: there is no verb "confg"; did you mean config? See pos-hub --help.\n'],
  [
    ['--try'],
    'pos-hub: the first word must be a verb, like pos-hub serve; flags come behind it. See pos-hub --help.\n',
  ],
])('%j is an error', async (argv, stderr) => {
  expect(await posHub(argv)).toEqual({ code: 64, stdout: '', stderr })
})

test('version prints name and version, plain and as JSON', async () => {
  const { name, version } = manifest
  const [plain, json] = await Promise.all([posHub(['version']), posHub(['version', '--json'])])
  expect(plain).toEqual({ code: 0, stdout: `${name} ${version}\n`, stderr: '' })
  expect(JSON.parse(json.stdout)).toEqual({ name, version })
})

describe('config', () => {
  test('says where each value came from, without secrets, and touches nothing', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'hub.json'), '\uFEFF{"graceMs": 7000, "odooPassword": "hunter2"}')
    const env = {
      HUB_CONFIG: 'hub.json',
      HUB_LEASE_TTL_MS: '50000',
      HUB_TOKEN_SECRET: 's3cret'.repeat(6),
      HUB_NOPE: '1',
    }
    const { code, stdout, stderr } = await posHub(['config', '--http-port', '9000'], { folder, env })
    expect(code).toBe(0)
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/))
    expect(lines).toContainEqual(['HUB_HTTP_PORT', '9000', 'flag --http-port'])
    expect(lines).toContainEqual(['HUB_LEASE_TTL_MS', '50000', 'environment HUB_LEASE_TTL_MS'])
    expect(lines).toContainEqual(['HUB_GRACE_MS', '7000', 'file hub.json'])
    expect(lines).toContainEqual(['ODOO_PASSWORD', '********', 'file hub.json'])
    expect(lines).toContainEqual(['ODOO_URL', '(not set)', 'default'])
    expect(stdout + stderr).not.toMatch(/hunter2|s3cret/)
    expect(stderr).toBe('pos-hub: warning: The environment variable HUB_NOPE is not known and has no effect\n')
    expect(readdirSync(folder)).toEqual(['hub.json'])
  })

  test('--json is JSON, and --try is understood', async () => {
    const { code, stdout, stderr } = await posHub(['config', '--json', '--try'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      httpPort: { value: 8766, from: 'default', name: 'default' },
      host: { value: '127.0.0.1', from: 'default', name: 'default of --try' },
      tokenSecret: { value: null },
    })
  })
})

describe('a wrong setting', () => {
  test('all are reported at once, nothing runs, and no secret is shown', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'hub.json'), '{"tokenSecret": hunter2hunter2}')
    const env = { HUB_CONFIG: 'hub.json', HUB_GRACE_MS: '1e3', HUB_LOG_LEVL: 'x', ODOO_URL: 'http://a:hunter2@odoo' }
    const { code, stdout, stderr } = await posHub(['serve', '--htpt-port=1', '--dev-auth'], { folder, env })
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain('did you mean HUB_LOG_LEVEL?')
    expect(stderr).toContain('5 things are wrong; nothing was done.')
    expect(stderr).toContain('did you mean --http-port?')
    expect(stderr).toContain('hub.json cannot be used: it is not JSON (Unexpected identifier text).')
    expect(stderr).toContain('HUB_GRACE_MS is "1e3"')
    expect(stderr).toContain('ODOO_URL is ********')
    expect(stderr).toContain('HUB_DEV_AUTH_ON_LAN=true is said too')
    expect(stderr).not.toContain('hunter2')
    expect(readdirSync(folder)).toEqual(['hub.json'])
  })

  test.each([
    ['nowhere.json', 'there is no such file'],
    [MAIN, 'it is not JSON'],
  ])('a configuration file %s', async (path, reason) => {
    const { code, stderr } = await posHub(['config', `--config=${path}`])
    expect(code).toBe(64)
    expect(stderr).toContain(`The configuration file ${path} cannot be used: ${reason}`)
  })
})

describe('token', () => {
  const till = ['token', '--name', 'Till 1', '--role', 'cashier']

  test('is alone on stdout, and signed with the secret in the data folder', async () => {
    const folder = newFolder()
    const { code, stdout, stderr } = await posHub([...till, '--configs', '1,2', '--days=30', '--try'], { folder })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(stderr).toContain('data/hub.secret')
    const path = join(folder, 'data', 'hub.secret')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const secret = readFileSync(path, 'utf8').trim()
    const claims = await verify(stdout.trim(), secret, { alg: 'HS256', iss: 'pos-hub' })
    expect(claims).toMatchObject({ sub: 'Till 1', name: 'Till 1', role: 'cashier', configs: [1, 2] })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(30 * 86_400)
    expect(stderr).not.toContain(secret)
  })

  test('is good for a year and for everything unless said otherwise, and takes a configured secret', async () => {
    const folder = newFolder()
    const secret = 'a-secret-of-the-shop-0123456789-abcdef'
    const { stdout } = await posHub(till, { folder, env: { HUB_TOKEN_SECRET: secret } })
    const claims = await verify(stdout.trim(), secret, 'HS256')
    expect(claims).toMatchObject({ configs: [] })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(365 * 86_400)
    expect(readdirSync(folder)).toEqual([])
  })

  test('all that is wrong is reported at once, and no secret is made', async () => {
    const folder = newFolder()
    const argv = ['token', '--role=casheer', '--days', '0', '--configs', '1,x', '--grace-ms=x']
    const { code, stdout, stderr } = await posHub(argv, { folder })
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    for (const start of [
      '--name is missing',
      '--role is "casheer"',
      '--days is "0"',
      '--configs is "1,x"',
      '--grace-ms',
    ]) {
      expect(stderr).toContain(`\n  - ${start}`)
    }
    expect(stderr).toContain('did you mean cashier?')
    expect(readdirSync(folder)).toEqual([])
  })

  test('four that ask at once in a new shop get one secret', async () => {
    const folder = newFolder()
    const all = await Promise.all([1, 2, 3, 4].map(() => posHub(till, { folder })))
    expect(readdirSync(folder)).toEqual(['hub.secret'])
    const secret = readFileSync(join(folder, 'hub.secret'), 'utf8').trim()
    for (const { stdout } of all) expect(await verify(stdout.trim(), secret, 'HS256')).toMatchObject({ sub: 'Till 1' })
    expect(all.filter(({ stderr }) => stderr.includes('a new one is in'))).toHaveLength(1)
  })

  test('a data folder that cannot be used is one line and a code of its own', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'data'), '')
    const { code, stdout, stderr } = await posHub([...till, '--db-path', 'data/hub.sqlite'], { folder })
    expect({ code, stdout }).toEqual({ code: 73, stdout: '' })
    expect(stderr).toBe(
      'pos-hub token: The token secret data/hub.secret cannot be used: a part of its path is not a folder.\n',
    )
  })
})

describe('printing', () => {
  async function shell(line: string): Promise<Ended> {
    const env = { PATH: process.env['PATH'] ?? '', BUN: process.execPath, MAIN }
    const child = Bun.spawn(['sh', '-c', line], { cwd: newFolder(), env, stdout: 'pipe', stderr: 'pipe' })
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { code, stdout, stderr }
  }

  test('a reader that has left is no error', async () => {
    const { stderr } = await shell('{ "$BUN" "$MAIN" serve --help; echo "code $?" >&2; } | true')
    expect(stderr).toBe('code 0\n')
  })

  test.skipIf(!existsSync('/dev/full'))('a token that did not go out is an error', async () => {
    const { code } = await shell('"$BUN" "$MAIN" token --name x --role kitchen > /dev/full')
    expect(code).toBe(73)
  })

  test('what was said is out before the process ends, however long', async () => {
    const print = JSON.stringify(join(MAIN, '../print.ts'))
    // The first write makes the pipe non-blocking: then a write takes a part, or says that the pipe is full.
    const script = `import { say } from ${print}; process.stdout.write('y'); say('x'.repeat(3_000_000)); process.exit(0)`
    const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
    expect((await child.stdout.text()).length).toBe(3_000_002)
  })
})
