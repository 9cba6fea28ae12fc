import { describe, expect, test } from 'bun:test'
import { judgeSettings } from '../../src/upstream/check_settings.ts'
import { SETTINGS } from './road.ts'

const LOGIN = { user: 'hub', password: 'a-secret-word', apiKey: null }
const KEY = { user: null, password: null, apiKey: 'a-secret-key' }
const NAMED_KEY = { ...KEY, user: 'hub' }
const PASSWORD = { ...LOGIN, user: null }
const NOTHING = { user: null, password: null, apiKey: null }

describe('what opens each way', () => {
  test.each([
    ['auto', [LOGIN, KEY, NAMED_KEY], [PASSWORD, NOTHING, { ...NOTHING, user: 'hub' }]],
    ['rest', [LOGIN], [KEY, NAMED_KEY, PASSWORD, NOTHING]],
    ['jsonrpc', [LOGIN, NAMED_KEY], [KEY, PASSWORD, NOTHING]],
    ['json2', [KEY, NAMED_KEY, LOGIN, PASSWORD], [NOTHING]],
  ] as const)('%s', (api, good, bad) => {
    const judge = (access: Partial<typeof SETTINGS>) => judgeSettings({ ...SETTINGS, api, ...access })
    expect(good.map((access) => judge(access).mark)).toEqual(good.map(() => 'ok'))
    expect(bad.map((access) => judge(access).mark)).toEqual(bad.map(() => 'wrong'))
    const texts = JSON.stringify([...good, ...bad].map(judge))
    expect(texts).not.toContain('a-secret')
    for (const access of bad) expect(judge(access).advice?.es).toMatch(/ODOO_(PASSWORD|API_KEY)_FILE/)
  })
})

test('without an address nothing can be done', () => {
  expect(judgeSettings(null)).toMatchObject({ mark: 'wrong', found: { es: 'Falta ODOO_URL.' } })
})
