import { describe, expect, test } from 'bun:test'
import type { OdooCall } from '../../src/core/odoo.ts'
import type { PosReference } from '../../src/protocol/mod.ts'
import { checkAnswer } from './answers.ts'
import { Beliefs } from './beliefs.ts'
import { Books } from './books.ts'
import { calm, checkConverged, watchPayments } from './invariants.ts'
import { type Fate, OdooModel } from './odoo_model.ts'
import { GROUPS } from './odoo_shop.ts'
import { Play } from './play.ts'
import { GROUP, ODOO } from './stage.ts'
import type { Frame, Till } from './till.ts'
import { acquire, pay, write } from './words.ts'

/**
 * Every sequence of up to three events about one order that was paid: what terminals, Odoo, the network and people can do to it. Then
 * the faults are over, and hub and Odoo must say the same.
 */
const DEPTH = 3

type World = {
  readonly shop: Play
  readonly books: Books
  readonly beliefs: Beliefs
  readonly model: OdooModel
  readonly entered: Set<string>
  readonly a: Till
  /** A v1 terminal. */
  readonly b: Till
}

type Deed = { readonly name: string; readonly do: (world: World) => void }

function say(till: Till, frame: Frame): void {
  // After a restart a terminal comes back before it speaks.
  if (till.line === null) till.back()
  checkAnswer(till, frame, till.say(frame))
}

/** All calls in flight end in this way; those they lead to are for the next deed. */
function end({ shop, model }: World, fate: Fate): void {
  for (const call of [...shop.calls]) model.end(call, fate, { lateMs: ODOO.deadMs - 1 })
}

/** Writes the next version that says so, if it may. */
function save(world: World, status: string): void {
  say(world.a, acquire('A', world.books.version('A')))
  if (!world.beliefs.believes(world.a.id, 'lease:A')) return
  say(world.a, write('A', world.books.version('A'), { status, settles: true }))
}

function restart({ shop, model, beliefs }: World): void {
  model.land()
  model.orphan((call: OdooCall) => ({ fate: call.id % 2 === 0 ? 'landed' : 'late', lateMs: ODOO.deadMs - 1 }))
  shop.restart()
  beliefs.forgetDenied()
}

function ask({ shop, books, entered }: World, isRetry: boolean): void {
  const wish = isRetry ? ({ kind: 'retry' } as const) : ({ kind: 'entered', note: 'n', orderId: 0 } as const)
  const before = books.state('A')
  shop.do({ kind: 'asked', ask: 1, person: 'ana', group: GROUP, posReference: 'A' as PosReference, wish })
  if (!isRetry && before !== 'final' && books.state('A') === 'final') entered.add('A')
}

function pass({ shop, model }: World, ms: number): void {
  shop.advance(ms)
  model.land()
}

const DEEDS: readonly Deed[] = [
  { name: 'a pays', do: ({ a }) => say(a, pay('A', { settles: true }, { msgId: 'pay' })) },
  { name: 'b pays something else', do: ({ b }) => say(b, pay('A', { settles: true, tip: 1 })) },
  { name: 'a writes a draft', do: (world) => save(world, 'draft') },
  { name: 'a writes "paid"', do: (world) => save(world, 'paid') },
  { name: 'it is sold directly', do: ({ model }) => void model.sell('A', '{"settles":true}') },
  { name: 'calls end well', do: (world) => end(world, 'well') },
  { name: 'calls are refused', do: (world) => end(world, 'refuse') },
  { name: 'calls are carried out, their answers lost', do: (world) => end(world, 'landed') },
  { name: 'calls are given up, and carried out later', do: (world) => end(world, 'late') },
  { name: 'calls say an odd yes', do: (world) => end(world, 'odd') },
  { name: 'the server is down', do: (world) => end(world, 'down') },
  { name: 'a minute passes', do: (world) => pass(world, 60_500) },
  { name: 'a call given up must be over', do: (world) => pass(world, ODOO.deadMs) },
  { name: 'the hub starts anew', do: restart },
  { name: 'somebody tries again', do: (world) => ask(world, true) },
  { name: 'somebody enters it by hand', do: (world) => ask(world, false) },
]

/** Odoo is there; the order is paid, or a snapshot of it says so. */
function begin(how: 'paid' | 'said paid'): World {
  const shop = new Play({ isQuick: true, settings: { odoo: ODOO, groups: GROUPS } })
  const [books, beliefs, model] = [new Books(shop), new Beliefs(shop), new OdooModel(shop)]
  watchPayments(shop, model)
  const a = shop.join({ name: 'a', configId: 7 })
  const b = shop.join({ name: 'b', protocol: 1, configId: 7 })
  const world = { shop, books, beliefs, model, a, b, entered: new Set<string>() }
  shop.advance(0)
  end(world, 'well')
  shop.advance(5)
  if (how === 'paid') say(a, pay('A', { settles: true }, { msgId: 'pay' }))
  else {
    save(world, 'paid')
    shop.advance(60_000)
  }
  return world
}

/** Plays one sequence; what goes wrong is said with all that led to it. Whether its last deed changed anything. */
function playThrough(how: 'paid' | 'said paid', deeds: readonly Deed[]): boolean {
  const world = begin(how)
  const { shop, model } = world
  let changes = 0
  let sold = 0
  const led: string[] = [how]
  try {
    for (const deed of deeds) {
      changes = shop.changes.length
      sold = model.sales.size + model.late.length
      led.push(deed.name)
      deed.do(world)
    }
    const isNew = shop.changes.length > changes || model.sales.size + model.late.length > sold
    led.push('and calm')
    calm(shop, model, 8)
    checkConverged(shop, model, world.entered)
    return isNew
  } catch (error) {
    throw new Error(`${led.join(', ')}: ${String(error)}`, { cause: error })
  }
}

/** Every sequence that begins so. After a deed that changed nothing the same worlds follow as without it. */
function explore(how: 'paid' | 'said paid', beginning: readonly Deed[]): number {
  let count = 0
  for (const deed of DEEDS) {
    const deeds = [...beginning, deed]
    count++
    if (playThrough(how, deeds) && deeds.length < DEPTH) count += explore(how, deeds)
  }
  return count
}

describe('every small world with Odoo', () => {
  test.each(['paid', 'said paid'] as const)(
    '[P1][P2][P3][P6][J1][J2][J3][B5][W6] one order for the sale, and both sides say the same: %s',
    (how) => {
      expect(explore(how, [])).toBeGreaterThan(2_000)
    },
    120_000,
  )
})
