import { describe, expect, test } from 'bun:test'
import type { SignInResult } from '../../src/engine/ports.ts'
import { ANNA, Porch, SHOP, settled } from './porch.ts'

const AUTH = { type: 'AUTH', token: 'x', deviceId: 'device', protocol: 2 }

/** An `AUTH` frame of so many bytes; its padding is of characters of one, two or three bytes. */
function authOf(bytes: number, filler = 'x'): string {
  const frame = (token: string) => JSON.stringify({ ...AUTH, token, more: '' })
  const left = bytes - Buffer.byteLength(frame(''))
  const count = Math.floor(left / Buffer.byteLength(filler))
  const rest = 'y'.repeat(left - count * Buffer.byteLength(filler))
  return frame('').replace('"more":""', `"more":"${filler.repeat(count)}${rest}"`)
}

describe('the first frame', () => {
  test.each([
    ['another message', '{"type":"HEARTBEAT"}'],
    ['an unknown type', '{"type":"HELLO"}'],
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['an array', '[]'],
    ['binary', null],
  ])('that is %s is refused, and nothing of it is heard', (_, frame) => {
    const porch = new Porch()
    const line = porch.knock()
    porch.gateway.received(line, frame)
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4500'])
    expect(line.lastSaid).toMatchObject({ type: 'AUTH_FAIL', code: 'AUTH_REQUIRED' })
    porch.say(line, AUTH)
    expect([porch.taken(), line.takeDeeds(), porch.signIn.asked]).toEqual([[], [], []])
  })

  test('that is an AUTH which is none says what is wrong with it', () => {
    const porch = new Porch()
    const line = porch.knock()
    porch.say(line, { type: 'AUTH', token: 5, deviceId: 'device' })
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4506'])
    expect(line.lastSaid).toMatchObject({ code: 'MALFORMED', reason: expect.stringContaining('token') })
  })

  test('may have 4,096 bytes, and not one more, whatever its characters', async () => {
    for (const filler of ['x', 'é', '日', '🍕']) {
      const porch = new Porch()
      const [fits, tooLarge] = [porch.knock(), porch.knock()]
      expect(Buffer.byteLength(authOf(4096, filler))).toBe(4096)
      porch.say(fits, authOf(4096, filler))
      porch.say(tooLarge, authOf(4097, filler))
      await settled()
      expect(porch.taken()).toEqual([`sign_in ${fits.id}`])
      expect(tooLarge.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4507'])
      expect(tooLarge.lastSaid).toMatchObject({ code: 'TOO_LARGE' })
    }
  })

  test('that does not come in time closes the socket, at that very moment', () => {
    const porch = new Porch()
    const line = porch.knock()
    porch.clock.advance(4_999)
    expect(line.takeDeeds()).toEqual([])
    porch.clock.advance(1)
    expect(line.takeDeeds()).toEqual(['close 4004'])
    expect(porch.taken()).toEqual([])
  })

  test('that came in time leaves no deadline behind', async () => {
    const porch = new Porch()
    const [checking, open, gone] = [porch.knock(), porch.knock(), porch.knock()]
    porch.signIn.atOnce = undefined
    for (const line of [checking, open]) porch.say(line, AUTH)
    porch.signIn.asked[1]?.answer(ANNA)
    await settled()
    porch.admit(open)
    porch.gateway.closed(gone)
    open.takeDeeds()
    porch.clock.advance(60_000)
    for (const line of [checking, open, gone]) expect(line.takeDeeds()).toEqual([])
    expect(porch.clock.planned).toEqual([])
  })
})

describe('what comes while the token is checked', () => {
  function checking() {
    const porch = new Porch()
    porch.signIn.atOnce = undefined
    const line = porch.knock()
    porch.say(line, AUTH)
    return { porch, line }
  }

  test('waits until the terminal is let in, and is then heard first, in its order', async () => {
    const { porch, line } = checking()
    for (const orderType of ['takeout', 'delivery']) porch.say(line, { type: 'TICKET_NUMBER_REQUEST', orderType })
    porch.signIn.asked[0]?.answer(ANNA)
    await settled()
    porch.say(line, { type: 'HEARTBEAT' })
    expect(porch.taken()).toEqual([`sign_in ${line.id}`])
    porch.admit(line)
    porch.say(line, { type: 'SYNC_REQUEST', epoch: 'e', seq: 1 })
    const tickets = porch.commands.map((command) => (command.kind === 'said' ? command.message : command))
    expect(tickets).toMatchObject([
      { orderType: 'takeout' },
      { orderType: 'delivery' },
      { type: 'HEARTBEAT' },
      { seq: 1 },
    ])
    expect(line.takeDeeds()).toEqual([`join 1/${SHOP}`, `join 2/${SHOP}`])
  })

  test('is heard once, also when it signs in again', async () => {
    const { porch, line } = checking()
    porch.say(line, { type: 'HEARTBEAT' })
    porch.say(line, AUTH)
    porch.signIn.asked[0]?.answer(ANNA)
    await settled()
    porch.admit(line)
    porch.signIn.asked[1]?.answer(ANNA)
    await settled()
    porch.admit(line)
    expect(porch.taken()).toEqual([`sign_in ${line.id}`, 'said HEARTBEAT', `sign_in ${line.id}`])
  })

  test.each([
    ['in one frame', ['x'.repeat(4_096)]],
    ['in many', Array.from({ length: 100 }, () => 'x'.repeat(41))],
    ['in letters of three bytes', Array.from({ length: 3 }, () => '日'.repeat(500))],
    ['in frames of nothing, too many of them', Array.from({ length: 10_000 }, () => '')],
  ])('is bounded: more than 4 kB together is refused, %s', (_, frames) => {
    const { porch, line } = checking()
    for (const frame of frames) {
      porch.say(line, frame)
      porch.clock.advance(1)
    }
    expect(line.takeDeeds().slice(0, 2)).toEqual(['send AUTH_FAIL', 'close 4507'])
    expect(line.lastSaid).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('may not be binary', () => {
    const { porch, line } = checking()
    porch.gateway.received(line, null)
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4500'])
  })

  test('counts for nothing when the terminal is not let in', async () => {
    const { porch, line } = checking()
    porch.say(line, { type: 'HEARTBEAT' })
    porch.signIn.asked[0]?.answer({ ok: false, code: 'TOKEN_REFUSED', reason: 'No.' })
    await settled()
    porch.admit(line)
    expect(porch.taken().filter((command) => command.startsWith('said'))).toEqual([])
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4501'])
  })
})

describe('the answer of the check', () => {
  test.each([
    ['TOKEN_REFUSED', 4501],
    ['TOKEN_EXPIRED', 4502],
    ['SIGN_IN_UNAVAILABLE', 4007],
  ] as const)('%s is told and closes with %p', async (code, number) => {
    const porch = new Porch()
    porch.signIn.atOnce = { ok: false, code, reason: 'Because of this.' }
    const line = porch.knock()
    porch.say(line, AUTH)
    await settled()
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', `close ${number}`])
    expect(line.lastSaid).toEqual({ type: 'AUTH_FAIL', reason: 'Because of this.', code })
    expect(porch.commands.filter(({ kind }) => kind === 'sign_in')).toEqual([])
  })

  test.each([
    ['the socket is gone', (porch: Porch, line: ReturnType<Porch['knock']>) => porch.gateway.closed(line)],
    ['it was told to go', (porch: Porch) => porch.gateway.shut('HUB_UNAVAILABLE')],
    ['it said too much', (porch: Porch, line: ReturnType<Porch['knock']>) => porch.say(line, 'x'.repeat(5_000))],
  ])('is too late when %s, and signs nobody in', async (_, end) => {
    for (const result of [ANNA, { ok: false, code: 'TOKEN_REFUSED', reason: 'No.' }] satisfies SignInResult[]) {
      const porch = new Porch()
      porch.signIn.atOnce = undefined
      const line = porch.knock()
      porch.say(line, AUTH)
      end(porch, line)
      porch.taken()
      line.takeDeeds()
      porch.gateway.open()
      porch.signIn.asked[0]?.answer(result)
      await settled()
      porch.admit(line)
      expect([porch.taken(), line.takeDeeds()]).toEqual([[], []])
    }
  })

  test('finds an engine that takes nothing: come back later', async () => {
    const porch = new Porch()
    porch.isTaking = false
    const line = porch.knock()
    porch.say(line, AUTH)
    await settled()
    expect(line.takeDeeds()).toEqual(['close 4008'])
  })

  test('says no token in the log', async () => {
    const porch = new Porch()
    porch.signIn.atOnce = { ok: false, code: 'TOKEN_REFUSED', reason: 'No.' }
    const line = porch.knock('10.0.0.9')
    porch.say(line, { ...AUTH, token: 'a-secret-token' })
    await settled()
    expect(porch.log.lines).toMatchObject([
      { level: 'info', fields: { code: 'TOKEN_REFUSED', address: '10.0.0.9' } },
      { level: 'debug' },
    ])
    expect(JSON.stringify(porch.log.lines)).not.toContain('a-secret-token')
  })

  test('is logged a few times a second, and the rest is counted', () => {
    const porch = new Porch({ socketsPerAddressMax: 1_000, socketsMax: 1_000 })
    for (let time = 0; time < 500; time++) porch.say(porch.knock(), 'hello')
    expect(porch.log.of('info')).toHaveLength(5)
    porch.clock.advance(1_000)
    porch.say(porch.knock(), 'hello')
    expect(porch.log.lines.findLast(({ level }) => level === 'info')?.fields).toMatchObject({ unsaid: 495 })
  })
})

describe('a second AUTH', () => {
  test('is checked like the first, while the terminal goes on being heard', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.signIn.atOnce = undefined
    porch.say(line, { ...AUTH, token: 'newer' })
    porch.say(line, { type: 'HEARTBEAT' })
    expect(porch.taken()).toEqual(['said HEARTBEAT'])
    expect(porch.signIn.asked.at(-1)?.token).toBe('newer')
    porch.signIn.asked.at(-1)?.answer(ANNA)
    await settled()
    expect(porch.taken()).toEqual([`sign_in ${line.id}`])
    porch.admit(line)
    expect(line.takeDeeds()).toEqual([])
  })

  test('that is refused ends the terminal: it is told, and the engine hears that it is gone', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.signIn.atOnce = { ok: false, code: 'TOKEN_EXPIRED', reason: 'It has expired.' }
    porch.say(line, AUTH)
    await settled()
    expect(line.takeDeeds()).toEqual(['send AUTH_FAIL', 'close 4502'])
    expect(porch.taken()).toEqual([`line_closed ${line.id}`])
  })

  test('may be as large as any frame', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.say(line, authOf(20_000))
    await settled()
    expect(porch.taken()).toEqual([`sign_in ${line.id}`])
  })
})
