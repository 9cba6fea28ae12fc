import { expect, test } from 'bun:test'
import type { OdooAnswered } from '../../src/core/command.ts'
import type { CallItem, FinalizeAnswer, OdooCall } from '../../src/core/odoo.ts'
import type { Order } from '../../src/core/state.ts'
import type { Odoo, OdooOrder } from '../../src/engine/ports.ts'
import { type GroupId, Opaque, type PosReference } from '../../src/protocol/mod.ts'
import { Caller } from '../../src/upstream/caller.ts'

const MADE: FinalizeAnswer = { kind: 'made', orderId: 7, lineIdMap: new Opaque('{}'), fiscal: null, created: true }

function item(posReference: string): CallItem {
  return { group: 'default' as GroupId, posReference: posReference as PosReference, version: 1, configId: 3 }
}

function finalizeCall(id: number, posReference: string): OdooCall {
  return { id, what: 'finalize', items: [item(posReference)] }
}

/** An Odoo whose finalize calls are answered when the test says so. */
class SlowOdoo implements Odoo {
  readonly asked: OdooOrder[] = []
  readonly batches: (readonly OdooOrder[])[] = []
  readonly answers: ((answer: FinalizeAnswer) => void)[] = []

  finalize(order: OdooOrder): Promise<FinalizeAnswer> {
    this.asked.push(order)
    return new Promise((resolve) => this.answers.push(resolve))
  }
  batch(orders: readonly OdooOrder[]) {
    this.batches.push(orders)
    return Promise.resolve({ kind: 'batched', results: new Map() } as const)
  }
  look() {
    return Promise.resolve({ kind: 'cannot' } as const)
  }
  list() {
    return Promise.resolve({ kind: 'cannot' } as const)
  }
  probe() {
    return Promise.resolve({ kind: 'probed', failure: null } as const)
  }
}

type Kept = Pick<Order, 'snapshot'> & { readonly record: Pick<Order['record'], 'state'> }

function callerOn(orders: { readonly [reference: string]: Kept }) {
  const odoo = new SlowOdoo()
  const heard: OdooAnswered[] = []
  const caller = new Caller({
    odoo,
    chance: () => 0.25,
    submit: (command) => heard.push(command),
    orderAt: ({ posReference }) => (orders[posReference] as Order | undefined) ?? null,
  })
  return { odoo, heard, caller }
}

function kept(json: string, state: Order['record']['state'] = 'finalizing'): Kept {
  return { snapshot: new Opaque(json), record: { state } }
}

test('a call carries the order as it is now, and its answer comes back with its number and a chance', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{"x":1}') })
  caller.perform(finalizeCall(4, 'a'))
  expect(odoo.asked).toEqual([
    { posReference: 'a' as PosReference, configId: 3, snapshot: new Opaque('{"x":1}'), isDiscarded: false },
  ])
  odoo.answers[0]?.(MADE)
  await caller.idle()
  expect(heard).toEqual([{ kind: 'odoo_answered', call: 4, result: { what: 'finalize', answer: MADE }, chance: 0.25 }])
})

test('after memory was read anew, a reference in flight is not called a second time before the first call is over', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{}', 'open'), b: kept('{}', 'open') })
  caller.perform(finalizeCall(1, 'a'))
  caller.forget()
  caller.perform(finalizeCall(1, 'a'))
  caller.perform({ id: 2, what: 'batch', items: [item('b'), item('a')] })
  caller.perform(finalizeCall(3, 'b'))
  expect(odoo.asked.map(({ posReference }) => String(posReference))).toEqual(['a'])
  odoo.answers[0]?.(MADE)
  await Promise.resolve()
  await new Promise<void>((resolve) => queueMicrotask(resolve))
  // The old answer means nothing to the new memory; the new call may begin now.
  expect(heard).toEqual([])
  for (let turn = 0; odoo.answers.length < 2 && turn < 100; turn++) await Promise.resolve()
  expect(odoo.asked.map(({ posReference }) => String(posReference))).toEqual(['a', 'a'])
  expect(odoo.batches).toEqual([])
  odoo.answers[1]?.(MADE)
  for (let turn = 0; odoo.answers.length < 3 && turn < 100; turn++) await Promise.resolve()
  expect(odoo.batches.length).toBe(1)
  odoo.answers[2]?.(MADE)
  await caller.idle()
  expect(heard.map(({ call }) => call)).toEqual([1, 2, 3])
})

test('a call that waited while memory was read anew is not made', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{}') })
  caller.perform(finalizeCall(1, 'a'))
  caller.perform(finalizeCall(2, 'a'))
  caller.forget()
  odoo.answers[0]?.(MADE)
  await caller.idle()
  expect([odoo.asked.length, heard]).toEqual([1, []])
})

test('an order that the disk cannot give is tried again: nothing was sent', async () => {
  const { odoo, heard, caller } = callerOn({ b: kept('{}', 'discarded') })
  caller.perform(finalizeCall(1, 'a'))
  caller.perform({ id: 2, what: 'batch', items: [item('a'), item('b')] })
  caller.perform({ id: 3, what: 'batch', items: [item('a')] })
  await caller.idle()
  expect(odoo.asked).toEqual([])
  const failed = { kind: 'failed', failure: { kind: 'transient', scope: 'call', mayHaveLanded: false } }
  expect(heard.find(({ call }) => call === 1)).toMatchObject({ result: { what: 'finalize', answer: failed } })
  expect(heard.find(({ call }) => call === 3)).toMatchObject({ result: { what: 'batch', answer: failed } })
  expect(odoo.batches).toMatchObject([[{ posReference: 'b', isDiscarded: true }]])
})

test('probes and look-ups go beside what is in flight', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{}') })
  caller.perform(finalizeCall(1, 'a'))
  caller.perform({ id: 2, what: 'look', items: [item('a')] })
  caller.perform({ id: 3, what: 'sweep', items: [item('a')] })
  caller.perform({ id: 4, what: 'probe', items: [] })
  for (let turn = 0; heard.length < 3 && turn < 100; turn++) await Promise.resolve()
  expect(heard.map(({ call, result }) => [call, result.what])).toEqual([
    [2, 'look'],
    [3, 'sweep'],
    [4, 'probe'],
  ])
  odoo.answers[0]?.(MADE)
  await caller.idle()
})

test('a batch leaves out what was paid in the turn that began it: a payment goes its own road', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{}', 'finalizing'), b: kept('{}', 'open') })
  caller.perform({ id: 1, what: 'batch', items: [item('a'), item('b')] })
  caller.perform({ id: 2, what: 'batch', items: [item('a')] })
  await caller.idle()
  expect(odoo.batches.map((orders) => orders.map(({ posReference }) => String(posReference)))).toEqual([['b']])
  const failed = { kind: 'failed', failure: { kind: 'transient', scope: 'call', mayHaveLanded: false } }
  expect(heard.find(({ call }) => call === 2)).toMatchObject({ result: { what: 'batch', answer: failed } })
})

test('closed, it calls nobody any more, and what still comes back is not told', async () => {
  const { odoo, heard, caller } = callerOn({ a: kept('{}'), b: kept('{}') })
  caller.perform(finalizeCall(1, 'a'))
  caller.perform(finalizeCall(2, 'a'))
  caller.close()
  caller.perform(finalizeCall(3, 'b'))
  caller.perform({ id: 4, what: 'probe', items: [] })
  odoo.answers[0]?.(MADE)
  await caller.idle()
  expect([odoo.asked.map(({ posReference }) => String(posReference)), heard]).toEqual([['a'], []])
})
