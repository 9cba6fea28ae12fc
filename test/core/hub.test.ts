import { describe, expect, test } from 'bun:test'
import type { Command } from '../../src/core/command.ts'
import { evolve, groupOf, refreshDeadline } from '../../src/core/evolve.ts'
import { decide, step, wantedOrder } from '../../src/core/hub.ts'
import { isKept } from '../../src/core/outcome.ts'
import { hubFrom, remembered } from '../../src/core/stored.ts'
import { NO_FACTS } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import { emptyStored, GROUP, SETTINGS } from './stage.ts'
import type { Frame } from './till.ts'
import { acquire, discard, HEARTBEAT, lock, pay, sync, ticket, updateTable, write } from './words.ts'

/** A shop that has done a little of everything, and every command it was given with its moment. */
function play() {
  const shop = new Play()
  const commands: { readonly command: Command; readonly at: Play['moment']; readonly outcome: unknown }[] = []
  shop.onlookers.push(({ command, outcome }) => {
    if (command !== null) commands.push({ command, at: shop.moment, outcome })
  })
  const [a, b, old] = [shop.join(), shop.join({ isDead: true }), shop.join({ protocol: 1 })]
  a.say(acquire('A'))
  a.say(write('A', 0, { tableId: 5 }))
  b.say(acquire('A', 1))
  a.say(lock(5))
  old.say(pay('B'))
  shop.advance(47_000)
  a.say(ticket('takeout'))
  a.say(updateTable(5, 'bill'))
  a.say(discard('A', 1))
  old.drop()
  shop.advance(60_000)
  return { shop, a, b, old, commands }
}

describe('decide and evolve', () => {
  test('the same hub, commands and moments have the same outcome', () => {
    const { commands, shop } = play()
    const hub = hubFrom(emptyStored(), SETTINGS, { now: 1_000_000, wall: shop.wall, day: '' }, '')
    for (const { command, at, outcome } of commands) expect<unknown>(step(hub, command, at)).toEqual(outcome)
    expect(remembered(hub)).toEqual(remembered(shop.hub))
  })

  test('to decide changes nothing: only evolve has a hand on the state', () => {
    const { commands, shop } = play()
    const hub = hubFrom(emptyStored(), SETTINGS, { now: 1_000_000, wall: shop.wall, day: '' }, '')
    // A group begins when it is first named; that alone may happen while deciding.
    groupOf(hub, GROUP)
    for (const { command, at } of commands) {
      const before = structuredClone(hub)
      decide(hub, command, at)
      decide(hub, { kind: 'tick' }, { ...at, now: at.now + 10 ** 9 })
      expect(structuredClone(hub)).toEqual(before)
      step(hub, command, at)
    }
  })

  test('[R2] the kept changes alone make the same memory, in their order', () => {
    const { shop } = play()
    const hub = hubFrom(emptyStored(), SETTINGS, shop.moment, '')
    for (const change of shop.changes) if (isKept(change)) evolve(hub, change)
    expect(remembered(hub)).toEqual(remembered(shop.hub))
  })
})

describe('the next deadline', () => {
  test('[G2] is never later than what is due next, after each command', () => {
    const { commands, shop } = play()
    const hub = hubFrom(emptyStored(), SETTINGS, { now: 1_000_000, wall: shop.wall, day: '' }, '')
    for (const { command, at } of commands) {
      step(hub, command, at)
      const { nextDeadline } = hub
      refreshDeadline(hub)
      expect(nextDeadline).toBeLessThanOrEqual(hub.nextDeadline)
      hub.nextDeadline = nextDeadline
    }
  })

  test('[G2] an idle hub has none, and is not woken', () => {
    const shop = new Play()
    expect(shop.hub.nextDeadline).toBe(Number.POSITIVE_INFINITY)
    const a = shop.join()
    a.say(updateTable(1, 'free'))
    a.drop()
    shop.advance(10_000)
    shop.advance(60_000)
    expect(shop.hub.nextDeadline).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what is over', () => {
  test('[G2] is not there for who asks, though no tick has taken it away', () => {
    const shop = new Play({ store: null })
    const [a, b] = [shop.join(), shop.join()]
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.ask(acquire('A'), 'LEASE_GRANTED')
    const heard = (frame: Frame, now: number) => {
      const command = { kind: 'said', line: b.line ?? 0, ...b.decode(frame) } as const
      const { effects } = decide(shop.hub, command, { ...shop.moment, now })
      return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []))
    }
    for (const [frame, kind, lifeMs] of [
      [lock(5), 'TABLE_LOCK', 45_000] as const,
      [acquire('A'), 'LEASE', 60_000] as const,
    ]) {
      expect(heard(frame, shop.now + lifeMs - 1)).toMatchObject([{ type: `${kind}_DENIED` }])
      expect(heard(frame, shop.now + lifeMs)).toMatchObject([{ type: `${kind}_GRANTED` }])
    }
    expect(heard(sync('e1', 0), shop.now + 59_999)).toMatchObject([{ tableLocks: [], leases: [{ holder: a.id }] }])
    expect(heard(sync('e1', 0), shop.now + 60_000)).toMatchObject([{ leases: [] }])
  })

  test('[G2] is told in time where a lock lives shorter than a heartbeat', () => {
    const shop = new Play({ store: null, settings: { lockMs: 5_000 } })
    const a = shop.join()
    shop.advance(1_000)
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.advance(4_999)
    a.take()
    shop.advance(1)
    expect(a.taken('TABLE_LOCK_REVOKED')).toHaveLength(1)
  })
})

describe('what comes from nowhere', () => {
  test('[S1] a frame, pong or close of a line that nobody has changes nothing', () => {
    const { shop } = play()
    const before = remembered(shop.hub)
    const message = { type: 'HEARTBEAT' } as const
    const strays: readonly Command[] = [
      { kind: 'said', line: 999, message, facts: NO_FACTS, digest: '' },
      { kind: 'pong', line: 999 },
      { kind: 'line_closed', line: 999 },
      { kind: 'welcome', line: 999, sessionId: null, since: null },
    ]
    for (const stray of strays) {
      const { changes, effects } = step(shop.hub, stray, shop.moment)
      expect([changes, effects]).toEqual([[], []])
    }
    expect(remembered(shop.hub)).toEqual(before)
  })
})

describe('the order that a command names', () => {
  test('[V1] is wanted from the disk where memory has it not, of the group of who names it', () => {
    const shop = new Play({ store: null })
    const [a, stranger] = [shop.join(), shop.join({ group: 'other' })]
    const wanted: unknown[] = []
    const look = (command: Command) => {
      const found = wantedOrder(shop.hub, command)
      wanted.push(found === null ? null : `${found.group.id} ${found.posReference}`)
    }
    const spy = new Play({ store: null })
    const speaker = spy.join()
    spy.onlookers.push(({ command }) => {
      if (command?.kind === 'said') for (const { line } of [a, stranger]) look({ ...command, line: line ?? -1 })
    })
    a.say(acquire('A'))
    a.say(write('A', 0))
    for (const frame of [acquire('A'), write('B', 0), pay('C'), discard('D', 0)]) speaker.say(frame)
    expect(wanted).toEqual([null, 'other A', `${GROUP} B`, 'other B', `${GROUP} C`, 'other C', `${GROUP} D`, 'other D'])
    wanted.length = 0
    for (const frame of [HEARTBEAT, lock(1), updateTable(1, 'x', { posReference: 'Z' }), sync('e1', 0)])
      speaker.say(frame)
    expect(wanted.filter((one) => one !== null)).toEqual([])
  })
})
