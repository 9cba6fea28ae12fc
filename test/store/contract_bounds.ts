import { describe, expect, test } from 'bun:test'
import {
  CLOSED_KEPT_MAX,
  MESSAGES_PER_ORDER_MAX,
  TICKET_MESSAGES_MAX,
  VERSIONS_PER_ORDER_MAX,
} from '../../src/core/limits.ts'
import type { Kept } from '../../src/core/outcome.ts'
import type { Store } from '../../src/engine/ports.ts'
import {
  type KeptOf,
  marked,
  messageOf,
  reference,
  SHOP,
  secondPayment,
  terminalKept,
  ticketGiven,
  ticketMessage,
  versioned,
} from './changes.ts'
import { bothReadGroup, commit, find, type Opened, type OpenStore, plain, read, value } from './reading.ts'

/** A history may be cut now and then, not at each write: so many may be too many for a while. */
const SLACK = 64

/** What a store keeps no more than so many of, held against one kind of tables. */
export function holdBounds(open: OpenStore): void {
  describe('bounds', () => {
    holdStories(open)
    holdMessages(open)
    holdClosedRing(open)
    holdTicketMessages(open)
    holdTicketDays(open)
  })
}

/** How an author may count: the hub adds one to the greater of its own version and the author's. */
const STEPS = [
  ['one by one', () => 1],
  ['by two, as a v1 terminal does that counts its own writes', () => 2],
  ['by thirty-two', () => 32],
  ['by up to a thousand', (at: number) => 1 + ((at * 389) % 1000)],
] as const

/** The msgId that the rules forget with the message of this number. */
function forgetting(number: number): { readonly forgets?: string } {
  return number > MESSAGES_PER_ORDER_MAX ? { forgets: `m-${number - MESSAGES_PER_ORDER_MAX}` } : {}
}

const COMMIT_CHANGES = 7

/** Writes so many versions, some in each commit; the result is the numbers of the versions, oldest first. */
function writeVersions(store: Store, count: number, step: (at: number) => number): number[] {
  const changes: KeptOf<'order_versioned'>[] = []
  for (let seq = 1; seq <= count; seq++) {
    const previous = changes.at(-1)?.record.version ?? 0
    const version = seq === 1 ? 1 : previous + step(seq)
    const message = messageOf(`m-${seq}`, { version, seq })
    changes.push(versioned('order-1', { record: { version, seq }, message, previous, ...forgetting(seq) }))
  }
  for (let at = 0; at < count; at += COMMIT_CHANGES) commit(store, ...changes.slice(at, at + COMMIT_CHANGES))
  return changes.map(({ record }) => record.version)
}

function holdStories(open: OpenStore): void {
  test.each(STEPS)('the story of an order written %s stays bounded, and the newest are there', async (_, step) => {
    await using opened = await open()
    commit(opened.store, versioned('order-2', { record: { seq: 1 } }))
    const written = writeVersions(opened.store, 700, step)
    const story = value(opened.store.story(SHOP, reference('order-1'))).map(({ version }) => version)
    expect(story.length).toBeLessThanOrEqual(VERSIONS_PER_ORDER_MAX + SLACK)
    expect(story.length).toBeGreaterThanOrEqual(VERSIONS_PER_ORDER_MAX)
    expect(story).toEqual(written.slice(-story.length))
    // Another order of the group loses nothing by it.
    expect(value(opened.store.story(SHOP, reference('order-2')))).toHaveLength(1)
    expect(find(opened.next(), 'order-1')?.record.version).toBe(written.at(-1) ?? 0)
  })

  test('a story that is within its bound is whole', async () => {
    await using opened = await open()
    const written = writeVersions(opened.store, VERSIONS_PER_ORDER_MAX, () => 1)
    expect(value(opened.store.story(SHOP, reference('order-1'))).map(({ version }) => version)).toEqual(written)
  })

  test('a commit that would have cut a story and failed leaves it as it was', async () => {
    await using opened = await open()
    const versions = writeVersions(opened.store, 319, () => 1)
    const before = [plain(read(opened.store)), value(opened.store.story(SHOP, reference('order-1')))]
    const next = Array.from({ length: 64 }, (_, at): Kept => {
      const record = { version: 320 + at, seq: 320 + at }
      return versioned('order-1', { record, message: messageOf(`m-${320 + at}`, record), ...forgetting(320 + at) })
    })
    expect(() => opened.store.commit([...next, versioned('order-1', { record: { version: 319 } })])).toThrow()
    expect([plain(read(opened.store)), value(opened.store.story(SHOP, reference('order-1')))]).toEqual(before)
    expect(versions).toHaveLength(319)
  })
}

function newestMessages(count: number): string[] {
  return Array.from({ length: MESSAGES_PER_ORDER_MAX }, (_, at) => `m-${count - MESSAGES_PER_ORDER_MAX + at + 1}`)
}

function holdMessages(open: OpenStore): void {
  test.each(STEPS)('an order written %s knows its last msgIds, oldest first', async (_, step) => {
    await using opened = await open()
    writeVersions(opened.store, 700, step)
    for (const { orders } of bothReadGroup(opened)) {
      expect(orders.map(({ messages }) => messages.map(([msgId]) => String(msgId)))).toEqual([newestMessages(700)])
    }
    const message = messageOf('m-701', { kind: 'discard' })
    commit(opened.store, marked('order-1', { state: 'discarded', seq: 701 }, { message, ...forgetting(701) }))
    const known = [...(find(opened.next(), 'order-1')?.messages.keys() ?? [])]
    expect(known.map(String)).toEqual(newestMessages(701))
  })

  // The rules know no more than the newest: to them such a msgId is a new one, and so it must be to the disk.
  test('a msgId that an order has forgotten may come again', async () => {
    await using opened = await open()
    writeVersions(opened.store, MESSAGES_PER_ORDER_MAX + 2, () => 1)
    const record = { version: 300, seq: 300 }
    const again = messageOf('m-1', { ...record, digest: 'other content' })
    commit(opened.store, versioned('order-1', { record, message: again, ...forgetting(259) }))
    for (const { orders } of bothReadGroup(opened)) {
      const messages = orders[0]?.messages ?? []
      expect(messages.at(-1)?.[1]).toEqual(again)
      expect(messages[0]?.[0].toString()).toBe('m-4')
      expect(messages).toHaveLength(MESSAGES_PER_ORDER_MAX)
    }
    const discard = messageOf('m-2', { kind: 'discard', version: 300, seq: 301 })
    const discarded = { state: 'discarded', version: 300, seq: 301 } as const
    commit(opened.store, marked('order-1', discarded, { message: discard, ...forgetting(260) }))
    const second = messageOf('m-3', { kind: 'second', version: 300, seq: 301 })
    commit(opened.store, secondPayment('order-1', 'other', { message: second, ...forgetting(261) }))
    const known = [...(find(opened.next(), 'order-1')?.messages.values() ?? [])]
    expect(known.slice(-3)).toEqual([again, discard, second])
    expect(known).toHaveLength(MESSAGES_PER_ORDER_MAX)
  })
}

/** `count` closed orders, whose last changes have the seqs 2, 4, 6 ... */
function closeOrders(store: Store, count: number): void {
  const changes = Array.from({ length: count }, (_, at): Kept[] => [
    versioned(`order-${at}`, { record: { seq: 2 * at + 1 } }),
    marked(`order-${at}`, { state: 'discarded', seq: 2 * at + 2 }),
  ])
  commit(store, ...changes.flat())
}

function closedOf(opened: Opened) {
  return bothReadGroup(opened).map(({ closed, closedFloor }) => ({
    count: closed.length,
    oldest: closed[0]?.seq,
    newest: closed.at(-1)?.seq,
    isSorted: closed.every(({ seq }, at) => at === 0 || seq > (closed[at - 1]?.seq ?? 0)),
    closedFloor,
  }))
}

function holdClosedRing(open: OpenStore): void {
  test('as many closed orders as are kept are all named, and nothing is missing', async () => {
    await using opened = await open()
    closeOrders(opened.store, CLOSED_KEPT_MAX)
    const all = { count: CLOSED_KEPT_MAX, oldest: 2, newest: 2 * CLOSED_KEPT_MAX, isSorted: true, closedFloor: 0 }
    expect(closedOf(opened)).toEqual([all, all])
  })

  test('of more, the newest are named, and the floor is the newest one that is not', async () => {
    await using opened = await open()
    closeOrders(opened.store, CLOSED_KEPT_MAX + 3)
    const newest = 2 * (CLOSED_KEPT_MAX + 3)
    const some = { count: CLOSED_KEPT_MAX, oldest: 8, newest, isSorted: true, closedFloor: 6 }
    expect(closedOf(opened)).toEqual([some, some])
    // One that is not named any more is still found.
    expect(find(opened.next(), 'order-0')?.record).toMatchObject({ state: 'discarded', seq: 2 })
    // The oldest that is named changes: now it is the newest, and the floor stays where it was.
    commit(opened.store, marked('order-3', { state: 'final', seq: newest + 1 }))
    const moved = { ...some, oldest: 10, newest: newest + 1 }
    expect(closedOf(opened)).toEqual([moved, moved])
  })
}

/** So many ticket requests, each with what the rules forget for it. */
function requests(count: number): Kept[] {
  return Array.from({ length: count }, (_, at) => {
    const number = at + 1
    const old = number - TICKET_MESSAGES_MAX
    const forgets = old > 0 ? { forgets: ticketMessage(`t-${old}`, old) } : {}
    return ticketGiven(number, { msgId: `t-${number}`, ...forgets })
  })
}

function holdTicketMessages(open: OpenStore): void {
  test('the last ticket requests are known, oldest first', async () => {
    await using opened = await open()
    commit(opened.store, terminalKept('t-a'), ...requests(TICKET_MESSAGES_MAX + 50))
    for (const { ticketMessages, tickets } of bothReadGroup(opened)) {
      expect(ticketMessages).toHaveLength(TICKET_MESSAGES_MAX)
      expect(ticketMessages[0]).toMatchObject({ msgId: 't-51', number: 51 })
      expect(ticketMessages.at(-1)).toMatchObject({ number: TICKET_MESSAGES_MAX + 50 })
      expect(tickets).toMatchObject([{ number: TICKET_MESSAGES_MAX + 50 }])
    }
  })

  test('a ticket request that is forgotten may come again', async () => {
    await using opened = await open()
    commit(opened.store, terminalKept('t-a'), ...requests(TICKET_MESSAGES_MAX + 1))
    const again = ticketGiven(1_000, { msgId: 't-1', orderType: 'delivery', forgets: ticketMessage('t-2', 2) })
    commit(opened.store, again)
    for (const { ticketMessages } of bothReadGroup(opened)) {
      expect(ticketMessages.at(-1)).toEqual(again.message ?? undefined)
      expect(ticketMessages).toHaveLength(TICKET_MESSAGES_MAX)
    }
  })

  test('two devices may number their ticket requests alike', async () => {
    await using opened = await open()
    const [mine, yours] = ['tablet-1', 'tablet-2'].map((deviceId, at) => ticketGiven(at + 1, { deviceId, msgId: '1' }))
    if (mine === undefined || yours === undefined) throw new Error('two requests were made')
    commit(opened.store, terminalKept('t-a'), mine, yours)
    for (const { ticketMessages } of bothReadGroup(opened)) {
      expect<unknown>(ticketMessages).toEqual([mine.message, yours.message])
    }
    commit(opened.store, ticketGiven(3, { forgets: ticketMessage('1', 1) }))
    for (const { ticketMessages } of bothReadGroup(opened)) expect<unknown>(ticketMessages).toEqual([yours.message])
  })
}

function holdTicketDays(open: OpenStore): void {
  test('a counter of tickets that is forgotten is gone, and no other', async () => {
    await using opened = await open()
    const given = (day: string, orderType: string) => ticketGiven(3, { day, orderType })
    commit(
      opened.store,
      terminalKept('t-a'),
      given('d-1', 'takeout'),
      given('d-1', 'delivery'),
      given('d-2', 'takeout'),
    )
    commit(opened.store, ticketGiven(1, { day: 'd-3', forgetsDay: 'd-1' }))
    for (const { tickets } of bothReadGroup(opened)) {
      expect(tickets.map(({ day, orderType }) => `${day} ${orderType}`)).toEqual([
        'd-1 delivery',
        'd-2 takeout',
        'd-3 takeout',
      ])
    }
  })
}
