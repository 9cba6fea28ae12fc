import { describe, expect, test } from 'bun:test'
import type { OdooAnswer, OdooCall, OdooFailure } from '../../src/core/odoo.ts'
import { Doubt } from '../../src/upstream/doubt.ts'
import { failureOf } from '../../src/upstream/failure.ts'
import {
  batched,
  failed,
  finalized,
  gap,
  looked,
  made,
  madeItem,
  openShop,
  STORED,
  save,
  until,
  WELL,
  waitsForOdoo,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { pay } from './words.ts'

/** One order that no call gets through with must not keep the others from Odoo. */

const POISON = 'A'

function isPoisoned(call: OdooCall): boolean {
  return call.items.some(({ posReference }) => posReference === POISON)
}

let orders = 0

/** Odoo's order of each of them, with a number that no other has. */
function allMade(call: OdooCall): OdooAnswer {
  const results = call.items.map(({ posReference }) => {
    orders++
    return [posReference, madeItem(orders)] as const
  })
  return batched(Object.fromEntries(results))
}

function allStored(call: OdooCall): OdooAnswer {
  return batched(Object.fromEntries(call.items.map(({ posReference }) => [posReference, STORED])))
}

/** Answers this many batches, fewer if only the poison is left; the number of them. */
function batches(shop: Play, most: number, answer: (call: OdooCall) => OdooAnswer): number {
  for (let count = 0; count < most; count++) {
    if (waitsForOdoo(shop).length === 1) return count
    const call = until(shop, 'batch')
    shop.answer(call, answer(call))
  }
  return most
}

describe('a batch that one order brings down', () => {
  test.each([
    ['closed', 'transient', 'SERVER_ERROR'],
    ['paid', 'transient', 'SERVER_ERROR'],
    ['paid', 'ambiguous', 'BAD_JSON'],
  ] as const)('[W5] is split also where the whole only failed: %s, %s', (status, kind, code) => {
    const { shop, a } = openShop()
    for (const name of [POISON, 'B', 'C']) save(a, name, { status })
    const good = status === 'paid' ? allMade : allStored
    const count = batches(shop, 30, (call) => (isPoisoned(call) ? failed('batch', kind, { code }) : good(call)))
    expect(waitsForOdoo(shop)).toEqual([POISON])
    expect(count).toBeLessThan(30)
    for (const name of ['B', 'C']) expect(shop.order(name).record.state).toBe(status === 'paid' ? 'final' : 'discarded')
  })

  test('[W5] failed once: it goes whole once more, for one failure is no sign of a bad order', () => {
    const { shop, a } = openShop()
    for (const name of [POISON, 'B', 'C']) save(a, name, { status: 'paid' })
    shop.answer(until(shop, 'batch'), failed('batch', 'transient'))
    expect(until(shop, 'batch').items).toHaveLength(3)
  })
})

/** Odoo's server, to whose front it is the poison alone that brings it down; how often each payment was called. */
class PoisonedOdoo {
  readonly finalized = new Map<string, number>()
  readonly #shop: Play
  readonly #failure: OdooFailure
  readonly #doubt: Doubt

  constructor(shop: Play, failure: OdooFailure) {
    this.#shop = shop
    this.#failure = failure
    this.#doubt = new Doubt({ now: () => shop.now })
  }

  /** Answers everything that is called within that time. */
  serve(ms: number): void {
    const endAt = this.#shop.now + ms
    while (this.#shop.now < endAt) {
      this.#shop.advance(5)
      for (const call of [...this.#shop.calls]) this.#shop.answer(call, this.#answerTo(call))
    }
  }

  #answerTo(call: OdooCall): OdooAnswer {
    const { what } = call
    if (what === 'probe') return this.#probed()
    if (what === 'look' || what === 'sweep') return looked(what)
    const isDown = isPoisoned(call)
    this.#doubt.heard(isDown ? this.#failure : null)
    for (const { posReference } of call.items)
      this.finalized.set(posReference, (this.finalized.get(posReference) ?? 0) + 1)
    if (what === 'batch') return isDown ? failed('batch', 'transient', this.#failure) : allMade(call)
    if (isDown) return finalized({ kind: 'failed', failure: this.#failure })
    orders++
    return made(orders)
  }

  #probed(): OdooAnswer {
    const failure = this.#doubt.judge()
    return failure === null ? WELL : { what: 'probe', answer: { kind: 'probed', failure } }
  }
}

describe('one order whose calls end as if the server were away', () => {
  test.each(['BAD_GATEWAY', 'ACCESS'] as const)('[E3] lets the payments after it go first: %s', (code) => {
    const { shop, a } = openShop()
    const odoo = new PoisonedOdoo(shop, failureOf(code))
    a.ask(pay(POISON), 'ORDER_FINALIZE_QUEUED')
    odoo.serve(20_000)
    for (const name of ['B', 'C', 'D']) a.say(pay(name))
    odoo.serve(600_000)
    expect(waitsForOdoo(shop)).toEqual([POISON])
    for (const name of ['B', 'C', 'D'])
      expect([shop.order(name).record.state, odoo.finalized.get(name)]).toEqual(['final', 1])
    expect(odoo.finalized.get(POISON)).toBeGreaterThan(5)
  })

  test.each([
    ['goes after later ones while that goes on', 'server', 'B'],
    ['goes before later ones again when a call ended otherwise', 'call', POISON],
  ] as const)('[E3] %s', (_, scope, next) => {
    const { shop, a } = openShop()
    a.ask(pay(POISON), 'ORDER_FINALIZE_QUEUED')
    for (let time = 0; time < 3; time++)
      shop.answer(until(shop, 'finalize'), failed('finalize', 'transient', { scope: 'server', code: 'UNAVAILABLE' }))
    shop.answer(until(shop, 'finalize'), failed('finalize', 'transient', { scope, code: 'UNAVAILABLE' }))
    // Both wait until the session is free.
    for (const name of ['X', 'B']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    const call = until(shop, 'finalize', 'X')
    shop.advance(30_000)
    shop.answer(call, made(1))
    gap(shop)
    const [begun] = shop.calls.filter(({ what }) => what === 'finalize')
    expect(begun?.items.map(({ posReference }) => String(posReference))).toEqual([next])
  })

  test('[W5] is alone with it in a batch too', () => {
    const { shop, a } = openShop()
    const odoo = new PoisonedOdoo(shop, failureOf('BAD_GATEWAY'))
    for (const name of [POISON, 'B', 'C']) save(a, name, { status: 'paid' })
    odoo.serve(1_200_000)
    expect(waitsForOdoo(shop)).toEqual([POISON])
    for (const name of ['B', 'C']) expect(shop.order(name).record.state).toBe('final')
  })
})
