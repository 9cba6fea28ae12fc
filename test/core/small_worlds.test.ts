import { describe, expect, test } from 'bun:test'
import { checkAnswer } from './answers.ts'
import { Beliefs } from './beliefs.ts'
import { Books } from './books.ts'
import { Play } from './play.ts'
import type { Frame, Till } from './till.ts'
import { acquire, discard, force, forceLock, lock, pay, release, write } from './words.ts'

/**
 * Every sequence of up to four commands of two terminals and a manager about one order and one table, with the books of
 * two auditors held after each step. What no sequence of four can do wrong, few longer ones will.
 */
const DEPTH = 4

type World = {
  readonly shop: Play
  readonly books: Books
  readonly beliefs: Beliefs
  readonly a: Till
  /** A v1 terminal. */
  readonly b: Till
  readonly manager: Till
}

type Deed = { readonly name: string; readonly do: (world: World) => void }

function say(till: Till, frame: Frame): void {
  // A terminal without a socket says nothing.
  if (till.line !== null) checkAnswer(till, frame, till.say(frame))
}

/** A write from the version that is stored: whether it is taken hangs on lease and state alone. */
function writeNow(world: World, till: Till): void {
  const before = world.books.version('A')
  const mayWrite = world.beliefs.believes(till.line === null ? '' : till.id, 'lease:A')
  say(till, write('A', before, { tableId: 5 }))
  expect(world.books.version('A')).toBe(mayWrite ? before + 1 : before)
}

const DEEDS: readonly Deed[] = [
  { name: 'a asks', do: (world) => say(world.a, acquire('A', world.books.version('A'))) },
  { name: 'b asks', do: (world) => say(world.b, acquire('A', 0)) },
  { name: 'm forces', do: (world) => say(world.manager, force('A')) },
  { name: 'a writes', do: (world) => writeNow(world, world.a) },
  { name: 'b writes', do: (world) => writeNow(world, world.b) },
  { name: 'a writes an old version', do: (world) => say(world.a, write('A', 0, { tableId: 5 })) },
  { name: 'a releases', do: (world) => say(world.a, release('A')) },
  { name: 'a pays', do: (world) => say(world.a, pay('A', { tableId: 5 }, { msgId: 'pay' })) },
  { name: 'b pays', do: (world) => say(world.b, pay('A', { tableId: 5 })) },
  { name: 'a discards', do: (world) => say(world.a, discard('A', world.books.version('A'))) },
  { name: 'b locks', do: (world) => say(world.b, lock(5)) },
  { name: 'm forces the table', do: (world) => say(world.manager, forceLock(5)) },
  {
    name: 'a goes or comes',
    do: ({ a }) => void (a.line === null ? a.back() : a.drop()),
  },
  { name: 'a minute passes', do: ({ shop }) => shop.advance(60_000) },
]

function begin(): World {
  const shop = new Play({ store: null, isQuick: true })
  const [books, beliefs] = [new Books(shop), new Beliefs(shop)]
  const a = shop.join({ name: 'a' })
  const b = shop.join({ name: 'b', protocol: 1 })
  return { shop, books, beliefs, a, b, manager: shop.join({ name: 'm', role: 'manager' }) }
}

/** Plays one sequence; what goes wrong is said with all that led to it. Whether its last deed changed anything. */
function playThrough(deeds: readonly Deed[]): boolean {
  const world = begin()
  let changes = 0
  for (const [at, deed] of deeds.entries()) {
    changes = world.shop.changes.length
    try {
      deed.do(world)
    } catch (error) {
      const led = deeds.slice(0, at + 1).map(({ name }) => name)
      throw new Error(`${led.join(', ')}: ${String(error)}`, { cause: error })
    }
  }
  return world.shop.changes.slice(changes).some(({ kind }) => kind !== 'heard')
}

/** Every sequence that begins so. After a deed that changed nothing the same worlds follow as without it. */
function explore(beginning: readonly Deed[]): number {
  let count = 0
  for (const deed of DEEDS) {
    const deeds = [...beginning, deed]
    count++
    if (playThrough(deeds) && deeds.length < DEPTH) count += explore(deeds)
  }
  return count
}

describe('every small world', () => {
  test('[G1][V2][V3][V6] one holder, one writer, no version falls, what was paid stays paid, every request is answered', () => {
    expect(explore([])).toBeGreaterThan(10_000)
  }, 30_000)
})
