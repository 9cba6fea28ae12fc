import { describe, expect, test } from 'bun:test'
import {
  type Config,
  type ConfigFile,
  type ConfigReading,
  configPathOf,
  isLoopback,
  listConfig,
  maskedView,
  readConfig,
  readFlags,
  SETTING_FLAGS,
  SETTING_KEYS,
} from '../../src/config.ts'

type Given = { flags?: string[]; environment?: { [name: string]: string }; file?: ConfigFile | object }

function read({ flags = [], environment = {}, file }: Given): ConfigReading {
  const found = file === undefined ? null : 'path' in file ? file : { path: '/etc/hub.json', content: file }
  return readConfig({ flags: readFlags(flags, SETTING_FLAGS), environment, file: found as ConfigFile | null })
}

function good(given: Given): ConfigReading & { ok: true } {
  const reading = read(given)
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  return reading
}

function problemsOf(given: Given): readonly string[] {
  const reading = read(given)
  return reading.ok ? [] : reading.problems
}

describe('what wins', () => {
  const environment = { HUB_HTTP_PORT: '2' }
  const file = { httpPort: 3 }
  const cases: [string, Given, number, object][] = [
    ['flag', { flags: ['--http-port', '1'], environment, file }, 1, { from: 'flag', name: '--http-port', shown: '1' }],
    ['environment', { environment, file }, 2, { from: 'environment', name: 'HUB_HTTP_PORT', shown: '2' }],
    ['file', { file }, 3, { from: 'file', name: '/etc/hub.json', shown: '3' }],
    ['default', {}, 8766, { from: 'default', name: 'default', shown: '8766' }],
  ]
  test.each(cases)('%s', (_, given, value, origin) => {
    const { config, origins } = good(given)
    expect(config.httpPort).toBe(value)
    expect(origins.httpPort).toEqual(expect.objectContaining(origin))
  })

  test('an empty environment value counts as not set', () => {
    expect(good({ environment: { HUB_HTTP_PORT: '', HUB_NOPE: '' }, file }).config.httpPort).toBe(3)
    expect(good({ environment: { HUB_NOPE: '' } }).warnings).toEqual([])
  })

  test('what is overridden is not judged', () => {
    expect(good({ flags: ['--http-port=1'], environment: { HUB_HTTP_PORT: 'x' } }).config.httpPort).toBe(1)
  })
})

describe('--try', () => {
  test('changes four defaults and says so', () => {
    const { config, origins } = good({ flags: ['--try'] })
    expect(config).toMatchObject({ host: '127.0.0.1', dbPath: './data/hub.sqlite', devAuth: true, logFormat: 'text' })
    expect(origins.host.name).toBe('default of --try')
    expect(SETTING_KEYS.filter((key) => origins[key].name !== 'default')).toHaveLength(4)
  })

  test('flags, environment and file still win', () => {
    const environment = { HUB_DB_PATH: '/b.sqlite' }
    const file = { logFormat: 'json' }
    const { config } = good({ flags: ['--try', '--no-dev-auth'], environment, file })
    expect(config).toMatchObject({ devAuth: false, dbPath: '/b.sqlite', logFormat: 'json', host: '127.0.0.1' })
  })

  test('is refused on the local network', () => {
    expect(problemsOf({ flags: ['--try', '--host=0.0.0.0'] })).toEqual([expect.stringContaining('HUB_DEV_AUTH=true')])
  })
})

describe('the file', () => {
  test('takes every kind', () => {
    const file = { httpPort: 0, devAuth: false, odooDb: 'shop', origins: ['https://a.example'], groups: 'main=1' }
    const { config } = good({ file: { ...file, dayStart: '06:30' } })
    const groups = new Map([[1, 'main']])
    const expected: Partial<Config> = { ...file, groups, dayStart: 390 }
    expect(config).toMatchObject(expected)
  })

  test('one that is not used at all is one problem, with its path', () => {
    expect(problemsOf({ file: { path: '/x.json', error: 'there is no such file' } })).toEqual([
      'The configuration file /x.json cannot be used: there is no such file.',
    ])
  })

  test.each([[null], [[]], ['text'], [7]])('%p is not an object', (content) => {
    expect(problemsOf({ file: { path: '/x.json', content } })).toEqual([
      'The configuration file /x.json must hold a JSON object, like {"httpPort": 8766}.',
    ])
  })

  test.each([
    [
      { httpPort: '8766' },
      '"httpPort" in /etc/hub.json is "8766": it must be a whole number from 0 to 65535, without quotes.',
    ],
    [{ httpPort: 1.5 }, '"httpPort" in /etc/hub.json is 1.5: it must be a whole number from 0 to 65535.'],
    [{ httpPort: null }, '"httpPort" in /etc/hub.json is null: it must be a whole number from 0 to 65535.'],
    [{ devAuth: 'true' }, '"devAuth" in /etc/hub.json is "true": it must be true or false, without quotes.'],
    [{ origins: 'https://a.example' }, 'it must be a JSON array of strings.'],
    [{ odooDb: { password: 'hunter2' } }, '"odooDb" in /etc/hub.json is a JSON object: it must be a JSON string.'],
    [{ odooPassword: 123456 }, '"odooPassword" in /etc/hub.json is ********: it must be a JSON string.'],
    [{ htpPort: 1 }, 'There is no setting "htpPort" (in /etc/hub.json); did you mean "httpPort"?'],
    [{ HUB_HTTP_PORT: 1 }, 'There is no setting "HUB_HTTP_PORT" (in /etc/hub.json); did you mean "httpPort"?'],
    [{ constructor: 1 }, 'There is no setting "constructor" (in /etc/hub.json); the keys are httpPort, '],
    [JSON.parse('{"__proto__": 1}'), 'There is no setting "__proto__" (in /etc/hub.json);'],
    [{ configPath: 'x.json' }, 'a configuration file cannot name another'],
  ])('%j', (file, sentence) => {
    expect(problemsOf({ file })).toEqual([expect.stringContaining(sentence)])
  })

  test('its path is taken from the flag, then the environment', () => {
    const flags = readFlags(['--config', 'a.json'], SETTING_FLAGS)
    const none = readFlags([], SETTING_FLAGS)
    const environment = { HUB_CONFIG: 'b.json' }
    expect(configPathOf({ flags, environment })).toBe('a.json')
    expect(configPathOf({ flags: none, environment })).toBe('b.json')
    expect(configPathOf({ flags: none, environment: {} })).toBeNull()
  })
})

describe('problems and warnings', () => {
  test('all at once, from everywhere', () => {
    const flags = ['--nope', '--http-port=x', '--heartbeat-ms=60000', '--dev-auth']
    const environment = { HUB_GRACE_MS: '-1', HUB_DEV_AUHT: 'hunter2' }
    const reading = read({ flags, environment, file: { graceMS: 5, logLevel: 'loud' } })
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.split(' ').slice(0, 5).join(' '))).toEqual([
      'There is no flag --nope;',
      'There is no setting "graceMS"',
      '--http-port is "x": it must',
      'HUB_GRACE_MS is "-1": it must',
      '"logLevel" in /etc/hub.json is "loud":',
      'HUB_DEV_AUTH=true lets everybody in without',
      'HUB_HEARTBEAT_MS (60000) must be shorter',
    ])
    expect(reading.warnings).toEqual([
      'The environment variable HUB_DEV_AUHT is not known and has no effect; did you mean HUB_DEV_AUTH?',
    ])
  })

  test('an unknown variable of another program is not ours to speak of', () => {
    expect(good({ environment: { PATH: '/bin', ODOO_RC: 'x', hub_x: '1' } }).warnings).toEqual([])
  })

  test('HUB_PORT is accepted, and said to be unused', () => {
    expect(good({ environment: { HUB_PORT: 'tcp://10.0.0.1:80' } }).warnings).toEqual([
      expect.stringContaining('HUB_PORT is accepted but unused'),
    ])
    expect(good({ file: { port: 8765 } }).config.port).toBe('8765')
  })
})

describe('settings that must fit each other', () => {
  const refused = { HUB_DEV_AUTH: 'true' }
  test.each(['0.0.0.0', '::', '192.168.1.4', '128.0.0.1', '127.evil.example', 'localhost.example'])(
    'no development sign-in on %s, unless it is said twice',
    (host) => {
      const problem = `HUB_DEV_AUTH=true lets everybody in without a token: it is refused unless the hub listens on loopback (HUB_HOST=127.0.0.1; HUB_HOST is ${host}) or HUB_DEV_AUTH_ON_LAN=true is said too.`
      expect(problemsOf({ environment: { ...refused, HUB_HOST: host } })).toEqual([problem])
      const twice = good({ environment: { ...refused, HUB_HOST: host, HUB_DEV_AUTH_ON_LAN: 'true' } })
      expect(twice.warnings).toEqual([expect.stringContaining('everybody in the network')])
    },
  )

  test.each(['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s is loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true)
      expect(good({ environment: { ...refused, HUB_HOST: host } }).warnings).toEqual([])
    },
  )

  test.each([
    ['HUB_HEARTBEAT_MS', 'HUB_LEASE_TTL_MS'],
    ['HUB_TABLE_LOCK_HEARTBEAT_MS', 'HUB_TABLE_LOCK_TTL_MS'],
  ])('%s is shorter than %s', (beat, ttl) => {
    expect(good({ environment: { [beat]: '199', [ttl]: '200' } }).warnings).toEqual([])
    expect(problemsOf({ environment: { [beat]: '200', [ttl]: '200' } })).toEqual([
      expect.stringContaining(`${beat} (200) must be shorter than ${ttl} (200)`),
    ])
  })
})

describe('what is shown', () => {
  const environment = { HUB_TOKEN_SECRET: 's3cret'.repeat(6), ODOO_PASSWORD: 'hunter2', HUB_GROUPS: 'a=1;b=2' }

  test('secrets are masked everywhere, and what is not set says so', () => {
    const { config, origins } = good({ environment })
    expect(config.odooPassword).toBe('hunter2')
    const rows = listConfig(config, origins)
    const shown = Object.fromEntries(rows.map((row) => [row.environment, row.shown]))
    expect(shown).toMatchObject({ ODOO_PASSWORD: '********', HUB_TOKEN_SECRET: '********', ODOO_URL: '(not set)' })
    expect(JSON.stringify([rows, origins, maskedView(config)])).not.toMatch(/hunter2|s3cret/)
  })

  test('the listing has every setting, in forms that read back', () => {
    const { config, origins } = good({ environment })
    expect(listConfig(config, origins).map(({ key }) => key)).toEqual([...SETTING_KEYS])
    expect(maskedView(config)).toMatchObject({
      httpPort: 8766,
      devAuth: false,
      origins: [],
      groups: 'a=1;b=2',
      dayStart: '05:00',
      odooUrl: null,
      odooPassword: '********',
    })
  })
})
