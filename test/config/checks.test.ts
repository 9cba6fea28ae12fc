import { describe, expect, test } from 'bun:test'
import { crossProblems } from '../../src/config/checks.ts'
import { type ConfigReading, readConfig, readFlags, SETTING_FLAGS } from '../../src/config.ts'

type Environment = { readonly [name: string]: string }

function read(environment: Environment, flags: readonly string[] = [], file: object | null = null): ConfigReading {
  const found = file === null ? null : { path: '/etc/hub.json', content: file }
  return readConfig({ flags: readFlags(flags, SETTING_FLAGS), environment, file: found })
}

function problemsOf(...given: Parameters<typeof read>): readonly string[] {
  const reading = read(...given)
  return reading.ok ? [] : reading.problems
}

function warningsOf(environment: Environment): readonly string[] {
  const reading = read(environment)
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  return reading.warnings
}

const HTTPS = { ODOO_URL: 'https://odoo.example.com' }

describe('one secret, one place', () => {
  test.each(['ODOO_PASSWORD', 'ODOO_API_KEY'])('%s or its file, not both', (name) => {
    const both = { [name]: 'hunter2', [`${name}_FILE`]: '/run/secret' }
    expect(problemsOf(both)).toEqual([`${name} and ${name}_FILE are both set: give one of them.`])
    for (const one of Object.keys(both)) expect(problemsOf({ [one]: 'hunter2' })).toEqual([])
    expect(
      problemsOf({ [name]: 'hunter2' }, [], {
        [name === 'ODOO_PASSWORD' ? 'odooPasswordFile' : 'odooApiKeyFile']: '/x',
      }),
    ).toHaveLength(1)
  })

  test('a password and an API key may stand beside each other: ways differ in what they want', () => {
    expect(problemsOf({ ODOO_PASSWORD: 'hunter2', ODOO_API_KEY_FILE: '/run/key' })).toEqual([])
  })
})

describe('a call is over after the hub has given it up', () => {
  test.each([
    ['30000', '29999', 1],
    ['30000', '30000', 0],
    ['600000', '600000', 0],
    ['100', '100', 0],
  ])('answer in %s, dead after %s: %p problems', (timeout, dead, count) => {
    const problems = problemsOf({ ODOO_TIMEOUT_MS: timeout, ODOO_CALL_DEAD_MS: dead })
    expect(problems).toHaveLength(count)
    for (const one of problems)
      expect(one).toStartWith('ODOO_CALL_DEAD_MS (29999) must be at least ODOO_TIMEOUT_MS (30000)')
  })

  test('a longer time to answer alone is said too; one that is wrong by itself is one problem', () => {
    expect(problemsOf({ ODOO_TIMEOUT_MS: '150001' })).toHaveLength(1)
    expect(problemsOf({ ODOO_TIMEOUT_MS: 'soon', ODOO_CALL_DEAD_MS: '100' })).toHaveLength(1)
    expect(crossProblems({})).toEqual([])
  })
})

describe('--demo', () => {
  const DEMO = '--demo brings a stand-in for Odoo, and ODOO_URL is set too: leave one of them out.'

  test('changes the defaults that --try changes', () => {
    const [demo, attempt] = [read({}, ['--demo']), read({}, ['--try'])]
    expect(demo.ok && demo.config).toEqual(attempt.ok && attempt.config)
    expect(demo.ok && demo.config).toMatchObject({ host: '127.0.0.1', devAuth: true, odooUrl: null })
    expect(problemsOf({}, ['--demo', '--try'])).toEqual([])
    expect(problemsOf({}, ['--demo=yes'])).toHaveLength(1)
  })

  test('is refused beside an Odoo, wherever that is set', () => {
    expect(problemsOf(HTTPS, ['--demo'])).toEqual([DEMO])
    expect(problemsOf({}, ['--demo', '--odoo-url', HTTPS.ODOO_URL])).toEqual([DEMO])
    expect(problemsOf({}, ['--demo'], { odooUrl: HTTPS.ODOO_URL })).toEqual([DEMO])
    expect(problemsOf({ ODOO_URL: '', ODOO_DB: 'shop' }, ['--demo'])).toEqual([])
    expect(problemsOf(HTTPS, ['--try'])).toEqual([])
  })

  test('is refused on the local network, as --try is', () => {
    expect(problemsOf({}, ['--demo', '--host=0.0.0.0'])).toEqual([expect.stringContaining('HUB_DEV_AUTH=true')])
  })
})

describe('what a person should know', () => {
  const NO_SIGN_IN = expect.stringContaining('neither a password nor an API key')
  const UNSAFE = expect.stringContaining('unencrypted')

  test.each(['ODOO_PASSWORD', 'ODOO_PASSWORD_FILE', 'ODOO_API_KEY', 'ODOO_API_KEY_FILE'])(
    'an Odoo without a way to sign in; %s is one',
    (name) => {
      expect(warningsOf(HTTPS)).toEqual([NO_SIGN_IN])
      expect(warningsOf({ ...HTTPS, [name]: 'hunter2' })).toEqual([])
      expect(warningsOf({})).toEqual([])
    },
  )

  test.each([
    ['http://odoo.example.com', [UNSAFE]],
    ['HTTP://192.168.1.9:8069/odoo', [UNSAFE]],
    ['http://127.evil.example', [UNSAFE]],
    ['http://localhost:8069', []],
    ['http://127.0.0.1:8069', []],
    ['http://[::1]:8069', []],
    ['https://odoo.example.com', []],
  ])('a password on an open road: %s', (url, warnings) => {
    expect(warningsOf({ ODOO_URL: url, ODOO_PASSWORD: 'hunter2' })).toEqual(warnings)
  })

  test('no warning and no problem shows a secret', () => {
    const secrets = { ODOO_PASSWORD: 'hunter2', ODOO_API_KEY: 'hunter2', HUB_ODOO_TOKEN_SECRET: 'hunter2' }
    const all = { ...secrets, ODOO_URL: 'http://odoo.example.com', ODOO_PASSWORD_FILE: '/x', ODOO_API_KEY_FILE: '/y' }
    expect(problemsOf(all)).toHaveLength(2)
    expect(problemsOf(all).join()).not.toContain('hunter2')
    expect(warningsOf({ ...secrets, ODOO_URL: 'http://odoo.example.com' }).join()).not.toContain('hunter2')
  })
})
