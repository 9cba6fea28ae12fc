import { describe, expect, test } from 'bun:test'
import {
  listConfig,
  maskedView,
  readConfig,
  readFlags,
  SETTING_FLAGS,
  SETTING_KEYS,
  SETTINGS,
} from '../../src/config.ts'

function judge(env: string, text: string): { readonly value: unknown } | { readonly problem: string } {
  const key = SETTING_KEYS.find((one) => SETTINGS[one].env === env)
  if (key === undefined) return { problem: 'no such setting' }
  // Times that let each value stand alone.
  const alone = { ODOO_TIMEOUT_MS: '100', ODOO_CALL_DEAD_MS: '3600000', [env]: text }
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment: alone, file: null })
  return reading.ok ? { value: reading.config[key] } : { problem: reading.problems.join() }
}

test('the defaults are those of PROTOCOL.md and README.md', () => {
  const all = SETTING_KEYS.map((key) => [SETTINGS[key].env, SETTINGS[key].fallback] as const)
  expect(Object.fromEntries(all)).toMatchObject({
    ODOO_API: 'auto',
    ODOO_PASSWORD_FILE: null,
    ODOO_API_KEY: null,
    ODOO_API_KEY_FILE: null,
    ODOO_REST_PREFIX: '/pos-api/v1',
    ODOO_MODEL: 'pos.order',
    ODOO_FINALIZE_METHOD: 'hub_finalize_snapshot',
    ODOO_BATCH_METHOD: 'hub_batch_sync',
    ODOO_CA_FILE: null,
    ODOO_CONNECT_TIMEOUT_MS: 5_000,
    ODOO_TIMEOUT_MS: 30_000,
    ODOO_CALL_DEAD_MS: 150_000,
    HUB_FORWARD: 'completed',
    HUB_ODOO_SIGN_IN: true,
    HUB_ODOO_TOKEN_SECRET: null,
    HUB_TOKEN_CHECK_PATH: '/pos-api/v1/bootstrap',
    HUB_SIGN_IN_HOLD_MS: 14 * 24 * 3_600_000,
  })
})

describe('good values', () => {
  test.each([
    ...['auto', 'rest', 'jsonrpc', 'json2'].map((api) => ['ODOO_API', api, api] as const),
    ['ODOO_URL', 'HTTPS://Odoo.Example.com:443/', 'https://odoo.example.com'],
    ['ODOO_URL', 'HTTP://[::1]:8069//', 'http://[::1]:8069'],
    ['ODOO_URL', 'http://odoo.example.com/shop//', 'http://odoo.example.com/shop'],
    ...['completed', 'all'].map((what) => ['HUB_FORWARD', what, what] as const),
    ['ODOO_REST_PREFIX', '/pos-react/api', '/pos-react/api'],
    ['ODOO_REST_PREFIX', '/pos-react/api//', '/pos-react/api'],
    ['ODOO_REST_PREFIX', '/', ''],
    ['HUB_TOKEN_CHECK_PATH', '/pos-api/v1/me', '/pos-api/v1/me'],
    ['ODOO_MODEL', 'pos.order.hub', 'pos.order.hub'],
    ['ODOO_PASSWORD_FILE', './password', './password'],
    ['ODOO_CA_FILE', '/etc/ssl/shop.pem', '/etc/ssl/shop.pem'],
    ['ODOO_API_KEY', 'k', 'k'],
    ['ODOO_CONNECT_TIMEOUT_MS', '100', 100],
    ['ODOO_TIMEOUT_MS', '600000', 600_000],
    ['HUB_SIGN_IN_HOLD_MS', '0', 0],
    ['HUB_SIGN_IN_HOLD_MS', String(90 * 24 * 3_600_000), 90 * 24 * 3_600_000],
    ['HUB_ODOO_SIGN_IN', 'no', false],
  ])('%s=%s', (env, text, value) => {
    expect(judge(env, text)).toEqual({ value })
  })
})

describe('bad values: the sentence says what is right', () => {
  test.each([
    ['ODOO_API', 'xmlrpc', 'one of auto, rest, jsonrpc, json2'],
    ['ODOO_API', 'REST', 'one of auto, rest, jsonrpc, json2'],
    ['HUB_FORWARD', 'drafts', 'it must be one of'],
    ...['pos-api/v1', 'https://evil.example/', '/a?b=c', '/a b', '/a#b', '/a\n', '/%2e%2e'].map((path) => [
      'ODOO_REST_PREFIX',
      path,
      'it must be a path like /pos-api/v1',
    ]),
    ['HUB_TOKEN_CHECK_PATH', 'bootstrap', 'it must be a path like /pos-api/v1'],
    ['ODOO_MODEL', 'pos.order\n', 'one line without control characters'],
    ['ODOO_PASSWORD_FILE', '/run/secrets/', 'it names a folder'],
    ['ODOO_API_KEY_FILE', '..', 'it names a folder'],
    ['ODOO_CA_FILE', '.', 'it names a folder'],
    ['ODOO_CONNECT_TIMEOUT_MS', '99', 'from 100 to 60000'],
    ['ODOO_CONNECT_TIMEOUT_MS', '60001', 'from 100 to 60000'],
    ['ODOO_TIMEOUT_MS', '600001', 'from 100 to 600000'],
    ['ODOO_CALL_DEAD_MS', '3600001', 'from 100 to 3600000'],
    ['HUB_SIGN_IN_HOLD_MS', '-1', 'from 0 to 7776000000'],
    ['HUB_SIGN_IN_HOLD_MS', '14d', 'from 0 to 7776000000'],
    ['HUB_ODOO_SIGN_IN', 'maybe', 'it must be true or false'],
  ])('%s=%j', (env, text, sentence) => {
    expect(judge(env, text)).toEqual({ problem: expect.stringContaining(sentence) })
  })
})

test('secrets are masked in every listing, and are flags that hide what is typed behind them', () => {
  const secrets = { ODOO_PASSWORD: 'hunter2', ODOO_API_KEY: 'hunter2', HUB_ODOO_TOKEN_SECRET: 'hunter2' }
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment: secrets, file: null })
  if (!reading.ok) throw new Error(reading.problems.join())
  const { config, origins } = reading
  expect([config.odooPassword, config.odooApiKey, config.odooTokenSecret]).toEqual(['hunter2', 'hunter2', 'hunter2'])
  expect(JSON.stringify([listConfig(config, origins), maskedView(config), origins])).not.toContain('hunter2')
  for (const flag of ['odoo-password', 'odoo-api-key', 'odoo-token-secret']) {
    const { problems } = readFlags([`--${flag}`, 'my', 'hunter2'], SETTING_FLAGS)
    expect(problems).toHaveLength(1)
    expect(problems.join()).not.toContain('hunter2')
  }
})
