import { describe, expect, test } from 'bun:test'
import type { Chance, Identity, SignInResult } from '../../src/engine/ports.ts'
import { type AuthWords, authenticate } from '../../src/gateway/authenticate.ts'
import type { ConfigId, DeviceId, Epoch, GroupId, SessionId } from '../../src/protocol/mod.ts'

const AUTH: AuthWords = { type: 'AUTH', token: 'the token', deviceId: 'tablet-7' as DeviceId, protocol: 2 }
const ANNA: Identity = { subject: 'anna', name: 'Till 1', role: 'waiter', configIds: [] }

const chance: Chance = {
  secret: () => 'a secret',
  name: () => 't-new',
  digest: (text) => `digest of ${text}`,
  fraction: () => 0,
}

function ask(message: Partial<AuthWords>, who: Partial<Identity> = {}, result?: SignInResult) {
  const asked: string[] = []
  const signIn = {
    check: (token: string): Promise<SignInResult> => {
      asked.push(token)
      return Promise.resolve(result ?? { ok: true, identity: { ...ANNA, ...who } })
    },
  }
  const groupOf = (configId: number | null) => `group of ${configId}` as GroupId
  return authenticate({ signIn, chance, groupOf }, 7, { ...AUTH, ...message }).then((done) => ({ done, asked }))
}

async function commandOf(message: Partial<AuthWords>, who: Partial<Identity> = {}) {
  const { done } = await ask(message, who)
  if (!done.ok) throw new Error(done.reason)
  return done.command
}

test('a good token makes a sign-in of the whole', async () => {
  const { done, asked } = await ask({})
  expect(asked).toEqual(['the token'])
  expect<unknown>(done).toEqual({
    ok: true,
    command: {
      kind: 'sign_in',
      configId: null,
      line: 7,
      protocol: 2,
      group: 'group of null',
      deviceId: 'tablet-7',
      subject: 'anna',
      name: 'Till 1',
      role: 'waiter',
      resume: null,
      fresh: { terminalId: 't-new', sessionId: 'a secret', sessionKey: 'digest of a secret' },
      settled: null,
    },
  })
})

test('a token that is refused is refused with its own words', async () => {
  const refused: SignInResult = { ok: false, code: 'TOKEN_EXPIRED', reason: 'It has expired.' }
  expect((await ask({}, {}, refused)).done).toEqual(refused)
})

test.each([
  [undefined, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [99, 2],
] as const)('who asks for protocol %p gets %p', async (protocol, spoken) => {
  const { protocol: _, ...bare } = AUTH
  const message = protocol === undefined ? bare : { ...bare, protocol }
  const signIn = { check: () => Promise.resolve<SignInResult>({ ok: true, identity: ANNA }) }
  const done = await authenticate({ signIn, chance, groupOf: () => 'g' as GroupId }, 1, message)
  expect(done).toMatchObject({ ok: true, command: { protocol: spoken } })
})

describe('the group', () => {
  test.each([
    ['of the point of sale that a v2 terminal names', { configId: 5 }, [], 'group of 5'],
    ['of the one it names among those of its token', { configId: 5 }, [4, 5], 'group of 5'],
    ['of the first one of its token', {}, [4, 5], 'group of 4'],
    ['of none', {}, [], 'group of null'],
    ['of its token, whatever a v1 terminal names', { configId: 5, protocol: 1 }, [4], 'group of 4'],
    ['of point of sale 0', { configId: 0 }, [], 'group of 0'],
  ])('is that %s', async (_, message, configIds, group) => {
    const { configId, ...rest } = message as { configId?: number; protocol?: number }
    const named = configId === undefined ? {} : { configId: configId as ConfigId }
    const command = await commandOf({ ...rest, ...named }, { configIds })
    // What it sells is sold at the same one.
    expect([String(command.group), `group of ${command.configId}`]).toEqual([group, group])
  })

  test('is refused where the token is for others', async () => {
    const { done } = await ask({ configId: 5 as ConfigId }, { configIds: [4, 6] })
    expect(done).toMatchObject({ ok: false, code: 'CONFIG_NOT_ALLOWED', reason: expect.stringContaining('5') })
  })
})

test.each([
  ['of the device, where it says one', { deviceName: 'Bar' }, 'Till 1', 'Bar'],
  ['in the token', {}, 'Till 1', 'Till 1'],
  ['of the device itself, where nobody has named it', {}, '', 'tablet-7'],
])('the name that people see is that %s', async (_, message, name, shown) => {
  expect((await commandOf(message, { name })).name).toBe(shown)
})

describe('a return', () => {
  const resume = { sessionId: 'the secret' as SessionId, epoch: 'e' as Epoch, seq: 9 }

  test('of a v2 terminal names its session by a digest', async () => {
    expect((await commandOf({ resume })).resume).toEqual({ ...resume, sessionKey: 'digest of the secret', holds: {} })
    const holds = { tableLocks: [], leases: [] }
    expect((await commandOf({ resume: { ...resume, holds } })).resume).toMatchObject({ holds })
  })

  test('is none for a v1 terminal', async () => {
    expect((await commandOf({ resume, protocol: 1 })).resume).toBeNull()
  })
})
