import { describe, expect, test } from 'bun:test'
import type { Command } from '../../src/core/command.ts'
import { CLOSED_WHOLE_MAX } from '../../src/core/limits.ts'
import { QUEUE_CHARS_MAX, QUEUE_MAX, TURN_COMMANDS_MAX } from '../../src/engine/limits.ts'
import {
  discard,
  finalize,
  heartbeat,
  lease,
  lineClosed,
  lock,
  pong,
  signIn,
  snapshot,
  tableUpdate,
  ticket,
  unlock,
} from './commands.ts'
import { EngineHouse } from './house.ts'

/** A house with so many terminals signed in, on lines 1, 2 ..., of which nothing is counted yet. */
function shopOf(terminals: number): EngineHouse {
  const house = EngineHouse.started()
  house.run(...Array.from({ length: terminals }, (_, at) => signIn(at + 1)))
  house.takeEvents()
  house.said()
  return house
}

describe('a turn', () => {
  test('many commands that come together are one commit, and are answered in their order', () => {
    const house = shopOf(2)
    const commands = Array.from({ length: 50 }, (_, at) => ticket(1 + (at % 2)))
    for (const command of commands) expect(house.engine.submit(command)).toBe(true)
    expect(house.turnsPlanned).toBe(1)
    expect([house.takeEvents(), house.said()]).toEqual([[], []])
    house.turn()
    expect(house.takeEvents()).toEqual(['commit 50', 'perform 50'])
    expect(house.words('TICKET_NUMBER_ASSIGNED').map(({ ticketNumber }) => ticketNumber)).toEqual(
      commands.map((_, at) => at + 1),
    )
    expect(house.turnsPlanned).toBe(0)
  })

  test('nothing is said before the commit that holds it has returned', () => {
    const house = shopOf(1)
    house.run(lease(1, 'order-1'), snapshot(1, 'order-1', 0, { msgId: 'm-1' }))
    // The order may have been a closed one: it was looked for. Then its version, message and lease in one commit.
    expect(house.takeEvents()).toEqual(['find', 'find', 'commit 2', 'perform 3'])
    expect(house.said()).toEqual(['send 1 LEASE_GRANTED', 'broadcast ORDER_UPDATED', 'send 1 ORDER_ACCEPTED'])
  })

  test('what changes nothing that is kept makes no commit', () => {
    const house = shopOf(1)
    house.run(heartbeat(1), pong(1), unlock(1, 5), lineClosed(77))
    expect(house.takeEvents()).toEqual(['perform 1'])
    expect(house.said()).toEqual(['send 1 HEARTBEAT_OK'])
  })

  test('a renewal makes no commit: an SD card wears out', () => {
    const house = shopOf(1)
    house.run(lock(1, 5))
    house.takeEvents()
    for (let time = 0; time < 5; time++) house.run(heartbeat(1), lock(1, 5))
    expect(house.takeEvents()).toEqual(Array.from({ length: 5 }, () => 'perform 2'))
  })

  test('more than a turn takes is done in the next ones, and others come in between', () => {
    const house = shopOf(1)
    for (let at = 0; at < TURN_COMMANDS_MAX + 10; at++) house.engine.submit(ticket(1))
    house.turn()
    expect(house.takeEvents()).toEqual([`commit ${TURN_COMMANDS_MAX}`, `perform ${TURN_COMMANDS_MAX}`])
    expect(house.turnsPlanned).toBe(1)
    house.turn()
    expect(house.takeEvents()).toEqual(['commit 10', 'perform 10'])
    expect(house.turnsPlanned).toBe(0)
  })

  test('what is submitted while effects are performed waits for a turn of its own', () => {
    const house = shopOf(1)
    let isFirst = true
    house.onPerform = () => {
      if (isFirst) house.engine.submit(ticket(1))
      isFirst = false
    }
    house.engine.submit(ticket(1))
    house.turn()
    expect(house.takeEvents()).toEqual(['commit 1', 'perform 1'])
    expect(house.turnsPlanned).toBe(1)
    house.turn()
    expect(house.takeEvents()).toEqual(['commit 1', 'perform 1'])
  })

  test('what cannot be is nobody else’s to catch: it comes out of the turn, and nothing was said', () => {
    const house = shopOf(1)
    Object.assign(house.engine.state.hub ?? {}, { fence: Number.NaN })
    house.engine.submit(ticket(1))
    house.engine.submit(lock(1, 5))
    expect(() => house.turn()).toThrow('a fence never repeats')
    expect(house.takeEvents()).toEqual([])
  })

  test('an engine that was not started, or cannot read, takes nothing', () => {
    const house = new EngineHouse()
    expect(house.engine.submit(ticket(1))).toBe(false)
    house.disk.opens = { kind: 'damaged', text: 'It is damaged.' }
    expect(house.engine.start()).toEqual({ kind: 'damaged', text: 'It is damaged.' })
    expect(house.engine.submit(ticket(1))).toBe(false)
    expect([house.turnsPlanned, house.clock.planned, house.takeEvents()]).toEqual([0, [], ['recover']])
  })
})

describe('the queue', () => {
  test('is bounded by number: more is refused, but never the end of a line', () => {
    const house = shopOf(2)
    for (let at = 0; at < QUEUE_MAX; at++) expect(house.engine.submit(heartbeat(1))).toBe(true)
    expect([heartbeat(1), pong(2), signIn(3)].map((command) => house.engine.submit(command))).toEqual([
      false,
      false,
      false,
    ])
    expect(house.engine.submit(lineClosed(2))).toBe(true)
    expect(house.engine.submit(heartbeat(1))).toBe(false)
    house.turn()
    expect(house.engine.submit(heartbeat(1))).toBe(true)
    house.run()
    const { hub } = house.engine.state
    expect([...(hub?.lines.keys() ?? [])]).toEqual([1])
    expect(house.words('HEARTBEAT_OK')).toHaveLength(QUEUE_MAX + 1)
  })

  test('is bounded by size, which is free again when the turn has come', () => {
    const house = shopOf(2)
    expect(house.engine.submit(heartbeat(1), QUEUE_CHARS_MAX - 10)).toBe(true)
    expect(house.engine.submit(heartbeat(1), 11)).toBe(false)
    expect(house.engine.submit(lineClosed(2), 11)).toBe(true)
    house.run()
    expect(house.engine.submit(heartbeat(1), QUEUE_CHARS_MAX)).toBe(true)
  })
})

describe('stop', () => {
  test('decides, writes and performs all that waits, and takes nothing afterwards', () => {
    const house = shopOf(1)
    for (let at = 0; at < TURN_COMMANDS_MAX + 5; at++) house.engine.submit(ticket(1))
    house.engine.stop()
    expect(house.words('TICKET_NUMBER_ASSIGNED')).toHaveLength(TURN_COMMANDS_MAX + 5)
    expect(house.onDisk).toEqual(house.memory)
    house.takeEvents()
    expect([ticket(1), lineClosed(1)].map((command) => house.engine.submit(command))).toEqual([false, false])
    house.turn()
    house.clock.advance(600_000)
    expect(house.takeEvents()).toEqual([])
    expect([house.clock.planned, house.turnsPlanned]).toEqual([[], 0])
  })

  test('also does what is submitted while it does so', () => {
    const house = shopOf(1)
    let left = 3
    house.onPerform = () => {
      if (left-- > 0) house.engine.submit(ticket(1))
    }
    house.engine.submit(ticket(1))
    house.engine.stop()
    expect(house.words('TICKET_NUMBER_ASSIGNED')).toHaveLength(4)
  })
})

/** A house that starts anew on the disk of another, with one terminal. */
function restarted(house: EngineHouse): EngineHouse {
  const again = EngineHouse.started({ file: house.file })
  again.run(signIn(1))
  again.takeEvents()
  again.said()
  return again
}

describe('closed orders', () => {
  function closedOrder(): EngineHouse {
    const house = shopOf(1)
    house.run(lease(1, 'order-1'), snapshot(1, 'order-1', 0, { msgId: 'm-1' }), discard(1, 'order-1', 1, 'm-2'))
    return restarted(house)
  }

  test('are read when a command names them, once', () => {
    const house = closedOrder()
    house.run(snapshot(1, 'order-1', 0, { msgId: 'm-1' }))
    // A resend: answered from what the disk knew of the order.
    expect(house.said()).toEqual(['send 1 ORDER_ACCEPTED'])
    expect(house.takeEvents()).toEqual(['find', 'perform 1'])
    house.run(discard(1, 'order-1', 1, 'm-2'))
    expect(house.said()).toEqual(['send 1 ORDER_DISCARDED'])
    expect(house.takeEvents()).toEqual(['perform 1'])
  })

  test('go on from where they were', () => {
    const house = closedOrder()
    house.run(lease(1, 'order-1'), snapshot(1, 'order-1', 1, { msgId: 'm-3' }))
    expect(house.words('ORDER_ACCEPTED')).toMatchObject([{ version: 2 }])
    expect(house.onDisk).toEqual(house.memory)
  })

  test('are not looked for when the order is an active one, or no order is named', () => {
    const house = shopOf(1)
    house.run(lease(1, 'order-1'), snapshot(1, 'order-1', 0, { msgId: 'm-1' }))
    house.takeEvents()
    house.run(snapshot(1, 'order-1', 1, { msgId: 'm-2' }), lock(1, 5), tableUpdate(1, 5), heartbeat(1))
    expect(house.takeEvents().filter((event) => event === 'find')).toEqual([])
  })

  test('are not looked for on behalf of a line that nobody is signed in on', () => {
    const house = shopOf(1)
    house.run(lease(99, 'order-1'))
    expect(house.takeEvents()).toEqual(['perform 0'])
  })

  test('that were closed in the same turn, more of them than stay whole in memory, are still as they are', () => {
    const house = shopOf(2)
    const orders = Array.from({ length: CLOSED_WHOLE_MAX + 1 }, (_, at) => `order-${at}`)
    const lineOf = (at: number) => 1 + (at % 2)
    house.run(...orders.map((order, at) => lease(lineOf(at), order)))
    house.run(...orders.map((order, at) => snapshot(lineOf(at), order, 0, { msgId: `m-${at}` })))
    house.said()
    house.takeEvents()
    const discards = orders.map((order, at): Command => discard(lineOf(at), order, 1, `d-${at}`))
    house.run(...discards, lease(1, 'order-0', 1), snapshot(1, 'order-0', 1, { msgId: 'again' }))
    // It was one of those that did not stay: otherwise nothing was shown.
    expect(house.takeEvents()).toContain('find')
    expect(house.words('ORDER_ACCEPTED')).toMatchObject([{ posReference: 'order-0', version: 2 }])
    expect(house.onDisk).toEqual(house.memory)
  })
})

describe('memory and disk', () => {
  test('agree on a second payment that a v1 terminal sends twice', () => {
    const house = EngineHouse.started()
    house.run(signIn(1, { protocol: 1 }), finalize(1, 'order-1', { json: '{"paid":1}' }))
    for (let time = 0; time < 2; time++) house.run(finalize(1, 'order-1', { json: '{"paid":2}' }))
    expect(house.onDisk).toEqual(house.memory)
  })

  test('agree on a second payment that is sent again under another msgId', () => {
    const house = shopOf(1)
    house.run(finalize(1, 'order-1', { json: '{"paid":1}', msgId: 'p-1' }))
    for (const msgId of ['p-2', 'p-3']) house.run(finalize(1, 'order-1', { json: '{"paid":2}', msgId }))
    expect(house.onDisk).toEqual(house.memory)
  })

  test('agree on msgIds that come again after the order has forgotten them', () => {
    const house = shopOf(1)
    house.run(lease(1, 'order-1'))
    for (let base = 0; base < 257; base++) house.run(snapshot(1, 'order-1', base, { msgId: `m-${base}` }))
    house.run(snapshot(1, 'order-1', 257, { msgId: 'm-0', json: '{"other":1}' }))
    expect(house.words('ORDER_ACCEPTED').at(-1)).toMatchObject({ version: 258, msgId: 'm-0' })
    expect(house.onDisk).toEqual(house.memory)
  })
})
