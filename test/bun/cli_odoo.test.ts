import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO_ACCESS, type DemoServerOptions, startDemoServer } from '../../src/bun/demo_server.ts'
import { languageOf } from '../../src/bun/odoo_words.ts'
import { openFolder } from '../support/folder.ts'
import { odooEnvironment } from '../support/odoo_shop.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY, TEST_AUTHORITY } from '../support/tls.ts'

setDefaultTimeout(30_000)

const MAIN = join(import.meta.dir, '../../src/bun/main.ts')

type Environment = { readonly [name: string]: string }
type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** The real program, with nothing of our environment. */
async function posHub(argv: readonly string[], env: Environment = {}): Promise<Ended> {
  const child = Bun.spawn([process.execPath, MAIN, ...argv], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  for (const secret of [DEMO_ACCESS.password, DEMO_ACCESS.apiKey, 'not-the-password']) {
    expect(stdout + stderr).not.toContain(secret)
  }
  return { code, stdout, stderr }
}

/** With a stand-in of its own, in which nothing is afterwards. */
async function check(
  argv: readonly string[],
  more: { env?: Environment; odoo?: DemoServerOptions } = {},
): Promise<Ended> {
  await using server = await startDemoServer(more.odoo)
  const ended = await posHub(['odoo', 'check', ...argv], { ...odooEnvironment(server), ...more.env })
  expect(server.odoo.orders()).toEqual([])
  return ended
}

describe('pos-hub odoo check', () => {
  test('says that all is well, a line a step', async () => {
    const { code, stdout, stderr } = await check([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(13)
    expect(lines.slice(0, -1).every((line) => line.startsWith('ok        '))).toBe(true)
    expect(lines[5]).toBe('ok        sign-in             Odoo takes the API key.')
    expect(lines.at(-1)).toBe('All is well.')
  })

  test('says what is wrong and what to do, and skips the rest', async () => {
    const env = { ODOO_PASSWORD: 'not-the-password', ODOO_API_KEY: '' }
    const { code, stdout } = await check([], { env, odoo: { series: 17 } })
    expect(code).toBe(1)
    expect(stdout).toContain('\nWRONG     sign-in             Odoo does not let admin in')
    expect(stdout).toContain('\n                           -> Odoo does not let the hub sign in: check ODOO_USER')
    expect(stdout).toContain('\nskipped   way                 Not looked at')
    expect(stdout).toEndWith('One thing is wrong: mend it, then check again.\n')
  })

  test('in Spanish, where the system speaks it', async () => {
    const env = { LANG: 'es_DO.UTF-8', ODOO_API_KEY: '' }
    const { code, stdout } = await check([], { env, odoo: { series: 12, hasAddon: false } })
    expect(code).toBe(1)
    expect(stdout).toContain('\nbien      permisos            admin puede leer pedidos.\n')
    expect(stdout).toContain('\nMAL       módulo: lote        Falta pos.order.hub_batch_sync. Odoo dice: ')
    expect(stdout).toEndWith('2 cosas están mal: corríjalas y revise de nuevo.\n')
  })

  test('warnings alone are no failure', async () => {
    const { code, stdout } = await check(['--lang', 'es'], { env: { ODOO_API_KEY: '', ODOO_API: 'jsonrpc' } })
    expect(code).toBe(0)
    expect(stdout).toContain('\naviso     vía ')
    expect(stdout).toEndWith('El camino está abierto, con un aviso.\n')
  })

  test('as JSON', async () => {
    const { code, stdout } = await check(['--json', '--lang', 'es'], { env: { ODOO_DB: 'other' } })
    expect(code).toBe(1)
    const said = JSON.parse(stdout)
    expect(said).toMatchObject({ ok: false, language: 'es' })
    expect(said.steps).toHaveLength(12)
    expect(said.steps[4]).toEqual({
      step: 'database',
      mark: 'wrong',
      found: 'Odoo no tiene la base de datos other. El servidor tiene demo.',
      advice: 'Ponga en ODOO_DB la del local; cuentan mayúsculas y minúsculas.',
    })
    expect(said.steps[5]).toMatchObject({ step: 'sign_in', mark: 'skipped', advice: null })
  })

  test('a name that has no address', async () => {
    const { code, stdout } = await posHub(['odoo', 'check'], { ODOO_URL: 'http://odoo.invalid', ODOO_API_KEY: 'key' })
    expect(code).toBe(1)
    expect(stdout).toContain('\nWRONG     name                The name odoo.invalid has no address (')
  })

  test('an authority of one’s own is found out, and then trusted', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'ca.pem')
    await Bun.write(path, TEST_AUTHORITY)
    await using server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY },
      fetch: () => new Response('nothing', { status: 404 }),
    })
    const env = { ODOO_URL: `https://localhost:${server.port}`, ODOO_API_KEY: 'key' }
    const { stdout } = await posHub(['odoo', 'check'], env)
    expect(stdout).toContain('WRONG     connection')
    expect(stdout).toContain('set ODOO_CA_FILE')
    const trusted = await posHub(['odoo', 'check'], { ...env, ODOO_CA_FILE: path })
    expect(trusted.stdout).toContain('ok        connection')
    expect(trusted.stdout).toContain('WRONG     Odoo')
  })
})

describe('settings', () => {
  async function settle(env: Environment, argv: readonly string[] = []): Promise<string> {
    const { code, stdout } = await posHub(['odoo', 'check', ...argv], env)
    expect(code).toBe(64)
    expect(stdout).toContain('skipped   name')
    return stdout
  }

  test('without an address, or nothing to sign in with', async () => {
    expect(await settle({})).toStartWith('WRONG     settings            ODOO_URL is not set.\n')
    const stdout = await settle({ ODOO_URL: 'http://127.0.0.1:1' })
    expect(stdout).toStartWith('WRONG     settings            The hub has nothing to sign in to Odoo with.\n')
    const { code, stdout: json } = await posHub(['odoo', 'check', '--json'])
    expect(code).toBe(64)
    expect(JSON.parse(json).steps[0]).toMatchObject({ step: 'settings', mark: 'wrong' })
  })

  test('a secret that others can read, or that is not there', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'password')
    await Bun.write(path, DEMO_ACCESS.password)
    await chmod(path, 0o644)
    const env = { ODOO_URL: 'http://127.0.0.1:1', ODOO_USER: 'admin', ODOO_PASSWORD_FILE: path }
    expect(await settle(env)).toContain('other users can read (mode 644)')
    const es = { ...env, LC_ALL: 'es' }
    const { stdout } = await posHub(['odoo', 'check'], es)
    expect(stdout).toContain('MAL       ajustes')
    expect(stdout).toContain('otros usuarios pueden leer (modo 644)')
    const none = await posHub(['odoo', 'check'], { ...es, ODOO_PASSWORD_FILE: `${path}.none` })
    expect(none.stdout).toContain('no se puede leer: no existe ese archivo.')
    await chmod(path, 0o600)
    const { code } = await posHub(['odoo', 'check'], env)
    expect(code).toBe(1)
  })

  test('a file that holds no certificate', async () => {
    const env = { ODOO_URL: 'https://127.0.0.1:1', ODOO_API_KEY: 'key', ODOO_CA_FILE: MAIN }
    expect(await settle(env)).toContain('holds no certificate in PEM form')
    const { stdout } = await posHub(['odoo', 'check', '--lang=es'], env)
    expect(stdout).toContain('no contiene ningún certificado en formato PEM')
  })

  test.each([
    [['odoo'], 'write pos-hub odoo check'],
    [['odoo', 'chekc'], 'write pos-hub odoo check'],
    [['odoo', 'check', '--lang', 'fr'], '--lang must be en or es'],
    [['odoo', 'check', '--odoo-url', 'nonsense'], '--odoo-url is "nonsense"'],
  ])('%j is refused before anything is asked', async (argv, problem) => {
    const { code, stdout, stderr } = await posHub(argv)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(problem)
  })
})

describe('the language', () => {
  test.each([
    [undefined, {}, 'en'],
    [undefined, { LANG: 'es' }, 'es'],
    [undefined, { LANG: 'es_DO.UTF-8' }, 'es'],
    [undefined, { LANG: 'est_EE' }, 'en'],
    [undefined, { LANG: 'de_DE' }, 'en'],
    [undefined, { LC_MESSAGES: 'es_MX', LANG: 'en_US' }, 'es'],
    [undefined, { LC_ALL: 'C', LC_MESSAGES: 'es_MX' }, 'en'],
    [undefined, { LC_ALL: '', LANG: 'es_ES@euro' }, 'es'],
    ['en', { LC_ALL: 'es' }, 'en'],
    ['es', {}, 'es'],
    ['fr', { LC_ALL: 'es' }, null],
  ] as const)('%p of %j', (asked, environment, language) => {
    expect(languageOf(asked, environment)).toBe(language)
  })
})

test('the help names it', async () => {
  const { stdout } = await posHub(['--help'])
  expect(stdout).toContain('\n  odoo ')
  expect(stdout).toContain('\n  pos-hub odoo check ')
})
