import { expect, test } from 'bun:test'
import { nearestName, SETTING_FLAGS, SETTING_KEYS, SETTINGS } from '../../src/config.ts'

const FLAGS = SETTING_FLAGS.map(({ name }) => name)
const ENVIRONMENT = SETTING_KEYS.map((key) => SETTINGS[key].env)

test.each([
  ['http-prot', 'http-port'],
  ['httpPort', 'http-port'],
  ['HTTP_PORT', 'http-port'],
  ['HUB_HTTP_PORT', 'http-port'],
  ['lease-ttl', 'lease-ttl-ms'],
  ['db', 'db-path'],
  ['grace', 'grace-ms'],
  ['mdns', 'mdns-enabled'],
  ['log-lvl', 'log-level'],
])('%p is most likely %p', (given, flag) => {
  expect(nearestName(given, FLAGS)).toBe(flag)
})

test.each([
  ['HUB_DEV_AUHT', 'HUB_DEV_AUTH'],
  ['HUB_ODOO_URL', 'ODOO_URL'],
  ['HUB_TOKEN_SECERT', 'HUB_TOKEN_SECRET'],
])('%p is most likely %p', (given, name) => {
  expect(nearestName(given, ENVIRONMENT)).toBe(name)
})

test.each(['watermelon', 'x', '', '--'])('a bad guess is worse than none: %p', (given) => {
  expect(nearestName(given, FLAGS)).toBeNull()
})

test('swapped neighbours are one slip', () => {
  expect(nearestName('ab', ['ba', 'xyz'])).toBe('ba')
})

test('a name of megabytes is not compared at all', () => {
  expect(nearestName('y'.repeat(4_000_000), FLAGS)).toBeNull()
})
