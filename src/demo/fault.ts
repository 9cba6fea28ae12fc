import { ORDERED_FAULTS_MAX } from './limits.ts'
import { chanceOf } from './random.ts'

/**
 * What goes wrong with a call:
 * `slow`: works for `slowMs` before it commits; comes on top of another one.
 * `server_error`, `bad_gateway`, `maintenance`, `rate_limit`: 500, 502, 503 (pages in HTML) and 429; nothing is done.
 * `drop_before`, `drop_after`: the connection drops without an answer, before or after the work.
 * `answer_late`: does the work, and answers after `lateMs`.
 * `land_late`: the connection drops at once, and the work is done after `landMs`.
 * `truncated`: does the work, and answers with half of the JSON.
 * `serialization`, `validation`: an exception of Odoo; nothing is done.
 * `signed_out`: the call is told that it is not signed in, and tokens and web sessions issued so far are void.
 * `no_session`, `client_outdated`: the add-on says that no session is open, or that this app is too old.
 * `login_page`, `database_selector`: a redirect to that page.
 */
export type DemoFault =
  | 'slow'
  | 'server_error'
  | 'bad_gateway'
  | 'maintenance'
  | 'rate_limit'
  | 'drop_before'
  | 'drop_after'
  | 'answer_late'
  | 'land_late'
  | 'truncated'
  | 'serialization'
  | 'validation'
  | 'signed_out'
  | 'no_session'
  | 'client_outdated'
  | 'login_page'
  | 'database_selector'

/** From 0 to 1; drawn in the order of their names, and the first one that comes up counts. */
export type DemoRates = { readonly [fault in DemoFault]?: number }

export type DemoDelays = {
  readonly slowMs: number
  readonly lateMs: number
  readonly landMs: number
  /** What a 429 asks for. */
  readonly retryAfterSeconds: number
}

/** `writes`: finalize, batch and what terminals save. */
export type DemoScope = 'writes' | 'all'

export type FaultOptions = { readonly rates?: DemoRates; readonly scope?: DemoScope } & Partial<DemoDelays>

export type OrderedFault = {
  /** Only a call with this reference; else any. */
  readonly reference?: string
  /** `writes` unless told. */
  readonly scope?: DemoScope
  /** How many calls; 1 unless told. */
  readonly times?: number
}

/** What a call shows of itself to the draw. */
export type FaultCall = { readonly references: readonly string[]; readonly isWrite: boolean }

export type Drawn = { readonly fault: DemoFault | null; readonly isSlow: boolean }

const DELAYS: DemoDelays = { slowMs: 200, lateMs: 1_000, landMs: 1_000, retryAfterSeconds: 1 }

type Waiting = { readonly fault: DemoFault; readonly options: OrderedFault; left: number }

/** The faults of a stand-in; they may be changed at any time, and hold from the next call on. */
export class DemoFaults {
  readonly #chance: () => number
  readonly #waiting: Waiting[] = []
  readonly #refusals = new Map<string, string>()
  #rates: DemoRates = {}
  #scope: DemoScope = 'all'
  #delays = DELAYS

  constructor(seed: number, options: FaultOptions = {}) {
    this.#chance = chanceOf(seed)
    this.set(options)
  }

  get delays(): DemoDelays {
    return this.#delays
  }

  /** Rates as a whole, scope and delays one by one: what is not named stays as it is. */
  set({ rates, scope, ...delays }: FaultOptions): void {
    this.#rates = rates ?? this.#rates
    this.#scope = scope ?? this.#scope
    this.#delays = { ...this.#delays, ...delays }
  }

  /** For the next call that fits, before rates are drawn. Of several the first one ordered comes first. */
  next(fault: DemoFault, options: OrderedFault = {}): void {
    if (this.#waiting.length < ORDERED_FAULTS_MAX) this.#waiting.push({ fault, options, left: options.times ?? 1 })
  }

  /** From now on the add-on answers `error` to this reference, with this reason. */
  refuse(reference: string, reason: string): void {
    if (this.#refusals.size < ORDERED_FAULTS_MAX) this.#refusals.set(reference, reason)
  }

  accept(reference: string): void {
    this.#refusals.delete(reference)
  }

  refusalOf(reference: string): string | null {
    return this.#refusals.get(reference) ?? null
  }

  /** Nothing goes wrong any more. Delays stay. */
  clear(): void {
    this.#rates = {}
    this.#waiting.length = 0
    this.#refusals.clear()
  }

  draw(call: FaultCall): Drawn {
    const slow = this.#takeOrdered(call, (fault) => fault === 'slow')
    const ordered = this.#takeOrdered(call, (fault) => fault !== 'slow')
    const drawn = this.#drawRates(call)
    return { fault: ordered ?? drawn.fault, isSlow: slow !== null || drawn.isSlow }
  }

  #takeOrdered(call: FaultCall, wanted: (fault: DemoFault) => boolean): DemoFault | null {
    const at = this.#waiting.findIndex(({ fault, options }) => wanted(fault) && fits(call, options))
    const found = this.#waiting[at]
    if (found === undefined) return null
    found.left -= 1
    if (found.left <= 0) this.#waiting.splice(at, 1)
    return found.fault
  }

  /** Each fault with a rate takes one number, whatever came up before: so the sequence does not shift. */
  #drawRates(call: FaultCall): Drawn {
    let fault: DemoFault | null = null
    let isSlow = false
    for (const name of FAULTS) {
      const rate = this.#rates[name] ?? 0
      if (rate <= 0 || this.#chance() >= rate || (this.#scope === 'writes' && !call.isWrite)) continue
      if (name === 'slow') isSlow = true
      else fault ??= name
    }
    return { fault, isSlow }
  }
}

function fits(call: FaultCall, { reference, scope = 'writes' }: OrderedFault): boolean {
  if (scope === 'writes' && !call.isWrite) return false
  return reference === undefined || call.references.includes(reference)
}

export const FAULTS: readonly DemoFault[] = [
  'answer_late',
  'bad_gateway',
  'client_outdated',
  'database_selector',
  'drop_after',
  'drop_before',
  'land_late',
  'login_page',
  'maintenance',
  'no_session',
  'rate_limit',
  'serialization',
  'server_error',
  'signed_out',
  'slow',
  'truncated',
  'validation',
]
