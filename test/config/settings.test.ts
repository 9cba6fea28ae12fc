import { describe, expect, test } from 'bun:test'
import { readConfig, readFlags, SETTING_FLAGS, SETTING_KEYS, SETTINGS } from '../../src/config.ts'

function judge(env: string, text: string): { readonly value: unknown } | { readonly problem: string } {
  const key = SETTING_KEYS.find((one) => SETTINGS[one].env === env)
  if (key === undefined) return { problem: 'no such setting' }
  // A host and times that let each value stand alone.
  const alone = { HUB_HOST: '127.0.0.1', HUB_LEASE_TTL_MS: '3600000', HUB_HEARTBEAT_MS: '10', [env]: text }
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment: alone, file: null })
  return reading.ok ? { value: reading.config[key] } : { problem: reading.problems.join() }
}

describe('the table', () => {
  test('names in use today keep their meaning and default', () => {
    const today = SETTING_KEYS.map((key) => [SETTINGS[key].env, SETTINGS[key].fallback] as const)
    expect(Object.fromEntries(today)).toMatchObject({
      HUB_HTTP_PORT: 8766,
      HUB_PORT: null,
      HUB_HOST: '::',
      HUB_DB_PATH: './hub.sqlite',
      ODOO_URL: null,
      ODOO_DB: null,
      ODOO_USER: null,
      ODOO_PASSWORD: null,
      HUB_LEASE_TTL_MS: 60_000,
      HUB_HEARTBEAT_MS: 20_000,
      HUB_TABLE_LOCK_TTL_MS: 45_000,
      HUB_TABLE_LOCK_HEARTBEAT_MS: 15_000,
      HUB_GRACE_MS: 10_000,
      HUB_FORWARD_INTERVAL_MS: 5_000,
      HUB_FORWARD_BATCH_SIZE: 20,
      HUB_MDNS_ENABLED: true,
      HUB_LOG_LEVEL: 'info',
      HUB_LOG_FORMAT: 'auto',
      HUB_DEV_AUTH: false,
      HUB_DEV_AUTH_ON_LAN: false,
      HUB_CONFIG: null,
      HUB_TOKEN_SECRET: null,
      HUB_GROUPS: new Map(),
      HUB_ORIGINS: [],
      HUB_HOSTS: [],
      HUB_DAY_START: 300,
      HUB_TIME_ZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
      HUB_FRAMES_PER_SECOND_MAX: 2_000,
      HUB_SOCKETS_PER_ADDRESS_MAX: 2_500,
      HUB_SOCKETS_MAX: 5_000,
      HUB_AUTH_TIMEOUT_MS: 5_000,
    })
  })

  test('flag and key are the environment name in other letters', () => {
    for (const key of SETTING_KEYS) {
      const { env, flag } = SETTINGS[key]
      const words = env.replace(/^HUB_/, '').toLowerCase().split('_')
      expect(flag).toBe(words.join('-'))
      if (key !== 'configPath') expect(key.toLowerCase()).toBe(words.join(''))
    }
  })

  test('no two settings share a name', () => {
    expect(new Set(SETTING_KEYS.map((key) => SETTINGS[key].env)).size).toBe(SETTING_KEYS.length)
    expect(new Set(SETTING_FLAGS.map(({ name }) => name)).size).toBe(SETTING_FLAGS.length)
  })
})

describe('good values', () => {
  test.each([
    ['HUB_HTTP_PORT', '0', 0],
    ['HUB_HTTP_PORT', '65535', 65_535],
    ['HUB_PORT', 'tcp://10.0.0.1:80', 'tcp://10.0.0.1:80'],
    ['HUB_HOST', '192.168.1.4', '192.168.1.4'],
    ['HUB_HOST', '::', '::'],
    ['HUB_HOST', 'hub.local', 'hub.local'],
    ['HUB_MDNS_ENABLED', 'FALSE', false],
    ['HUB_MDNS_ENABLED', '0', false],
    ['HUB_MDNS_ENABLED', 'on', true],
    ['HUB_LEASE_TTL_MS', '100', 100],
    ['HUB_GRACE_MS', '0', 0],
    ['HUB_GRACE_MS', '600000', 600_000],
    ['HUB_TOKEN_SECRET', 'x'.repeat(32), 'x'.repeat(32)],
    ['HUB_ORIGINS', '*', ['*']],
    ['HUB_ORIGINS', 'HTTPS://Pos.Example.com:443, tauri://localhost', ['https://pos.example.com', 'tauri://localhost']],
    ['HUB_HOSTS', 'Hub.Example.com,::1', ['hub.example.com', '::1']],
    ['HUB_DAY_START', '00:00', 0],
    ['HUB_DAY_START', '23:59', 1_439],
    ['HUB_TIME_ZONE', 'Europe/Madrid', 'Europe/Madrid'],
    ['ODOO_URL', 'https://odoo.example.com/', 'https://odoo.example.com'],
    ['ODOO_URL', 'http://10.0.0.2:8069/odoo', 'http://10.0.0.2:8069/odoo'],
    ['HUB_DB_PATH', '/var/lib/pos-hub/hub.sqlite', '/var/lib/pos-hub/hub.sqlite'],
    ['HUB_LOG_LEVEL', 'debug', 'debug'],
  ])('%s=%s', (env, text, value) => {
    expect(judge(env, text)).toEqual({ value })
  })

  test('HUB_GROUPS maps each configuration to its group', () => {
    const value = new Map([
      [1, 'main'],
      [2, 'main'],
      [4, 'terrace'],
    ])
    expect(judge('HUB_GROUPS', 'main=1, 2; terrace=4')).toEqual({ value })
  })
})

describe('bad values: the sentence names the setting, the value and what is right', () => {
  const port = 'it must be a whole number from 0 to 65535'
  test.each([
    ...['8766x', '1e3', '-1', '+1', '007', '1.0', ' 8766', '0x10', '65536', '１', String(2 ** 60)].map((text) => [
      'HUB_HTTP_PORT',
      text,
      port,
    ]),
    ['HUB_LEASE_TTL_MS', '99', 'from 100 to 3600000'],
    ['HUB_LEASE_TTL_MS', '3600001', 'from 100 to 3600000'],
    ['HUB_GRACE_MS', '600001', 'from 0 to 600000'],
    ['HUB_FORWARD_BATCH_SIZE', '0', 'from 1 to 1000'],
    ['HUB_DEV_AUTH', 'maybe', 'it must be true or false'],
    ['HUB_LOG_LEVEL', 'verbose', 'one of debug, info, warn, error'],
    ['HUB_HOST', 'http://hub', 'an IP address or a host name'],
    ['HUB_HOST', '127.0.0.256', 'an IP address or a host name'],
    ['HUB_HOST', '127.0.0.1:80', 'an IP address or a host name'],
    ['HUB_DB_PATH', './data/', 'it names a folder'],
    ['HUB_DB_PATH', '..', 'it names a folder'],
    ['HUB_ORIGINS', 'https://a.example,pos.example.com', 'its entry "pos.example.com" is wrong'],
    ['HUB_ORIGINS', 'https://a.example/', 'without a path'],
    ['HUB_ORIGINS', 'https://a.example,,https://b.example', 'its entry "" is wrong'],
    ['HUB_HOSTS', 'hub.example.com:80', 'without scheme, port or path'],
    ['HUB_DAY_START', '24:00', 'from 00:00 to 23:59'],
    ['HUB_DAY_START', '5:00', 'from 00:00 to 23:59'],
    ['HUB_TIME_ZONE', 'Mars/Base', 'the name of a time zone'],
    ['HUB_TIME_ZONE', '+02:00', 'the name of a time zone'],
    ['HUB_GROUPS', 'main=1;terrace=1', 'configuration 1 is in two groups, "main" and "terrace"'],
    ['HUB_GROUPS', 'main=1,1', 'configuration 1 stands in the group "main" twice'],
    ['HUB_GROUPS', 'main=1;main=2', 'the group "main" stands in it twice'],
    ['HUB_GROUPS', 'main', '"main" is not like main=1,2,3'],
    ['HUB_GROUPS', 'ma in=1', '"ma in=1" is not like main=1,2,3'],
    ['HUB_GROUPS', `${'g'.repeat(65)}=1`, 'is not like main=1,2,3'],
    ['HUB_GROUPS', 'main=1,', '"" in the group "main" is not a configuration id'],
    ['HUB_GROUPS', `main=${2 ** 60}`, 'is not a configuration id'],
    ['ODOO_URL', 'odoo.example.com', 'an address like https://odoo.example.com'],
    ['ODOO_URL', 'ftp://odoo.example.com', 'an address like https://odoo.example.com'],
    ['ODOO_DB', 'a\nb', 'one line without control characters'],
  ])('%s=%s', (env = '', text = '', what = '') => {
    const result = judge(env, text)
    expect(result).toEqual({ problem: expect.stringContaining(what) })
    expect(result).toEqual({ problem: expect.stringContaining(`${env} is ${JSON.stringify(text).slice(0, 100)}`) })
  })

  test.each([
    ['HUB_TOKEN_SECRET', 'only-31-characters-of-a-secret!'],
    ['ODOO_URL', 'https://admin:hunter2@odoo.example.com'],
    ['HUB_ORIGINS', 'https://admin:hunter2@odoo.example.com'],
    ['HUB_HOST', 'https://admin:hunter2@odoo.example.com'],
  ])('%s: what may be secret is masked', (env, text) => {
    const result = judge(env, text)
    expect(result).toEqual({ problem: expect.stringMatching(/^[A-Z_]+ is \*{8}: it/) })
    expect(JSON.stringify(result)).not.toMatch(/hunter2|only-31/)
  })

  test('a value of a megabyte is refused, and cut in the sentence', () => {
    const result = judge('ODOO_DB', 'x'.repeat(1_000_000))
    expect(result).toEqual({ problem: expect.stringContaining('at most 16384 characters') })
    expect(JSON.stringify(result).length).toBeLessThan(400)
  })

  test('a list has a bound', () => {
    const names = Array.from({ length: 1_001 }, (_, at) => `h${at}`).join(',')
    expect(judge('HUB_HOSTS', names)).toEqual({ problem: expect.stringContaining('at most 1000 entries') })
  })
})
