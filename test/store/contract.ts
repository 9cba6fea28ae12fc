import { describe, expect, test } from 'bun:test'
import type { Kept } from '../../src/core/outcome.ts'
import type { TerminalId } from '../../src/protocol/mod.ts'
import {
  audited,
  BAR,
  finalizeOf,
  floorChanged,
  grantEnded,
  granted,
  type KeptOf,
  marked,
  messageOf,
  outboxDropped,
  outboxPut,
  paymentsSettled,
  resultOf,
  SHOP,
  secondPayment,
  tableChanged,
  terminalKept,
  ticketGiven,
  timeSeen,
  tokenForgotten,
  tokenKept,
  versioned,
  WAITER,
} from './changes.ts'
import { holdBounds } from './contract_bounds.ts'
import { holdGroups } from './contract_groups.ts'
import { holdOrders } from './contract_orders.ts'
import { holdOutbox } from './contract_outbox.ts'
import { holdText } from './contract_text.ts'
import { bothRead, bothReadGroup, commit, groupOf, type Opened, type OpenStore, plain, read, value } from './reading.ts'

/** One of each kind of change; a kind that is missing here does not compile. */
const SAMPLES: { readonly [K in Kept['kind']]: KeptOf<K> } = {
  terminal_kept: terminalKept('t-new'),
  terminal_forgotten: { kind: 'terminal_forgotten', terminalId: 't-old' as TerminalId },
  order_versioned: versioned('order-1', { record: { version: 2, seq: 10 }, message: messageOf('m-2') }),
  order_marked: marked('order-1', { state: 'discarded', seq: 11 }, { message: messageOf('m-3') }),
  second_payment: secondPayment('order-1', 'other', { message: messageOf('m-4', { kind: 'second' }) }),
  granted: granted('lock', '6', { fence: 9 }),
  grant_ended: grantEnded('lock', '5'),
  table_changed: tableChanged(5, { status: 'free', seq: 12 }),
  floor_changed: floorChanged(5, { layoutMode: null, seq: 13 }),
  ticket_given: ticketGiven(2, { msgId: 'ticket-2' }),
  payments_settled: paymentsSettled('order-1', 'given back'),
  outbox_put: outboxPut('order-1'),
  outbox_dropped: outboxDropped('order-2'),
  token_kept: tokenKept('new'),
  token_forgotten: tokenForgotten('old'),
  add_on_known: { kind: 'add_on_known', tellsCreated: true },
  audited: audited('table 5'),
  time_seen: timeSeen(1_800_000_000_000),
}

/** So that each sample finds something to change. */
const BEFORE: readonly Kept[] = [
  terminalKept('t-old'),
  versioned('order-1', { message: messageOf('m-1') }),
  granted('lock', '5', { fence: 4 }),
  tableChanged(5, { seq: 2 }),
  floorChanged(5, { seq: 3 }),
  ticketGiven(1, { msgId: 'ticket-1' }),
  secondPayment('order-1', 'first'),
  outboxPut('order-2'),
  tokenKept('old'),
  timeSeen(1_700_000_000_000),
]

/** Holds the port `Store` against one kind of tables. */
export function holdStore(name: string, open: OpenStore): void {
  describe(`the store on ${name}`, () => {
    holdEmpty(open)
    holdTerminals(open)
    holdTimes(open)
    holdGrants(open)
    holdFloor(open)
    holdTickets(open)
    holdWhole(open)
    holdGroups(open)
    holdOrders(open)
    holdBounds(open)
    holdText(open)
    holdOutbox(open)
  })
}

function holdEmpty(open: OpenStore): void {
  test('an empty one has an epoch and nothing else, and keeps that epoch', async () => {
    await using opened = await open()
    const empty = read(opened.store)
    expect(empty).toEqual({
      epoch: empty.epoch,
      fence: 0,
      newestWall: 0,
      terminals: [],
      groups: [],
      tokens: [],
      tellsCreated: false,
    })
    expect(empty.epoch).not.toBe('')
    expect(read(opened.store).epoch).toBe(empty.epoch)
    expect(read(opened.next()).epoch).toBe(empty.epoch)
  })

  test('a commit of nothing changes nothing', async () => {
    await using opened = await open()
    const before = bothRead(opened)
    commit(opened.store)
    expect(bothRead(opened)).toEqual(before)
  })
}

function holdTerminals(open: OpenStore): void {
  test('terminals are read back as they were kept, least lately active first', async () => {
    await using opened = await open()
    const old = terminalKept('t-b', { protocol: 1, sessionKey: null, role: 'kitchen', lastActive: 5 })
    const foreign = terminalKept('t-a', { foreign: true, lastActive: 9 })
    const { terminal: again } = terminalKept('t-c', { name: 'Till 3, moved', role: 'manager', lastActive: 7 })
    commit(opened.store, foreign, terminalKept('t-c', { lastActive: 1 }), old)
    commit(opened.store, { kind: 'terminal_kept', terminal: again })
    for (const { terminals, groups } of bothRead(opened)) {
      expect(terminals).toEqual([old.terminal, again, foreign.terminal])
      // A terminal brings its group along, which has no change yet.
      expect(groups).toEqual([groupOf()])
    }
  })

  test('a terminal that is forgotten is gone, and the others stay', async () => {
    await using opened = await open()
    commit(opened.store, terminalKept('t-a', { lastActive: 1 }), terminalKept('t-b', { lastActive: 2 }))
    commit(opened.store, { kind: 'terminal_forgotten', terminalId: 't-a' as TerminalId })
    commit(opened.store, { kind: 'terminal_forgotten', terminalId: 't-nobody' as TerminalId })
    for (const { terminals } of bothRead(opened)) {
      expect(terminals.map(({ terminalId }) => String(terminalId))).toEqual(['t-b'])
    }
  })

  test('a terminal that comes later does not set the seq of its group back', async () => {
    await using opened = await open()
    commit(opened.store, tableChanged(1, { seq: 41 }))
    commit(opened.store, terminalKept('t-a'))
    for (const { seq } of bothReadGroup(opened)) expect(seq).toBe(41)
  })
}

function holdTimes(open: OpenStore): void {
  test('the newest time is kept, and nothing else of a commit sets it', async () => {
    await using opened = await open()
    commit(opened.store, timeSeen(1_700_000_000_000))
    commit(opened.store, tableChanged(1, { at: 1_900_000_000_000 }))
    for (const { newestWall } of bothRead(opened)) expect(newestWall).toBe(1_700_000_000_000)
    commit(opened.store, timeSeen(1_700_000_000_001), timeSeen(1_700_000_000_002))
    for (const { newestWall } of bothRead(opened)) expect(newestWall).toBe(1_700_000_000_002)
  })

  test('audit entries are read newest first, as many as are asked for', async () => {
    await using opened = await open()
    const entries = [
      audited('table 1', { at: 30 }),
      audited('order-1', { at: 10, what: 'refused_discarded', loser: null, loserName: null, reason: null }),
      audited('order-2', { at: 20, what: 'lease_forced' }),
    ]
    commit(opened.store, ...entries)
    const newestFirst = entries.map(({ entry }) => entry).toReversed()
    for (const store of [opened.store, opened.next()]) {
      expect(value(store.audit(SHOP, 10))).toEqual(newestFirst)
      expect(value(store.audit(SHOP, 2))).toEqual(newestFirst.slice(0, 2))
      expect(value(store.audit(BAR, 10))).toEqual([])
    }
  })
}

function holdGrants(open: OpenStore): void {
  test('a grant is read back until it ends; a lock and a lease of one name are two', async () => {
    await using opened = await open()
    const [lock, lease] = [granted('lock', '5', { fence: 3 }), granted('lease', '5', { holder: WAITER, fence: 4 })]
    commit(opened.store, terminalKept('t-till'), lock, lease)
    for (const { grants } of bothReadGroup(opened)) expect(grants).toEqual([lease.grant, lock.grant])
    commit(opened.store, grantEnded('lock', '5'), grantEnded('lock', '6'))
    for (const { grants } of bothReadGroup(opened)) expect(grants).toEqual([lease.grant])
  })

  test('a grant that is given anew takes the place of the old one', async () => {
    await using opened = await open()
    const again = granted('lock', '5', { holder: WAITER, fence: 8, at: 99 })
    commit(opened.store, terminalKept('t-till'), granted('lock', '5'), grantEnded('lock', '5'), again)
    for (const { grants } of bothReadGroup(opened)) expect(grants).toEqual([again.grant])
  })

  test('the newest fence is kept when its grant is over', async () => {
    await using opened = await open()
    commit(
      opened.store,
      terminalKept('t-till'),
      granted('lock', '5', { fence: 7 }),
      granted('lease', 'a', { fence: 8 }),
    )
    commit(opened.store, grantEnded('lease', 'a'), grantEnded('lock', '5'))
    commit(opened.store, tableChanged(1))
    for (const { fence } of bothRead(opened)) expect(fence).toBe(8)
  })
}

function holdFloor(open: OpenStore): void {
  test('the newest state of a table and the newest plan of a floor are read back', async () => {
    await using opened = await open()
    const [table, bare] = [tableChanged(5, { status: 'bill', seq: 4 }), tableChanged(0, { posReference: null, seq: 5 })]
    const [floor, plan] = [floorChanged(5, { layoutMode: null, seq: 6 }), floorChanged(0, { seq: 7 })]
    commit(opened.store, tableChanged(5), floorChanged(5, { seq: 2 }))
    commit(opened.store, table, bare, floor, plan)
    for (const group of bothReadGroup(opened)) {
      expect(group.tables).toEqual([bare.table, table.table])
      const floors = [plan.floor, floor.floor].map((one) => ({ ...one, tables: one.tables.json }))
      expect(group.floors).toEqual(floors)
      expect(group.seq).toBe(7)
    }
  })
}

function holdTickets(open: OpenStore): void {
  test('the last number of each day and type is read back, and the requests that were answered', async () => {
    await using opened = await open()
    const other = ticketGiven(1, { orderType: 'delivery', msgId: 'd-1' })
    commit(opened.store, terminalKept('t-a'), ticketGiven(1), ticketGiven(2, { msgId: 't-2' }), other)
    commit(opened.store, ticketGiven(1, { day: '2026-11-21', msgId: 'y-1' }), ticketGiven(3))
    for (const { tickets, ticketMessages } of bothReadGroup(opened)) {
      const rows = tickets.map(({ day, orderType, number }) => ({ day, orderType, number }))
      expect(rows).toEqual([
        { day: '2026-11-21', orderType: 'takeout', number: 1 },
        { day: '2026-11-22', orderType: 'delivery', number: 1 },
        { day: '2026-11-22', orderType: 'takeout', number: 3 },
      ])
      expect(ticketMessages.map(({ msgId, orderType, number }) => `${msgId} ${orderType} ${number}`)).toEqual([
        't-2 takeout 2',
        'd-1 delivery 1',
        'y-1 takeout 1',
      ])
    }
  })
}

function holdWhole(open: OpenStore): void {
  test.each(Object.values(SAMPLES))('$kind changes nothing when a later change of its commit fails', async (sample) => {
    await using opened = await open()
    commit(opened.store, ...BEFORE)
    const before = everything(opened)
    // A version that is there already: no rule makes one, and no table takes it.
    expect(() => opened.store.commit([sample, versioned('order-1')])).toThrow()
    expect(everything(opened)).toEqual(before)
    // And what failed has left nothing behind that the next commit would stumble over.
    commit(opened.store, sample)
  })

  test.each(Object.values(SAMPLES))('$kind is something that is seen', async (sample) => {
    await using opened = await open()
    commit(opened.store, ...BEFORE)
    const before = everything(opened)
    commit(opened.store, sample)
    expect(everything(opened)).not.toEqual(before)
  })

  test('all that was committed is read again after the store was closed', async () => {
    await using opened = await open()
    commit(opened.store, ...BEFORE)
    commit(opened.store, ...Object.values(SAMPLES))
    const paid = { state: 'final', seq: 20, finalize: finalizeOf(), result: resultOf(77) } as const
    commit(opened.store, versioned('order-2', { record: { seq: 19 } }), marked('order-2', paid))
    const before = everything(opened)
    opened.store.close()
    expect(plain(read(opened.next()))).toEqual(before.stored)
  })
}

function everything({ store }: Opened) {
  const audit = value(store.audit(SHOP, 100))
  const story = value(store.story(SHOP, SAMPLES.order_marked.record.posReference))
  return { stored: plain(read(store)), story, audit, secondPayments: value(store.secondPayments(SHOP)) }
}
