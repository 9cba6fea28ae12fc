import { describe, expect, test } from 'bun:test'
import { FakeLine } from './fake_line.ts'
import { Porch, SHOP, STATUS, settled } from './porch.ts'

describe('places', () => {
  test('are counted for each address and in all, and free again when a socket goes', () => {
    const { gateway, knock } = bound(new Porch({ socketsMax: 5, socketsPerAddressMax: 3 }))
    const ours = [knock('a'), knock('a'), knock('a')]
    expect([gateway.hasRoom('a'), gateway.hasRoom('b')]).toEqual([false, true])
    const theirs = [knock('b'), knock('c')]
    expect(['a', 'b', 'c', 'd'].map((address) => gateway.hasRoom(address))).toEqual([false, false, false, false])
    expect(gateway.sockets).toBe(5)
    for (const line of theirs) gateway.closed(line)
    expect([gateway.hasRoom('a'), gateway.hasRoom('b')]).toEqual([false, true])
    for (const line of ours) gateway.closed(line)
    expect([gateway.sockets, gateway.hasRoom('a')]).toEqual([0, true])
  })

  test('never become more than there are, however often a socket is said to be gone', () => {
    const { gateway, knock } = bound(new Porch({ socketsMax: 10, socketsPerAddressMax: 2 }))
    const line = knock('a')
    gateway.closed(new FakeLine(99, 'a'))
    for (let time = 0; time < 5; time++) gateway.closed(line)
    knock('a')
    expect(gateway.hasRoom('a')).toBe(true)
    knock('a')
    expect(gateway.hasRoom('a')).toBe(false)
    expect(gateway.sockets).toBe(2)
  })

  test('are held by a socket that was told to go, until it is gone', () => {
    const { porch, gateway, knock } = bound(new Porch({ socketsPerAddressMax: 1 }))
    const line = knock('a')
    porch.say(line, 'hello')
    expect(gateway.hasRoom('a')).toBe(false)
    gateway.closed(line)
    expect(gateway.hasRoom('a')).toBe(true)
  })
})

function bound(porch: Porch) {
  return { porch, gateway: porch.gateway, knock: (address: string) => porch.knock(address) }
}

describe('the rate', () => {
  test('of a socket is bounded; a second later it begins anew', async () => {
    const porch = new Porch({ framesPerSecondMax: 10 })
    const [line, other] = [await porch.enter(), await porch.enter()]
    porch.clock.advance(1_000)
    for (let second = 0; second < 3; second++) {
      for (let frame = 0; frame < 10; frame++) porch.say(line, { type: 'HEARTBEAT' })
      porch.clock.advance(1_000)
    }
    expect(line.takeDeeds()).toEqual([])
    for (let frame = 0; frame < 11; frame++) porch.say(line, { type: 'HEARTBEAT' })
    expect(line.takeDeeds()).toEqual(['close 4005'])
    expect(porch.taken()).toHaveLength(3 * 10 + 10 + 1)
    porch.say(other, { type: 'HEARTBEAT' })
    expect(porch.taken()).toEqual(['said HEARTBEAT'])
  })

  test('counts every frame: binary ones, bad ones, and those before sign-in', async () => {
    const porch = new Porch({ framesPerSecondMax: 4 })
    const line = await porch.enter()
    porch.clock.advance(1_000)
    porch.gateway.received(line, null)
    for (const frame of ['no JSON', '{"type":"HELLO"}', '{"type":"HEARTBEAT"}', '{"type":"HEARTBEAT"}'])
      porch.say(line, frame)
    expect(line.takeDeeds().at(-1)).toBe('close 4005')
  })
})

describe('the end of a line', () => {
  test('is told to the engine once, whoever ends it', async () => {
    const ends: readonly ((porch: Porch, line: FakeLine) => void)[] = [
      (porch, line) => porch.perform({ kind: 'close', line: line.id, code: 'SILENT' }),
      (porch) => porch.gateway.shut('SHUTTING_DOWN'),
      (porch, line) => {
        line.buffered = 100_000_000
        porch.broadcast(STATUS)
      },
      () => undefined,
    ]
    for (const end of ends) {
      const porch = new Porch()
      const line = await porch.enter()
      end(porch, line)
      porch.perform({ kind: 'close', line: line.id, code: 'REPLACED' })
      porch.gateway.closed(line)
      porch.gateway.closed(line)
      expect(porch.taken()).toEqual([`line_closed ${line.id}`])
      expect(line.takeDeeds().filter((deed) => deed.startsWith('close')).length).toBeLessThanOrEqual(1)
    }
  })

  test('that has said nothing is nothing to the engine', () => {
    const porch = new Porch()
    porch.gateway.closed(porch.knock())
    porch.say(porch.knock(), 'hello')
    expect(porch.taken()).toEqual([])
  })

  test('is told to the engine when its token was being checked: the sign-in may be on its way', async () => {
    const porch = new Porch()
    const line = porch.knock()
    porch.say(line, { type: 'AUTH', token: 'x', deviceId: 'd' })
    await settled()
    porch.gateway.closed(line)
    expect(porch.taken()).toEqual([`sign_in ${line.id}`, `line_closed ${line.id}`])
  })

  test('is waited for; a peer that does not go is cut after 3 s', async () => {
    const porch = new Porch()
    const [slow, quick] = [await porch.enter(), await porch.enter()]
    for (const line of [slow, quick]) porch.perform({ kind: 'close', line: line.id, code: 'SILENT' })
    porch.gateway.closed(quick)
    porch.clock.advance(2_999)
    expect([slow.takeDeeds(), quick.takeDeeds()]).toEqual([['close 4003'], ['close 4003']])
    porch.clock.advance(1)
    expect([slow.takeDeeds(), quick.takeDeeds()]).toEqual([['cut'], []])
    expect(porch.clock.planned).toEqual([])
  })

  test('leaves nothing of it: no frame, effect, pong or drain does anything any more', async () => {
    const porch = new Porch()
    const [gone, going] = [await porch.enter(), await porch.enter()]
    porch.gateway.closed(gone)
    porch.perform({ kind: 'close', line: going.id, code: 'SILENT' })
    porch.taken()
    going.takeDeeds()
    for (const line of [gone, going, new FakeLine(1_000)]) {
      porch.send(line, STATUS)
      porch.perform({ kind: 'ping', line: line.id }, { kind: 'close', line: line.id, code: 'BUSY' })
      porch.admit(line)
      porch.say(line, { type: 'HEARTBEAT' })
      porch.gateway.ponged(line)
      porch.gateway.drained(line)
      expect(line.takeDeeds()).toEqual([])
    }
    expect(porch.taken()).toEqual([])
  })
})

describe('a pong', () => {
  test('is told to the engine by those who are signed in, and by nobody else', async () => {
    const porch = new Porch()
    const [open, fresh] = [await porch.enter(), porch.knock()]
    porch.gateway.ponged(fresh)
    porch.gateway.ponged(open)
    expect(porch.taken()).toEqual([`pong ${open.id}`])
  })
})

describe('a hub that is shut', () => {
  test('tells all to go, in whatever they are, and turns newcomers away until it is open', async () => {
    const porch = new Porch()
    const fresh = porch.knock()
    const checking = porch.knock()
    porch.signIn.atOnce = undefined
    porch.say(checking, { type: 'AUTH', token: 'x', deviceId: 'd' })
    porch.signIn.atOnce = { ok: false, code: 'TOKEN_REFUSED', reason: 'No.' }
    const going = porch.knock()
    porch.say(going, { type: 'AUTH', token: 'x', deviceId: 'd' })
    await settled()
    going.takeDeeds()
    porch.gateway.shut('HUB_UNAVAILABLE')
    const late = porch.knock()
    expect([fresh, checking, going, late].map((line) => line.takeDeeds())).toEqual([
      ['close 4000'],
      ['close 4000'],
      [],
      ['close 4000'],
    ])
    porch.gateway.open()
    const welcome = porch.knock()
    expect(welcome.takeDeeds()).toEqual([])
    // A newcomer that was turned away is counted, until it is gone.
    expect(porch.gateway.sockets).toBe(5)
    porch.clock.advance(3_000)
    expect([fresh, checking, going, late].map((line) => line.takeDeeds())).toEqual([['cut'], ['cut'], ['cut'], ['cut']])
    expect(welcome.takeDeeds()).toEqual([])
  })

  test('says why it is shut now, not why it was', () => {
    const porch = new Porch()
    porch.gateway.shut('HUB_UNAVAILABLE')
    porch.gateway.shut('SHUTTING_DOWN')
    expect(porch.knock().takeDeeds()).toEqual(['close 4001'])
  })

  test('says when the last socket is gone, once', () => {
    const porch = new Porch()
    const lines = [porch.knock(), porch.knock()]
    let told = 0
    porch.gateway.onEmpty(() => told++)
    porch.gateway.shut('SHUTTING_DOWN')
    expect(told).toBe(0)
    for (const line of lines) porch.gateway.closed(line)
    expect(told).toBe(1)
    porch.gateway.closed(porch.knock())
    expect(told).toBe(1)
  })

  test('says so at once when nobody is there', () => {
    const porch = new Porch()
    let told = 0
    porch.gateway.onEmpty(() => told++)
    expect(told).toBe(1)
  })

  test('cuts all that are left', async () => {
    const porch = new Porch()
    const [open, gone] = [await porch.enter(), await porch.enter()]
    porch.gateway.closed(gone)
    porch.gateway.cutAll()
    expect([open.takeDeeds(), gone.takeDeeds()]).toEqual([['cut'], []])
  })
})

describe('letting in', () => {
  test('joins the topics of its protocol, before anything is broadcast', async () => {
    const porch = new Porch()
    const lines = [porch.knock(), porch.knock()]
    for (const line of lines) porch.say(line, { type: 'AUTH', token: 'x', deviceId: 'd' })
    await settled()
    const [old, modern] = lines
    if (old === undefined || modern === undefined) throw new Error('two lines were opened')
    porch.admit(old, 1)
    porch.admit(modern, 2)
    expect(old.takeDeeds()).toEqual([`join 1/${SHOP}`])
    expect(modern.takeDeeds()).toEqual([`join 1/${SHOP}`, `join 2/${SHOP}`])
  })
})
