import { describe, expect, test } from 'bun:test'
import { SLOW_BYTES_MAX } from '../../src/gateway/limits.ts'
import {
  type Epoch,
  FRAME_BYTES_MAX,
  HUB_V2_ONLY,
  type HubWords,
  Opaque,
  type PosReference,
  type TerminalId,
} from '../../src/protocol/mod.ts'
import { Porch, SHOP, STATUS } from './porch.ts'

const UPDATED = {
  type: 'ORDER_UPDATED',
  posReference: 'order-1' as PosReference,
  version: 1,
  sourceTerminal: 't-1' as TerminalId,
  seq: 1,
  state: 'open',
} as const

function updated(snapshot: Opaque): HubWords {
  return { ...UPDATED, snapshot }
}

/** A SYNC_INIT of about so many bytes. */
function syncInit(bytes: number): HubWords {
  const order = { posReference: 'order-1' as PosReference, version: 1, state: 'open' } as const
  const orders = [{ ...order, snapshot: new Opaque(`"${'x'.repeat(bytes)}"`) }]
  const rest = { closed: [], tables: [], tableLocks: [], leases: [], floors: [], epoch: 'e' as Epoch, seq: 1 }
  return { type: 'SYNC_INIT', mode: 'full', orders, ...rest }
}

describe('a frame', () => {
  test('becomes a command with its facts, its digest and its length', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    const snapshot = { tableId: 5, status: 'draft', lines: [] }
    const message = { type: 'ORDER_SNAPSHOT', posReference: 'order-1', baseVersion: 0, snapshot, msgId: 'm-1' }
    porch.say(line, message)
    const json = JSON.stringify(snapshot)
    expect<unknown>(porch.commands).toEqual([
      {
        kind: 'said',
        line: line.id,
        message: { ...message, snapshot: new Opaque(json) },
        facts: { tableId: 5, status: 'draft', configId: null },
        digest: `digest of ${json}`,
      },
    ])
    expect(porch.lengths).toEqual([JSON.stringify(message).length])
  })

  test.each([
    ['a payment', { type: 'ORDER_FINALIZE', snapshot: { a: 1 }, configId: 1, msgId: 'm' }, 'digest of {"a":1}'],
    ['a release with a snapshot', { type: 'LEASE_RELEASE', finalSnapshot: { a: 1 } }, 'digest of {"a":1}'],
    ['a release without', { type: 'LEASE_RELEASE' }, ''],
    ['a lease', { type: 'LEASE_ACQUIRE', baseVersion: 0 }, ''],
  ])('%s is digested where it may have to be compared', async (_, message, digest) => {
    const porch = new Porch()
    porch.say(await porch.enter(), { ...message, posReference: 'order-1' })
    expect(porch.commands).toMatchObject([{ kind: 'said', digest }])
  })

  test('that the engine does not take closes the line: what was said is not done', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.isTaking = false
    porch.say(line, { type: 'HEARTBEAT' })
    porch.say(line, { type: 'HEARTBEAT' })
    expect(line.takeDeeds()).toEqual(['close 4008'])
  })
})

describe('a bad frame', () => {
  test('of a v2 terminal is answered with ERROR, as often as it comes', async () => {
    const porch = new Porch()
    const line = await porch.enter(2)
    for (let time = 0; time < 50; time++) {
      porch.say(line, { type: 'ORDER_SNAPSHOT', posReference: '', baseVersion: 0, snapshot: {}, msgId: 'm-1' })
      expect(line.lastSaid).toMatchObject({ type: 'ERROR', code: 'MALFORMED', next: 'never', msgId: 'm-1' })
    }
    porch.gateway.received(line, null)
    expect(line.lastSaid).toMatchObject({ type: 'ERROR', code: 'MALFORMED', next: 'never' })
    expect(line.lastSaid).not.toHaveProperty('msgId')
    porch.say(line, { type: 'HELLO', msgId: 'm-2' })
    expect(line.lastSaid).toMatchObject({ type: 'ERROR', code: 'UNKNOWN_TYPE', next: 'upgrade', msgId: 'm-2' })
    porch.say(line, `{"type":"HEARTBEAT","more":"${'x'.repeat(FRAME_BYTES_MAX)}"}`)
    expect(line.lastSaid).toMatchObject({ type: 'ERROR', code: 'TOO_LARGE', next: 'never' })
    expect(new Set(line.takeDeeds())).toEqual(new Set(['send ERROR']))
    porch.say(line, { type: 'HEARTBEAT' })
    expect(porch.taken()).toEqual(['said HEARTBEAT'])
  })

  test.each([
    ['three without JSON', ['{', 'hello', '']],
    ['two, and a binary one', ['{', 'hello', null]],
    ['of many kinds, with good ones between', ['{"type":5}', '{"type":"HEARTBEAT"}', '[]', '{"type":"LEASE_ACQUIRE"}']],
  ])('of a v1 terminal is not answered; the third closes it: %s', async (_, frames) => {
    const porch = new Porch()
    const line = await porch.enter(1)
    for (const frame of frames) {
      expect(line.takeDeeds()).toEqual([])
      porch.gateway.received(line, frame)
    }
    expect(line.takeDeeds()).toEqual(['close 4506'])
  })

  test('is none if a v1 terminal only says what the hub does not know', async () => {
    const porch = new Porch()
    const line = await porch.enter(1)
    const types = ['HELLO', 'ORDER_DISCARD', 'SYNC_REQUEST']
    for (let time = 0; time < 20; time++) for (const type of types) porch.say(line, { type, posReference: 'a' })
    expect([line.takeDeeds(), porch.taken()]).toEqual([[], []])
  })
})

describe('a broadcast', () => {
  test('is written once and given out once, however many hear it', async () => {
    const porch = new Porch()
    for (let terminals = 0; terminals < 20; terminals++) await porch.enter(terminals % 2 === 0 ? 1 : 2)
    const snapshot = new Opaque('{}')
    let written = 0
    Object.defineProperty(snapshot, 'json', {
      get: () => {
        written++
        return '{"lines":[]}'
      },
    })
    porch.broadcast(updated(snapshot))
    expect(written).toBe(1)
    expect(porch.hall.deeds).toEqual([`publish 1/${SHOP} ORDER_UPDATED`])
    expect(JSON.parse(porch.hall.frames[0] ?? '')).toMatchObject({ ...UPDATED, snapshot: { lines: [] } })
  })

  test('goes from its sender’s own socket, which therefore does not hear it', async () => {
    const porch = new Porch()
    const [sender, other] = [await porch.enter(), await porch.enter()]
    porch.broadcast(updated(new Opaque('{}')), sender)
    expect(sender.takeDeeds()).toEqual([`publish 1/${SHOP} ORDER_UPDATED`])
    expect([other.takeDeeds(), porch.hall.deeds]).toEqual([[], []])
  })

  test('goes to all when its sender is gone, or going', async () => {
    const porch = new Porch()
    const [gone, going] = [await porch.enter(), await porch.enter()]
    porch.gateway.closed(gone)
    porch.perform({ kind: 'close', line: going.id, code: 'SILENT' })
    going.takeDeeds()
    for (const sender of [gone, going]) porch.broadcast(STATUS, sender)
    expect(porch.hall.deeds).toEqual([`publish 1/${SHOP} HUB_STATUS`, `publish 1/${SHOP} HUB_STATUS`])
    expect([gone.takeDeeds(), going.takeDeeds()]).toEqual([[], []])
  })

  test('of what only v2 knows goes where no v1 terminal listens', () => {
    const porch = new Porch()
    const available: HubWords = { type: 'LEASE_AVAILABLE', posReference: UPDATED.posReference }
    const { posReference, sourceTerminal } = UPDATED
    const discarded: HubWords = { type: 'ORDER_DISCARDED', posReference, sourceTerminal, seq: 2 }
    for (const message of [STATUS, available, discarded, updated(new Opaque('{}'))]) porch.broadcast(message)
    const topics = porch.hall.deeds.map((deed) => deed.split(' ').slice(1))
    for (const [topic, type = ''] of topics) expect(topic).toBe(HUB_V2_ONLY.has(type) ? `2/${SHOP}` : `1/${SHOP}`)
    expect(topics.map(([topic]) => topic?.[0])).toEqual(['1', '2', '2', '1'])
  })

  test('keeps its order with what is sent', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.perform(
      { kind: 'broadcast', group: SHOP, message: updated(new Opaque('{}')), except: line.id },
      { kind: 'send', line: line.id, message: STATUS },
      { kind: 'ping', line: line.id },
      { kind: 'broadcast', group: SHOP, message: STATUS, except: line.id },
      { kind: 'close', line: line.id, code: 'REPLACED' },
    )
    expect(line.takeDeeds()).toEqual([
      `publish 1/${SHOP} ORDER_UPDATED`,
      'send HUB_STATUS',
      'ping',
      `publish 1/${SHOP} HUB_STATUS`,
      'close 4505',
    ])
  })
})

describe('a note', () => {
  test('goes to the log', () => {
    const porch = new Porch()
    porch.perform({ kind: 'note', event: 'lock_forced', fields: { by: 'Anna' } })
    expect(porch.log.lines).toEqual([{ level: 'info', event: 'lock_forced', fields: { by: 'Anna' } }])
  })
})

describe('a reader that is slow', () => {
  test('is closed with "come back" after a broadcast, and cut if it does not go', async () => {
    const porch = new Porch()
    const [slow, good] = [await porch.enter(), await porch.enter()]
    slow.buffered = SLOW_BYTES_MAX
    porch.broadcast(STATUS)
    expect(slow.takeDeeds()).toEqual([])
    slow.buffered = SLOW_BYTES_MAX + 1
    porch.broadcast(STATUS)
    porch.broadcast(STATUS)
    expect(slow.takeDeeds()).toEqual(['close 4002'])
    expect(porch.taken()).toEqual([`line_closed ${slow.id}`])
    porch.clock.advance(3_000)
    expect([slow.takeDeeds(), good.takeDeeds()]).toEqual([['cut'], []])
  })

  test('is closed after what it was sent itself', async () => {
    const porch = new Porch()
    const slow = await porch.enter()
    slow.buffered = SLOW_BYTES_MAX + 1
    porch.send(slow, STATUS)
    porch.send(slow, STATUS)
    expect(slow.takeDeeds()).toEqual(['send HUB_STATUS', 'close 4002'])
  })

  test('is closed too when it sits between sign-in and the first frame', () => {
    const porch = new Porch()
    const fresh = porch.knock()
    fresh.buffered = SLOW_BYTES_MAX + 1
    porch.broadcast(STATUS)
    expect(fresh.takeDeeds()).toEqual(['close 4002'])
  })

  test('is not one whose large SYNC_INIT is on its way', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    line.isDeaf = true
    porch.send(line, syncInit(20_000_000))
    porch.broadcast(STATUS)
    expect(line.takeDeeds()).toEqual(['send SYNC_INIT'])
  })

  test('is one that lets several of them pile up', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    line.isDeaf = true
    for (let time = 0; time < 8; time++) porch.send(line, syncInit(2 * SLOW_BYTES_MAX))
    expect(line.takeDeeds().at(-1)).toBe('close 4002')
    expect(line.buffered).toBeLessThan(8 * 2 * SLOW_BYTES_MAX)
  })

  // Bun says "drained" whenever some bytes went, and megabytes of a SYNC_INIT may still wait then.
  test('is not one that is reading its large SYNC_INIT', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    line.isDeaf = true
    porch.send(line, syncInit(20_000_000))
    for (let left = 19_000_000; left > 0; left -= 1_000_000) {
      line.buffered = left
      porch.gateway.drained(line)
      porch.broadcast(STATUS)
    }
    expect(line.takeDeeds()).toEqual(['send SYNC_INIT'])
  })

  test('has no more room than others once its SYNC_INIT has gone', async () => {
    const porch = new Porch()
    const line = await porch.enter()
    porch.send(line, syncInit(20_000_000))
    line.buffered = 0
    porch.gateway.drained(line)
    line.buffered = SLOW_BYTES_MAX + 1
    porch.broadcast(STATUS)
    expect(line.takeDeeds()).toEqual(['send SYNC_INIT', 'close 4002'])
  })
})
