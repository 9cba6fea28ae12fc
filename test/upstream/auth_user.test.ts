import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/protocol/mod.ts'
import { ANSWER_SUBJECTS, CLAIM_SUBJECTS, MANAGER_GROUP, readUser, USER_GROUP } from '../../src/upstream/auth_user.ts'

function read(user: JsonObject, shop: JsonObject = {}) {
  const said = readUser({ user: { id: 6, ...user }, subjects: ANSWER_SUBJECTS, shop })
  return said.ok ? said.identity : said.lack
}

describe('the role', () => {
  test.each([
    [{ role: 'manager' }, 'manager'],
    [{ role: ' Admin ' }, 'manager'],
    [{ role: MANAGER_GROUP }, 'manager'],
    [{ role: 'cashier' }, 'cashier'],
    [{ role: 'waiter' }, 'waiter'],
    [{ role: 'kitchen' }, 'kitchen'],
    [{ role: 'owner of everything' }, 'cashier'],
    [{ role: 'waiter', groups: [MANAGER_GROUP], is_manager: true }, 'waiter'],
    [{ groups: [USER_GROUP, MANAGER_GROUP] }, 'manager'],
    [{ groups: ['base.group_user', USER_GROUP] }, 'cashier'],
    [{ groups: ['Point of Sale / User'] }, 'cashier'],
    [{ groups: [3, 17] }, 'cashier'],
    [{ is_manager: true }, 'manager'],
    [{ is_manager: 'true' }, 'cashier'],
    [{}, 'cashier'],
    [{ role: null, groups: null }, 'cashier'],
  ])('of %j is %s', (user, role) => {
    expect(read(user)).toMatchObject({ role })
  })

  test.each([[{ groups: [] }], [{ groups: ['base.group_user'] }], [{ role: null, groups: ['base.group_portal'] }]])(
    'of %j is none: the groups are told, and none is of the tills',
    (user) => {
      expect(read(user)).toBe('no_access')
    },
  )
})

describe('the subject', () => {
  test.each([
    [{ uid: 6, user_id: 7, sub: '8' }, 'odoo:6'],
    [{ uid: false, user_id: 7, sub: '8' }, 'odoo:7'],
    [{ sub: '8' }, 'odoo:8'],
    [{ sub: 'ana@example.com' }, 'odoo:ana@example.com'],
  ])('of %j is %s', (user, subject) => {
    const said = readUser({ user, subjects: CLAIM_SUBJECTS, shop: {} })
    expect(said).toMatchObject({ ok: true, identity: { subject } })
  })

  test.each([
    [{}],
    [{ uid: 0 }],
    [{ uid: -1 }],
    [{ uid: 1.5 }],
    [{ sub: '' }],
    [{ sub: 'x'.repeat(124) }],
    [{ id: 6 }],
  ])('of %j is none', (user) => {
    expect(readUser({ user, subjects: CLAIM_SUBJECTS, shop: {} })).toEqual({ ok: false, lack: 'subject' })
  })
})

test.each([
  [{ name: 'Marta' }, 'Marta'],
  [{ name: false, login: 'marta' }, 'marta'],
  [{ name: ' ', username: 'marta' }, 'marta'],
  [{}, ''],
  [{ name: 'x'.repeat(200) }, 'x'.repeat(64)],
])('the name of %j is %j', (user, name) => {
  expect(read(user)).toMatchObject({ name })
})

describe('the points of sale', () => {
  test.each([
    [{}, []],
    [{ configs: false, config: false }, []],
    [{ config: { name: 'no id' } }, []],
    [{ config: { id: 3 } }, [3]],
    [{ config: 3 }, [3]],
    [{ config_id: [3, 'Bar'] }, [3]],
    [{ configs: [{ id: 1 }, { id: 2 }] }, [1, 2]],
    [{ config_ids: [2, 1] }, [2, 1]],
    [{ config: { id: 2 }, configs: [1, 2, 3] }, [2, 1, 3]],
  ])('of %j are %j', (shop, configIds) => {
    expect(read({}, shop)).toMatchObject({ configIds })
  })

  test.each([[{ configs: 'all' }], [{ configs: [1, 'x'] }], [{ configs: {} }], [{ config_id: 'main' }]])(
    'of %j cannot be read, which does not mean all',
    (shop) => {
      expect(read({}, shop)).toBe('configs')
    },
  )

  test('are bounded', () => {
    const many = Array.from({ length: 500 }, (_, id) => id)
    expect(read({}, { configs: many })).toMatchObject({ configIds: many.slice(0, 200) })
  })
})
