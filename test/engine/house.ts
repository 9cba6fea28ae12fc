import type { Command } from '../../src/core/command.ts'
import type { Effect } from '../../src/core/outcome.ts'
import type { Settings } from '../../src/core/state.ts'
import { hubFrom, remembered } from '../../src/core/stored.ts'
import { createCalendar } from '../../src/engine/calendar.ts'
import { Engine, type EngineParts } from '../../src/engine/engine.ts'
import type { Log, LogFields, Store, StoreFailure } from '../../src/engine/ports.ts'
import type { HubWords } from '../../src/protocol/mod.ts'
import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'
import type { TableFile } from '../../src/store/table_file.ts'
import { FakeClock } from './fake_clock.ts'

/** An engine on a disk, a clock and a turn that tests have in their hands. */

export const SETTINGS: Settings = {
  leaseMs: 60_000,
  lockMs: 45_000,
  heartbeatMs: 15_000,
  graceMs: 10_000,
  hubVersion: 'test',
  odoo: null,
  groups: new Map(),
}

export const FULL: StoreFailure = { kind: 'full', text: 'The disk is full.' }
export const GONE: StoreFailure = { kind: 'gone', text: 'The file cannot be opened.' }

export type Logged = { readonly level: keyof Log; readonly event: string; readonly fields: LogFields }

export class FakeLog implements Log {
  readonly lines: Logged[] = []
  debug = (event: string, fields: LogFields = {}) => void this.lines.push({ level: 'debug', event, fields })
  info = (event: string, fields: LogFields = {}) => void this.lines.push({ level: 'info', event, fields })
  warn = (event: string, fields: LogFields = {}) => void this.lines.push({ level: 'warn', event, fields })
  error = (event: string, fields: LogFields = {}) => void this.lines.push({ level: 'error', event, fields })
  fatal = (event: string, fields: LogFields = {}) => void this.lines.push({ level: 'fatal', event, fields })

  of(level: keyof Log): string[] {
    return this.lines.filter((line) => line.level === level).map(({ event }) => event)
  }
}

/** What the disk does just now; null for its duty. */
export type Disk = { commits: StoreFailure | null; reads: StoreFailure | null; opens: StoreFailure | null }

/** What happened, in order: `commit 3` for three changes, `refused`, `find`, `recover`, `perform 2`, `down full`, `up`. */
type Events = string[]

export class EngineHouse {
  readonly clock: FakeClock
  readonly log = new FakeLog()
  readonly disk: Disk = { commits: null, reads: null, opens: null }
  readonly events: Events = []
  readonly effects: Effect[] = []
  readonly engine: Engine
  readonly file: TableFile
  readonly store: Store
  #turns: (() => void)[] = []
  /** What the performer does besides: it may submit, as the gateway does. */
  onPerform: (effects: readonly Effect[]) => void = () => undefined

  constructor(parts: { clock?: FakeClock; file?: TableFile; settings?: Partial<Settings> } = {}) {
    this.clock = parts.clock ?? new FakeClock()
    this.file = parts.file ?? createMemoryFile('epoch-1')
    this.store = spiedStore(createStore(this.file), this.disk, this.events)
    this.engine = new Engine(this.#parts({ ...SETTINGS, ...parts.settings }))
  }

  #parts(settings: Settings): EngineParts {
    const { clock, log, events, store } = this
    return {
      clock,
      log,
      settings,
      store,
      dayOf: createCalendar('UTC', 300),
      defer: (work) => void this.#turns.push(work),
      perform: (effects) => {
        events.push(`perform ${effects.length}`)
        this.effects.push(...effects)
        this.onPerform(effects)
      },
      onDown: ({ kind }) => void events.push(`down ${kind}`),
      onUp: () => void events.push('up'),
    }
  }

  static started(parts: ConstructorParameters<typeof EngineHouse>[0] = {}): EngineHouse {
    const house = new EngineHouse(parts)
    const failure = house.engine.start()
    if (failure !== null) throw new Error(failure.text)
    house.events.length = 0
    return house
  }

  /** Turns that are planned and have not come. */
  get turnsPlanned(): number {
    return this.#turns.length
  }

  /** Lets the turns come that are planned now, not those that they plan. */
  turn(): void {
    for (const work of this.#turns.splice(0)) work()
  }

  /** Submits them together and lets turns come until nothing waits. */
  run(...commands: readonly Command[]): void {
    for (const command of commands) if (!this.engine.submit(command)) throw new Error(`not taken: ${command.kind}`)
    while (this.#turns.length > 0) this.turn()
  }

  /** Everything that was said since the last call, as `send 1 AUTH_OK`, `broadcast ORDER_UPDATED`. */
  said(): string[] {
    return this.effects.splice(0).map(shown)
  }

  /** The messages of a type that were said since the last call of `said`. */
  words<T extends HubWords['type']>(type: T): Extract<HubWords, { type: T }>[] {
    return this.effects.flatMap((effect) => {
      if (effect.kind !== 'send' && effect.kind !== 'broadcast') return []
      return isOf(effect.message, type) ? [effect.message] : []
    })
  }

  takeEvents(): string[] {
    return this.events.splice(0)
  }

  /** What is in memory, and what a start from the disk would have, in a form that compares. */
  get memory(): unknown {
    const { hub } = this.engine.state
    if (hub === null) throw new Error('the engine is down')
    return remembered(hub)
  }

  get onDisk(): unknown {
    const recovered = createStore(this.file).recover()
    if (!recovered.ok) throw new Error(recovered.failure.text)
    return remembered(hubFrom(recovered.stored, SETTINGS, { now: 0, wall: 0, day: '' }, ''))
  }
}

function isOf<T extends HubWords['type']>(message: HubWords, type: T): message is Extract<HubWords, { type: T }> {
  return message.type === type
}

function shown(effect: Effect): string {
  if (effect.kind === 'send') return `send ${effect.line} ${effect.message.type}`
  if (effect.kind === 'broadcast') return `broadcast ${effect.message.type}`
  if (effect.kind === 'note') return `note ${effect.event}`
  if (effect.kind === 'close') return `close ${effect.line} ${effect.code}`
  if (effect.kind === 'call') return `call ${effect.call.what}`
  if (effect.kind === 'reply') return `reply ${effect.ask}`
  return `${effect.kind} ${effect.line}`
}

function spiedStore(store: Store, disk: Disk, events: Events): Store {
  return {
    ...store,
    commit(changes) {
      if (disk.commits !== null) {
        events.push('refused')
        return disk.commits
      }
      const failure = store.commit(changes)
      events.push(`commit ${changes.length}`)
      return failure
    },
    findOrder(group, posReference) {
      events.push('find')
      return disk.reads === null ? store.findOrder(group, posReference) : { ok: false, failure: disk.reads }
    },
    recover() {
      events.push('recover')
      return disk.opens === null ? store.recover() : { ok: false, failure: disk.opens }
    },
  }
}
