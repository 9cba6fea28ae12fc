import { describe, expect, test } from 'bun:test'
import type { Asked, Command } from '../../src/core/command.ts'
import { Desk, type DeskReply } from '../../src/engine/desk.ts'
import type { GroupId, PosReference } from '../../src/protocol/mod.ts'
import { finalize, signIn } from './commands.ts'
import { EngineHouse, FULL } from './house.ts'

const WAITING_MAX = 100

function wishFor(posReference: string, kind: 'retry' | 'payments_settled' = 'retry'): Omit<Asked, 'kind' | 'ask'> {
  const about = { person: 'ana', group: 'default' as GroupId, posReference: posReference as PosReference }
  return { ...about, wish: kind === 'retry' ? { kind } : { kind, note: 'given back' } }
}

/** A desk at an engine, as the house joins them. */
function open(house = EngineHouse.started()) {
  const desk = new Desk((command) => house.engine.submit(command))
  house.onPerform = (effects) => {
    for (const effect of effects) if (effect.kind === 'reply') desk.perform(effect)
  }
  return { house, desk }
}

/** Desks whose engine does nothing yet: what they submitted, and what came back. */
function openAlone(takes = true) {
  const submitted: Asked[] = []
  const desk = new Desk((command: Command) => {
    if (command.kind === 'asked' && takes) submitted.push(command)
    return takes
  })
  return { desk, submitted }
}

function isBusy(reply: DeskReply): boolean {
  return !reply.ok && reply.code === 'BUSY'
}

test('the answer comes when it is on the disk, and not before', async () => {
  const { house, desk } = open()
  house.run(signIn(1), finalize(1, 'a', { msgId: 'a' }))
  house.takeEvents()
  const told: DeskReply[] = []
  const asked = desk.ask(wishFor('a')).then((reply) => told.push(reply))
  await Promise.resolve()
  expect([told, house.takeEvents()]).toEqual([[], []])
  house.run()
  await asked
  expect(told).toEqual([{ ok: true }])
  expect(house.takeEvents()[0]).toStartWith('commit')
})

test('each hears its own answer, also when they come in one turn or in another order', async () => {
  const { house, desk } = open()
  house.run(signIn(1), finalize(1, 'a', { msgId: 'a' }))
  const replies = Promise.all([
    desk.ask(wishFor('nobody knows it')),
    desk.ask(wishFor('a')),
    desk.ask(wishFor('a', 'payments_settled')),
  ])
  house.run()
  const codes = (await replies).map((reply) => (reply.ok ? 'ok' : reply.code))
  expect(codes).toEqual(['ORDER_UNKNOWN', 'ok', 'NOTHING_TO_DO'])
  const { desk: other, submitted } = openAlone()
  const [first, second] = [other.ask(wishFor('a')), other.ask(wishFor('b'))]
  const [one, two] = submitted.map(({ ask }) => ask)
  if (one === undefined || two === undefined) throw new Error('they were not submitted')
  other.perform({ kind: 'reply', ask: two, reply: { ok: true } })
  other.perform({ kind: 'reply', ask: one, reply: { ok: false, code: 'ORDER_UNKNOWN', text: 'no' } })
  expect([(await first).ok, (await second).ok]).toEqual([false, true])
})

describe('busy', () => {
  test('where the hub does not take it', async () => {
    expect(isBusy(await openAlone(false).desk.ask(wishFor('a')))).toBe(true)
  })

  test('while the disk refuses, and when it refuses this very turn: nothing of it happens later', async () => {
    const { house, desk } = open()
    house.run(signIn(1), finalize(1, 'a', { msgId: 'a' }))
    house.disk.commits = FULL
    const reply = desk.ask(wishFor('a'))
    house.run()
    desk.forget()
    expect(isBusy(await reply)).toBe(true)
    expect(isBusy(await desk.ask(wishFor('a')))).toBe(true)
    house.disk.commits = null
    house.clock.advance(250)
    house.run()
    expect(house.store.audit('default' as GroupId, 9)).toEqual({ ok: true, value: [] })
  })

  test('beyond its bound: the hundredth is taken, the next is not, and an answer makes room', async () => {
    const { desk, submitted } = openAlone()
    const waiting = Array.from({ length: WAITING_MAX }, () => desk.ask(wishFor('a')))
    expect(submitted).toHaveLength(WAITING_MAX)
    expect(isBusy(await desk.ask(wishFor('a')))).toBe(true)
    expect(submitted).toHaveLength(WAITING_MAX)
    desk.perform({ kind: 'reply', ask: submitted[0]?.ask ?? 0, reply: { ok: true } })
    expect(await waiting[0]).toEqual({ ok: true })
    const next = desk.ask(wishFor('a'))
    expect(submitted).toHaveLength(WAITING_MAX + 1)
    desk.forget()
    expect((await Promise.all([...waiting.slice(1), next])).every(isBusy)).toBe(true)
  })

  test('an answer that comes after that, or twice, is nobody’s', async () => {
    const { desk, submitted } = openAlone()
    const reply = desk.ask(wishFor('a'))
    desk.forget()
    const ask = submitted[0]?.ask ?? 0
    for (const at of [ask, ask, 4711]) desk.perform({ kind: 'reply', ask: at, reply: { ok: true } })
    expect(isBusy(await reply)).toBe(true)
  })
})
