import { CALLS_FORGOTTEN, CALLS_MAX } from './limits.ts'

export type DemoWay = 'jsonrpc' | 'json2' | 'rest' | 'web' | 'page'

/** A call as it was met, for tests to look at. */
export type DemoCall = {
  /** Counts from 1. */
  readonly number: number
  readonly way: DemoWay
  /** `finalize`, `batch`, `save`, `login`, `refresh`, `authenticate`, `version`, or `pos.order.search_read`. */
  readonly what: string
  readonly references: readonly string[]
  readonly configIds: readonly number[]
  /** Milliseconds of the stand-in's clock. */
  readonly began: number
  /** Null while it is in flight. */
  readonly ended: number | null
  /** `left`: the caller went away first; the work goes on. */
  readonly ending: 'answered' | 'dropped' | 'left' | null
  readonly status: number | null
  readonly fault: string | null
}

/** The most `finalize` and `batch` calls that were in flight at one time, as the caller sees it. */
export type DemoPeaks = { readonly reference: number; readonly config: number; readonly all: number }

type Begun = Pick<DemoCall, 'way' | 'what' | 'references' | 'configIds' | 'fault'>

type Ended = { readonly ending: 'answered' | 'dropped' | 'left'; readonly status: number | null }

export class CallRecord {
  readonly #now: () => number
  readonly #calls: DemoCall[] = []
  readonly #flying = new Map<string, number>()
  #peaks: DemoPeaks = { reference: 0, config: 0, all: 0 }
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  calls(): readonly DemoCall[] {
    return this.#calls
  }

  peaks(): DemoPeaks {
    return this.#peaks
  }

  /** Forgets calls and peaks; calls in flight go on counting. */
  clear(): void {
    this.#calls.length = 0
    this.#peaks = { reference: 0, config: 0, all: 0 }
  }

  /** The result ends the call; from the second time on it does nothing. */
  begin(begun: Begun): (ended: Ended) => void {
    this.#count += 1
    const call: DemoCall = {
      number: this.#count,
      ...begun,
      began: this.#now(),
      ended: null,
      ending: null,
      status: null,
    }
    if (this.#calls.length >= CALLS_MAX) this.#calls.splice(0, CALLS_FORGOTTEN)
    this.#calls.push(call)
    const counted = begun.what === 'finalize' || begun.what === 'batch' ? keysOf(begun) : []
    for (const key of counted) this.#countUp(key)
    let current = call
    return (ended) => {
      if (current.ended !== null) return
      for (const key of counted) this.#flying.set(key, (this.#flying.get(key) ?? 1) - 1)
      for (const key of counted) if (this.#flying.get(key) === 0) this.#flying.delete(key)
      const at = this.#calls.lastIndexOf(current)
      current = { ...current, ...ended, ended: this.#now() }
      if (at >= 0) this.#calls[at] = current
    }
  }

  #countUp(key: string): void {
    const flying = (this.#flying.get(key) ?? 0) + 1
    this.#flying.set(key, flying)
    const { reference, config, all } = this.#peaks
    if (key === 'all') this.#peaks = { reference, config, all: Math.max(all, flying) }
    else if (key.startsWith('c')) this.#peaks = { reference, config: Math.max(config, flying), all }
    else this.#peaks = { reference: Math.max(reference, flying), config, all }
  }
}

/** A batch with one reference twice counts once for it. */
function keysOf({ references, configIds }: Begun): readonly string[] {
  return [...new Set(['all', ...references.map((one) => `r ${one}`), ...configIds.map((one) => `c ${one}`)])]
}
