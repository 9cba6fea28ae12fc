import type { Command, SignIn } from '../../src/core/command.ts'
import { evolve } from '../../src/core/evolve.ts'
import { step, wantedOrder } from '../../src/core/hub.ts'
import type { OdooAnswer, OdooCall } from '../../src/core/odoo.ts'
import { type Change, type Effect, isKept, type Outcome, type Reply } from '../../src/core/outcome.ts'
import {
  type Group,
  type Hub,
  type Moment,
  type Order,
  type OrderRecord,
  orderOf,
  type Settings,
} from '../../src/core/state.ts'
import { hubFrom, type Stored } from '../../src/core/stored.ts'
import type { Store } from '../../src/engine/ports.ts'
import { encodeHub, type GroupId, HUB_V2_ONLY, type PosReference } from '../../src/protocol/mod.ts'
import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'
import { dayOf, emptyStored, GROUP, type Hearer, SETTINGS, type Stage, WALL } from './stage.ts'
import { Till, type Who } from './till.ts'

export type PlayOptions = {
  readonly settings?: Partial<Settings>
  /** What the hub begins with; the store, if there is one, must hold the same. */
  readonly stored?: Stored
  /** Null: nothing is kept, and the play cannot be restarted. */
  readonly store?: Store | null
  /** Frames are not held against the schema: for plays of very many steps. */
  readonly isQuick?: boolean
}

/** What a step was and did, for those who look on; no command where an order was marked in Odoo's place. */
export type Seen = { readonly command: Command | null; readonly outcome: Pick<Outcome, 'changes' | 'effects'> }

type Socket = { readonly till: Hearer; admitted: { readonly group: GroupId; readonly protocol: 1 | 2 } | null }

/**
 * The rules on a stage: a hub, its terminals and a clock that moves only when it is told to. It does what engine and
 * gateway do around `step`: keeps what is to be kept, brings closed orders, and carries effects to those they are for.
 */
export class Play implements Stage {
  hub: Hub
  now = 1_000_000
  wall = WALL
  readonly settings: Settings
  readonly store: Store | null
  readonly isQuick: boolean
  /** The business day of a wall time. */
  calendar: (wall: number) => string = dayOf
  readonly onlookers: ((seen: Seen) => void)[] = []
  /** Every change and note so far, oldest first. */
  readonly changes: Change[] = []
  readonly notes: string[] = []
  /** Calls to Odoo that nobody has answered yet, oldest first. */
  readonly calls: OdooCall[] = []
  /** What was replied to people, by the number of their question. */
  readonly replies = new Map<number, Reply>()
  readonly #sockets = new Map<number, Socket>()
  readonly #waiting: Command[] = []
  #lines = 0
  #names = 0

  constructor(options: PlayOptions = {}) {
    this.settings = { ...SETTINGS, ...options.settings }
    this.store = options.store === undefined ? createStore(createMemoryFile('e1')) : options.store
    this.isQuick = options.isQuick ?? false
    this.hub = hubFrom(options.stored ?? emptyStored(), this.settings, this.moment, '')
  }

  get moment(): Moment {
    return { now: this.now, wall: this.wall, day: this.calendar(this.wall) }
  }

  get group(): Group {
    const group = this.hub.groups.get(GROUP)
    if (group === undefined) throw new Error('nobody has spoken yet')
    return group
  }

  order(posReference: string): Order {
    const order = orderOf(this.group, posReference as PosReference)
    if (order === undefined) throw new Error(`the hub has no order ${posReference}`)
    return order
  }

  name(what: string): string {
    this.#names++
    return `${what}-${this.#names}`
  }

  /** A terminal with a socket of its own that signs in. */
  join(who: Who = {}): Till {
    const till = new Till(this, who)
    till.open()
    return till
  }

  connect(till: Hearer, command: Omit<SignIn, 'line'>): void {
    this.#lines++
    this.#sockets.set(this.#lines, { till, admitted: null })
    till.line = this.#lines
    this.do({ ...command, line: this.#lines })
  }

  /** Who is at the other end of a socket; nobody where its terminal has left it for another one. */
  hearerOn(line: number): Hearer | undefined {
    const till = this.#sockets.get(line)?.till
    return till?.line === line ? till : undefined
  }

  close(line: number): void {
    if (this.#sockets.delete(line)) this.do({ kind: 'line_closed', line })
  }

  /** One command, and then whatever sockets answer by themselves: pongs and closings. */
  do(command: Command): Outcome {
    const outcome = this.#step(command)
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) return outcome
      this.#step(next)
    }
  }

  #step(command: Command): Outcome {
    this.#bringOrder(command)
    const outcome = step(this.hub, command, this.moment)
    this.keep(outcome.changes)
    for (const effect of outcome.effects) this.#perform(effect)
    for (const look of this.onlookers) look({ command, outcome })
    return outcome
  }

  keep(changes: readonly Change[]): void {
    this.changes.push(...changes)
    const kept = changes.filter(isKept)
    if (kept.length === 0 || this.store === null) return
    const failure = this.store.commit(kept)
    if (failure !== null) throw new Error(failure.text)
  }

  #bringOrder(command: Command): void {
    const wanted = this.store === null ? null : wantedOrder(this.hub, command)
    if (wanted === null || this.store === null) return
    const found = this.store.findOrder(wanted.group.id, wanted.posReference)
    if (found.ok && found.order !== null) {
      evolve(this.hub, { kind: 'order_loaded', group: wanted.group.id, order: found.order })
    }
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'note') return void this.notes.push(effect.event)
    if (effect.kind === 'broadcast') return this.#broadcast(effect)
    if (effect.kind === 'call') return void this.calls.push(effect.call)
    if (effect.kind === 'reply') return void this.replies.set(effect.ask, effect.reply)
    const socket = this.#sockets.get(effect.line)
    if (socket === undefined) return
    const { till } = socket
    if (effect.kind === 'send') {
      if (till.line === effect.line) till.hear(encodeHub(effect.message))
    } else if (effect.kind === 'admit') socket.admitted = { group: effect.group, protocol: effect.protocol }
    else if (effect.kind === 'close') {
      this.#sockets.delete(effect.line)
      till.closed(effect.line, effect.code)
      this.#waiting.push({ kind: 'line_closed', line: effect.line })
    } else if (till.pinged(effect.line)) this.#waiting.push({ kind: 'pong', line: effect.line })
  }

  #broadcast(effect: Extract<Effect, { kind: 'broadcast' }>): void {
    const frame = encodeHub(effect.message)
    for (const [line, { till, admitted }] of this.#sockets) {
      if (line === effect.except || admitted?.group !== effect.group) continue
      if (till.line !== line) continue
      if (admitted.protocol === 2 || !HUB_V2_ONLY.has(effect.message.type)) till.hear(frame)
    }
  }

  /** Odoo answers a call, or the call is given up. `chance` spreads the next try. */
  answer(call: OdooCall, result: OdooAnswer, chance = 1): Outcome {
    const at = this.calls.indexOf(call)
    if (at >= 0) this.calls.splice(at, 1)
    return this.do({ kind: 'odoo_answered', call: call.id, result, chance })
  }

  /** Time passes, and the hub wakes at each of its deadlines, as the engine does. */
  advance(ms: number): void {
    const end = this.now + ms
    while (this.hub.nextDeadline <= end) {
      this.pass(Math.max(0, this.hub.nextDeadline - this.now))
      this.do({ kind: 'tick' })
      if (this.hub.nextDeadline <= this.now) throw new Error('a tick left something undone: the hub would never rest')
    }
    this.pass(end - this.now)
  }

  /** Time passes, and the hub does not wake: what is due shows only when somebody asks. */
  pass(ms: number): void {
    this.now += ms
    this.wall += ms
  }

  /** The wall clock is set; time itself goes on as it did. */
  jump(ms: number): void {
    this.wall += ms
  }

  /** The hub does not run for a while, and notices. */
  stall(ms: number): void {
    this.pass(ms)
    this.do({ kind: 'stalled', gapMs: ms })
  }

  /** The process ends and another one starts on the same disk: all sockets are gone. */
  restart(settings: Settings = this.settings): void {
    if (this.store === null) throw new Error('a play without a store cannot be restarted')
    const read = this.store.recover()
    if (!read.ok) throw new Error(read.failure.text)
    for (const { till } of this.#sockets.values()) till.line = null
    this.#sockets.clear()
    // What comes back for them now belongs to nobody.
    this.calls.length = 0
    this.hub = hubFrom(read.stored, settings, this.moment, this.calendar(read.stored.newestWall))
  }

  /** Puts an order into a state that only Odoo's answers lead to. */
  mark(posReference: string, becomes: Partial<OrderRecord>): void {
    const { record } = this.order(posReference)
    const marked = { ...record, ...becomes, seq: this.group.seq + 1 }
    const changes = [
      { kind: 'order_marked', group: GROUP, record: marked, message: null },
      { kind: 'outbox_dropped', group: GROUP, posReference: record.posReference },
    ] as const
    for (const change of changes) evolve(this.hub, change)
    // Who waits for Odoo's answer has it.
    evolve(this.hub, { kind: 'waiters_told', group: GROUP, posReference: record.posReference, now: Infinity })
    this.keep(changes)
    for (const look of this.onlookers) look({ command: null, outcome: { changes: [...changes], effects: [] } })
  }
}
