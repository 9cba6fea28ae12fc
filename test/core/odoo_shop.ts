import { expect } from 'bun:test'
import { CALL_GAP_MS } from '../../src/core/limits.ts'
import type {
  FailureCode,
  FinalizeAnswer,
  FoundOrder,
  ItemAnswer,
  OdooAnswer,
  OdooCall,
  OdooFailure,
} from '../../src/core/odoo.ts'
import type { OutboxItem } from '../../src/core/outbox.ts'
import type { OdooRules } from '../../src/core/state.ts'
import { Opaque, type PosReference } from '../../src/protocol/mod.ts'
import type { Heard } from '../support/inbox.ts'
import { Play } from './play.ts'
import { GROUP, ODOO } from './stage.ts'
import type { Till } from './till.ts'
import { acquire, release, write } from './words.ts'

/** A shop with a road to Odoo, and Odoo's answers. */

export const GROUPS = new Map([7, 8, 9, 10, 11, 12].map((configId) => [configId, GROUP]))

export type Shop = { readonly shop: Play; readonly a: Till; readonly b: Till }

/** Two terminals; Odoo was asked for nothing yet. */
export function openAway(rules: Partial<OdooRules> = {}): Shop {
  const shop = new Play({ settings: { odoo: { ...ODOO, ...rules }, groups: GROUPS } })
  const [a, b] = [shop.join({ name: 'a', configId: 7 }), shop.join({ name: 'b', configId: 7 })]
  for (const till of [a, b]) till.take()
  return { shop, a, b }
}

/** The same, and Odoo is there. */
export function openShop(rules: Partial<OdooRules> = {}): Shop {
  const opened = openAway(rules)
  opened.shop.advance(0)
  wellProbed(opened.shop)
  gap(opened.shop)
  return opened
}

/** The one probe that must be in flight finds Odoo well. */
export function wellProbed(shop: Play): void {
  shop.answer(only(shop, 'probe'), WELL)
}

export function flying(shop: Play): string[] {
  return shop.calls.map(({ what, items }) => [what, ...items.map(({ posReference }) => posReference)].join(' '))
}

/** The call that must be the only one in flight. */
export function only(shop: Play, what: OdooCall['what']): OdooCall {
  expect(shop.calls.map((call) => call.what)).toEqual([what])
  return callOf(shop, what)
}

/** The oldest call in flight of that kind, about that order if one is named. */
export function callOf(shop: Play, what: OdooCall['what'], posReference?: string): OdooCall {
  const isIt = (call: OdooCall) =>
    call.what === what && (posReference === undefined || call.items.some((item) => item.posReference === posReference))
  const call = shop.calls.find(isIt)
  if (call === undefined) throw new Error(`no ${what} in flight among ${flying(shop).join(', ') || 'nothing'}`)
  return call
}

/** Time enough for the next call to begin, if one is due. */
export function gap(shop: Play): void {
  shop.advance(CALL_GAP_MS)
}

export function itemOf(shop: Play, posReference: string): OutboxItem {
  const item = shop.group.outbox.get(posReference as PosReference)
  if (item === undefined) throw new Error(`${posReference} is not on its way to Odoo`)
  return item
}

export function waitsForOdoo(shop: Play): string[] {
  return [...shop.group.outbox.keys()].map(String)
}

/** What is kept of the row on the disk, as a hub has it that starts now. */
export function rowOnDisk(shop: Play, posReference: string) {
  const read = shop.store?.recover()
  if (read?.ok !== true) throw new Error('the store cannot be read')
  const group = read.stored.groups.find(({ id }) => id === GROUP)
  return group?.outbox.find((row) => row.posReference === posReference)
}

export function toldOf<T extends Heard['type']>(till: Till, type: T) {
  return till.taken(type)
}

/** Lets time pass until a call of that kind begins; what the hub asks of its own accord finds Odoo well and empty. */
export function until(shop: Play, what: OdooCall['what'], posReference?: string): OdooCall {
  const isIt = (call: OdooCall) =>
    call.what === what && (posReference === undefined || call.items.some((item) => item.posReference === posReference))
  for (let ms = 0; ms <= UNTIL_MS; ms += STEP_MS) {
    const call = shop.calls.find(isIt)
    if (call !== undefined) return call
    for (const other of [...shop.calls]) {
      if (other.what === 'probe') shop.answer(other, WELL)
      if (other.what === 'sweep' || other.what === 'look') shop.answer(other, looked(other.what))
    }
    shop.advance(STEP_MS)
  }
  throw new Error(`no ${what} began; in flight: ${flying(shop).join(', ')}`)
}

const STEP_MS = 100
const UNTIL_MS = 1_000_000

export const WELL: OdooAnswer = { what: 'probe', answer: { kind: 'probed', failure: null } }

export const LINES = new Opaque('{"l1":71}')
export const FISCAL = new Opaque('{"ncf":"B0100000001"}')

export function made(orderId: number, created: boolean | null = true): OdooAnswer {
  return finalized({ kind: 'made', orderId, lineIdMap: LINES, fiscal: FISCAL, created })
}

export function finalized(answer: FinalizeAnswer): OdooAnswer {
  return { what: 'finalize', answer }
}

const CODES: { readonly [K in OdooFailure['kind']]: FailureCode } = {
  transient: 'COLLISION',
  ambiguous: 'TIMEOUT',
  refused: 'VALIDATION',
  waiting: 'NO_OPEN_SESSION',
  unauthorised: 'SIGN_IN',
}

export function failure(kind: OdooFailure['kind'], more: Partial<OdooFailure> = {}): OdooFailure {
  const base = { kind, code: CODES[kind], text: `Odoo: ${kind}`, scope: 'call', retryAfterMs: null } as const
  return { ...base, mayHaveLanded: kind === 'ambiguous', ...more }
}

/** A call about one order or a batch that brought no answer of the add-on. */
export function failed<W extends OdooCall['what']>(
  what: W,
  kind: OdooFailure['kind'],
  more: Partial<OdooFailure> = {},
): OdooAnswer {
  const why = failure(kind, more)
  if (what === 'probe') return { what: 'probe', answer: { kind: 'probed', failure: why } }
  const answer = { kind: 'failed', failure: why } as const
  return { what, answer } as OdooAnswer
}

export const REFUSED = failed('finalize', 'refused', { text: 'No such product' })
export const LOST = failed('finalize', 'ambiguous')
export const NO_SESSION = failed('finalize', 'waiting', { text: 'No open session for Bar' })
export const DOWN = { scope: 'server', code: 'CONNECTION_REFUSED' } as const

export function batched(results: { readonly [posReference: string]: ItemAnswer }): OdooAnswer {
  return { what: 'batch', answer: { kind: 'batched', results: new Map(Object.entries(results)) } }
}

export const STORED: ItemAnswer = { kind: 'stored' }

export function madeItem(orderId: number): ItemAnswer {
  return { kind: 'made', orderId, lineIdMap: LINES, fiscal: FISCAL, created: true }
}

export function found(posReference: string, more: Partial<FoundOrder> = {}): FoundOrder {
  return { posReference, orderId: 5, state: 'paid', amountTotal: null, configId: 7, ...more }
}

export function looked(what: 'look' | 'sweep', ...orders: readonly FoundOrder[]): OdooAnswer {
  return { what, answer: { kind: 'looked', orders } }
}

/** A finalize of which nobody heard: Odoo may have made the order, or may still make it. */
export function loseFinalize(shop: Play, posReference: string): void {
  shop.answer(callOf(shop, 'finalize', posReference), LOST)
}

/** Writes the next version of an order and lets go of it. */
export function save(till: Till, posReference: string, snapshot: { readonly [field: string]: unknown }): void {
  const { version } = till.ask(acquire(posReference, 1_000), 'LEASE_GRANTED')
  till.ask(write(posReference, version, snapshot), 'ORDER_ACCEPTED')
  till.tell(release(posReference))
}

/** A snapshot that says "paid", on its way in a batch. */
export function openPaid(more: { readonly [field: string]: unknown } = {}): Shop {
  const opened = openShop()
  save(opened.a, 'A', { status: 'paid', ...more })
  until(opened.shop, 'batch')
  // The look-up of the minute may have come first.
  for (const call of opened.shop.calls.filter(({ what }) => what === 'sweep')) opened.shop.answer(call, looked('sweep'))
  for (const till of [opened.a, opened.b]) till.take()
  return opened
}

export const NO: ItemAnswer = {
  kind: 'failed',
  failure: failure('refused', { text: 'Unknown product 9' }),
}
