import type { Command } from '../core/command.ts'
import { evolve } from '../core/evolve.ts'
import { step, wantedOrder } from '../core/hub.ts'
import type { CallItem } from '../core/odoo.ts'
import { type Effect, isKept, type Kept } from '../core/outcome.ts'
import { type Hub, type Moment, type Order, orderOf, type Settings } from '../core/state.ts'
import { hubFrom, type Stored } from '../core/stored.ts'
import type { GroupId, Ms, PosReference } from '../protocol/mod.ts'
import {
  CLOCK_SLACK_MS,
  PULSE_MS,
  QUEUE_CHARS_MAX,
  QUEUE_MAX,
  RECOVER_FIRST_MS,
  RECOVER_LONGEST_MS,
  STALL_MS,
  TURN_COMMANDS_MAX,
} from './limits.ts'
import type { Clock, Defer, Log, Store, StoreFailure } from './ports.ts'

export type EngineParts = {
  readonly clock: Clock
  readonly store: Store
  readonly log: Log
  readonly defer: Defer
  readonly settings: Settings
  /** The business day of a wall time: `2026-11-22`. */
  dayOf(wall: Ms): string
  /** Does what was decided; only after it is on the disk. */
  perform(effects: readonly Effect[]): void
  /** The disk refuses: every line is closed with "come back", and none is taken until `onUp`. */
  onDown(failure: StoreFailure): void
  onUp(): void
}

/** What stands between a start and the present, for health and people. */
export type EngineState = {
  readonly hub: Hub | null
  readonly failure: StoreFailure | null
  readonly isClockSet: boolean
}

type Waiting = { readonly command: Command; readonly chars: number }

/**
 * The turn: commands that arrived together are decided one after another, written in one commit, and only then
 * answered. If the commit fails, nothing of the turn has happened: memory is read again from the disk, as at a start.
 */
export class Engine {
  readonly #parts: EngineParts
  #hub: Hub | null = null
  #failure: StoreFailure | null = null
  #queue: Waiting[] = []
  #queueChars = 0
  #isTurnPlanned = false
  #isStopped = false
  /** When the engine last knew that it was running; null while nothing has a deadline. */
  #seenAt: Ms | null = null
  #cancelWake: () => void = () => undefined
  #isClockSet = true
  #recoverMs = RECOVER_FIRST_MS

  constructor(parts: EngineParts) {
    this.#parts = parts
  }

  /** Reads everything. What is wrong with the disk comes back, and nothing was started. */
  start(): StoreFailure | null {
    const read = this.#parts.store.recover()
    if (!read.ok) return read.failure
    this.#begin(read.stored)
    return null
  }

  get state(): EngineState {
    return { hub: this.#hub, failure: this.#failure, isClockSet: this.#isClockSet }
  }

  /** False: the hub cannot take it now, and nothing of it will happen. `chars` is the length of its frame. */
  submit(command: Command, chars = 0): boolean {
    if (this.#hub === null || this.#isStopped) return false
    const isFull = this.#queue.length >= QUEUE_MAX || this.#queueChars + chars > QUEUE_CHARS_MAX
    // The end of a line or of a call is always taken: it frees, and it comes once.
    if (isFull && command.kind !== 'line_closed' && command.kind !== 'odoo_answered') return false
    this.#queue.push({ command, chars })
    this.#queueChars += chars
    this.#planTurn()
    return true
  }

  /** An order as it is now, read from the disk where memory has let it go; null if the disk cannot say. */
  orderAt({ group: id, posReference }: Pick<CallItem, 'group' | 'posReference'>): Order | null {
    const group = this.#hub?.groups.get(id)
    const order = group === undefined ? undefined : orderOf(group, posReference)
    if (order !== undefined) return order
    const found = this.#parts.store.findOrder(id, posReference)
    return found.ok ? found.order : null
  }

  /** Decides and writes all that waits; nothing is taken afterwards. */
  stop(): void {
    while (this.#queue.length > 0 && this.#hub !== null) this.#turn()
    this.#isStopped = true
    this.#cancelWake()
  }

  #begin(stored: Stored): void {
    const { settings, dayOf } = this.#parts
    const moment = this.#moment()
    this.#hub = hubFrom(stored, settings, moment, dayOf(stored.newestWall))
    this.#failure = null
    this.#recoverMs = RECOVER_FIRST_MS
    this.#seenAt = null
    this.#lookAtClock(this.#hub, moment)
    this.#planWake(this.#hub, moment.now)
  }

  #moment(): Moment {
    const { clock, dayOf } = this.#parts
    const wall = clock.wall()
    return { now: clock.now(), wall, day: dayOf(wall) }
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    this.#parts.defer(() => {
      this.#isTurnPlanned = false
      if (!this.#isStopped) this.#turn()
    })
  }

  #turn(): void {
    const hub = this.#hub
    if (hub === null) return
    const moment = this.#moment()
    const batch = this.#takeBatch()
    const gapMs = this.#seenAt === null ? 0 : moment.now - this.#seenAt
    if (gapMs > STALL_MS) {
      this.#parts.log.warn('the hub stood still; all deadlines move', { gapMs: Math.round(gapMs) })
      batch.unshift({ kind: 'stalled', gapMs })
    }
    this.#seenAt = moment.now
    if (batch.length === 0) batch.push({ kind: 'tick' })
    const done = this.#decide(hub, batch, moment)
    if (done === null) return
    this.#parts.perform(done)
    this.#lookAtClock(hub, moment)
    this.#planWake(hub, moment.now)
    if (this.#queue.length > 0) this.#planTurn()
  }

  #takeBatch(): Command[] {
    const taken = this.#queue.splice(0, TURN_COMMANDS_MAX)
    for (const { chars } of taken) this.#queueChars -= chars
    return taken.map(({ command }) => command)
  }

  /** All that the turn decides, on the disk; null if the disk refused it. */
  #decide(hub: Hub, batch: readonly Command[], moment: Moment): Effect[] | null {
    const effects: Effect[] = []
    const kept: Kept[] = []
    for (const command of batch) {
      const failure = this.#bringOrder(hub, command, kept)
      if (failure !== null) return this.#goDown(failure)
      const outcome = step(hub, command, moment)
      for (const change of outcome.changes) if (isKept(change)) kept.push(change)
      for (const effect of outcome.effects) effects.push(effect)
    }
    const failure = kept.length > 0 ? this.#parts.store.commit(kept) : null
    return failure === null ? effects : this.#goDown(failure)
  }

  /**
   * A closed order that is not in memory any more is read before a command that names it is decided. If this very turn
   * has changed it, the disk does not have that yet: then what was decided so far is written first.
   */
  #bringOrder(hub: Hub, command: Command, kept: Kept[]): StoreFailure | null {
    const wanted = wantedOrder(hub, command)
    if (wanted === null) return null
    const { group, posReference } = wanted
    if (kept.some((change) => isAbout(change, group.id, posReference))) {
      const failure = this.#parts.store.commit(kept.splice(0))
      if (failure !== null) return failure
    }
    const found = this.#parts.store.findOrder(group.id, posReference)
    if (!found.ok) return found.failure
    if (found.order !== null) evolve(hub, { kind: 'order_loaded', group: group.id, order: found.order })
    return null
  }

  /** Nothing of this turn has happened. Everybody is told to come back, and the disk is tried again. */
  #goDown(failure: StoreFailure): null {
    this.#hub = null
    this.#failure = failure
    this.#queue = []
    this.#queueChars = 0
    this.#cancelWake()
    this.#parts.log.error('the disk refuses; nothing is taken until it works again', { ...failure })
    this.#parts.onDown(failure)
    this.#planRecovery()
    return null
  }

  #planRecovery(): void {
    const { clock, store, log } = this.#parts
    const waitMs = this.#recoverMs
    this.#recoverMs = Math.min(waitMs * 2, RECOVER_LONGEST_MS)
    this.#cancelWake = clock.at(clock.now() + waitMs, () => {
      if (this.#isStopped) return
      const read = store.recover()
      if (read.ok) {
        this.#begin(read.stored)
        this.#parts.onUp()
        log.info('the disk works again; the hub goes on')
        return
      }
      if (read.failure.kind !== this.#failure?.kind) log.error('the disk still refuses', { ...read.failure })
      this.#failure = read.failure
      this.#planRecovery()
    })
  }

  /** While anything has a deadline the engine also looks at itself, so that it sees a gap of its own. */
  #planWake(hub: Hub, now: Ms): void {
    this.#cancelWake()
    if (hub.nextDeadline === Number.POSITIVE_INFINITY) {
      this.#seenAt = null
      return
    }
    this.#seenAt ??= now
    this.#cancelWake = this.#parts.clock.at(Math.min(hub.nextDeadline, now + PULSE_MS), () => this.#turn())
  }

  #lookAtClock(hub: Hub, moment: Moment): void {
    const isSet = moment.wall >= hub.newestWall - CLOCK_SLACK_MS
    if (isSet === this.#isClockSet) return
    this.#isClockSet = isSet
    const { log } = this.#parts
    if (isSet) log.info('the clock is set again')
    else log.warn('clock not set: it is earlier than what is stored; tickets go on with the last business day')
  }
}

function isAbout(change: Kept, group: GroupId, posReference: PosReference): boolean {
  const isOrder = change.kind === 'order_versioned' || change.kind === 'order_marked'
  return isOrder && change.group === group && change.record.posReference === posReference
}
