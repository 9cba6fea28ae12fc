import { describe, expect, test } from 'bun:test'
import { isKept } from '../../src/core/outcome.ts'
import { isActive, Opaque, type OrderState } from '../../src/protocol/mod.ts'
import { createRandom, pickWeighted, type Random } from '../support/random.ts'
import { checkAnswer } from './answers.ts'
import { Beliefs } from './beliefs.ts'
import { Books } from './books.ts'
import { checkDeadline, checkDisk } from './invariants.ts'
import { Play } from './play.ts'
import { DAY_MS } from './stage.ts'
import type { Frame, Till } from './till.ts'
import * as words from './words.ts'

const SEEDS = 200
const COMMANDS = 200

type Walk = {
  readonly shop: Play
  readonly books: Books
  readonly beliefs: Beliefs
  readonly tills: readonly Till[]
  readonly random: Random
}
type Deed = (walk: Walk, till: Till) => Frame | null

/** Few orders, tables and msgIds, so that terminals meet; some versions and fences that are wrong. */
const order = ({ random }: Walk) => `order ${random.below(4)}`
const table = ({ random }: Walk) => random.below(3)
const version = ({ random, books }: Walk, name: string) =>
  Math.max(0, books.version(name) + (random.below(6) === 0 ? random.below(4) - 2 : 0))
const content = ({ random }: Walk) => ({ tableId: random.below(4), n: random.below(3), text: random.text(4) })
const someId = ({ random }: Walk) => (random.below(3) === 0 ? { msgId: `m${random.below(12)}` } : {})
/** What was paid once, or something else. */
const payment = ({ random }: Walk) => ({ tableId: random.below(2), paid: random.below(2) })

function write(walk: Walk): Frame {
  const name = order(walk)
  const fence = walk.random.below(8) === 0 ? { fence: walk.random.below(20) } : {}
  return words.write(name, version(walk, name), content(walk), { ...someId(walk), ...fence })
}

function pay(walk: Walk): Frame {
  const name = order(walk)
  const baseVersion = walk.random.below(3) === 0 ? { baseVersion: version(walk, name) } : {}
  return words.pay(name, payment(walk), { ...someId(walk), ...baseVersion })
}

function discard(walk: Walk, till: Till): Frame | null {
  if (till.who.protocol === 1) return null
  const name = order(walk)
  return words.discard(name, version(walk, name), {
    ...someId(walk),
    ...(walk.random.below(2) === 0 && { reason: 'r' }),
  })
}

/** In the place of Odoo's answers. */
function hearOdoo({ shop, random, books }: Walk): null {
  const name = `order ${random.below(4)}`
  const states: readonly OrderState[] = ['refused', 'parked', 'final']
  const state = states[random.below(3)]
  if (books.state(name) !== 'finalizing' || state === undefined) return null
  const result = state === 'final' ? { orderId: 5, lineIdMap: new Opaque('{}'), fiscal: null } : null
  shop.mark(name, { state, result })
  return null
}

/** A socket closes, comes back, signs in again, or its link dies; what does not fit the moment is nothing. */
function move({ random, shop }: Walk, till: Till): null {
  const kind = random.below(10)
  till.answersPings = kind !== 0
  if (till.line === null) till.back({ seq: lastSeq(till), leases: ['order 1'], tableLocks: [1] })
  else if (kind < 5) till.drop()
  else if (kind < 8 && till.isIn) till.back({ seq: lastSeq(till) })
  else if (till.isIn) till.again()
  if (random.below(20) === 0) shop.jump((random.below(3) - 1) * DAY_MS)
  return null
}

/** The process ends now and then; who was there comes back later, as `move` has it. */
function restart({ shop, beliefs, random }: Walk): null {
  if (random.below(3) > 0) return null
  shop.restart()
  beliefs.forgetDenied()
  return null
}

function pass({ shop, random }: Walk): null {
  if (random.below(9) === 0) shop.stall(1_000 + random.below(100_000))
  else shop.advance(random.below(2) === 0 ? random.below(3_000) : random.below(40_000))
  return null
}

/** The newest seq that it heard of; older is allowed too, and costs only a longer delta. */
function lastSeq(till: Till): number {
  const newest = till
    .take()
    .reduce((seq, message) => ('seq' in message ? Math.max(seq, message.seq ?? 0) : seq), till.init.seq)
  return newest
}

const DEEDS: readonly (readonly [weight: number, deed: Deed])[] = [
  [12, (walk) => words.acquire(order(walk), walk.random.below(3))],
  [16, write],
  [4, (walk) => words.release(order(walk))],
  [2, (walk) => words.release(order(walk), { finalSnapshot: content(walk), ...someId(walk) })],
  [2, (walk) => words.beat(order(walk))],
  [2, (walk) => words.force(order(walk))],
  [6, pay],
  [4, discard],
  [6, (walk) => words.lock(table(walk))],
  [3, (walk) => words.unlock(table(walk))],
  [2, (walk) => words.beatLock(table(walk))],
  [2, (walk) => words.forceLock(table(walk))],
  [2, (walk) => words.updateTable(table(walk), walk.random.text(3))],
  [1, (walk) => words.updateFloor(table(walk), [content(walk)])],
  [2, (walk) => words.ticket(walk.random.below(2) === 0 ? 'takeout' : 'delivery', someId(walk))],
  [3, () => words.HEARTBEAT],
  [2, (walk, till) => (till.who.protocol === 1 ? null : words.sync('e1', walk.random.below(30)))],
  [3, hearOdoo],
  [8, move],
  [8, pass],
  [1, restart],
]

function begin(seed: number): Walk {
  const shop = new Play({ isQuick: true })
  const books = new Books(shop)
  const beliefs = new Beliefs(shop)
  shop.onlookers.push(({ outcome }) => {
    checkDeadline(shop)
    if (outcome.changes.some(isKept)) checkDisk(shop)
  })
  const tills = [
    shop.join(),
    shop.join({ role: 'waiter' }),
    shop.join({ role: 'manager' }),
    shop.join({ protocol: 1, deviceId: 'tablet' }),
    shop.join({ protocol: 1, deviceId: 'tablet' }),
    shop.join({ protocol: 1, role: 'kitchen' }),
  ]
  return { shop, books, beliefs, tills, random: createRandom(seed) }
}

/** One seed; its last steps are said where it fails. */
function play(seed: number): number {
  const walk = begin(seed)
  const { random, tills } = walk
  const story: string[] = []
  let active = 0
  for (let at = 0; at < COMMANDS; at++) {
    const till = tills[random.below(tills.length)]
    if (till === undefined) continue
    try {
      const frame = pickWeighted(random, DEEDS)(walk, till)
      story.push(`${till.who.name} ${JSON.stringify(frame)}`)
      if (frame !== null && till.line !== null && till.isIn) checkAnswer(till, frame, till.say(frame))
    } catch (error) {
      const last = story.slice(-12).join('\n')
      throw new Error(`seed ${seed}, command ${at}: ${String(error)}\n${last}`, { cause: error })
    }
  }
  for (const { record } of walk.shop.group.orders.values()) if (isActive(record.state)) active++
  return active
}

describe('random walks', () => {
  test('[R2][G1][G6][V2][V6][Y2] hold the books of all auditors, and after each kept change the disk is memory', () => {
    let active = 0
    for (let seed = 1; seed <= SEEDS; seed++) active += play(seed)
    expect(active).toBeGreaterThan(SEEDS)
  }, 60_000)
})
