import type { BatchAnswer, FinalizeAnswer, ItemAnswer, LookAnswer, OdooFailure, ProbeAnswer } from '../core/odoo.ts'
import type { Clock, Log, Odoo, OdooOrder } from '../engine/ports.ts'
import { type Inset, inset, type Ms } from '../protocol/mod.ts'
import { readBatch, readFinalize } from './answer.ts'
import { detect, looksChanged, openWay } from './detect.ts'
import { Doubt } from './doubt.ts'
import { failureOf, harmless, hideSecrets } from './failure.ts'
import { readFound } from './found.ts'
import type { HttpFetch } from './http.ts'
import { LIST_ORDERS_MAX, LOOK_ORDERS_MAX } from './limits.ts'
import { probe } from './probe.ts'
import type { Api, OdooSettings } from './settings.ts'
import type { Search, Way } from './way.ts'

export type OdooParts = {
  readonly settings: OdooSettings
  readonly fetch: HttpFetch
  readonly clock: Clock
  readonly log: Log
}

/** The road to Odoo, and which way it takes; null while that is not known. */
export type OdooRoad = Odoo & { api(): Api | null }

export function createOdoo(parts: OdooParts): OdooRoad {
  return new Road(parts)
}

type Found = { readonly ok: true; readonly way: Way } | { readonly ok: false; readonly failure: OdooFailure }

class Road implements OdooRoad {
  readonly #parts: OdooParts
  readonly #doubt: Doubt
  #way: Way | null = null
  /** The server was away, or looked like another one: the way is found out anew before the next call. */
  #isStale = true
  #finding: Promise<Found> | null = null

  constructor(parts: OdooParts) {
    this.#parts = parts
    this.#doubt = new Doubt(parts.clock)
    const { api } = parts.settings
    if (api !== 'auto') this.#way = openWay(api, parts)
  }

  api(): Api | null {
    return this.#way?.api ?? null
  }

  async finalize(order: OdooOrder): Promise<FinalizeAnswer> {
    const found = await this.#find()
    if (!found.ok) return { kind: 'failed', failure: found.failure }
    const answer = await found.way.finalize(addressed(order))
    const read = answer.ok
      ? readFinalize(answer.json, order.posReference)
      : ({ kind: 'failed', failure: answer.failure } as const)
    this.#heard(read.kind === 'failed' ? read.failure : null)
    return this.#discreet(read)
  }

  async batch(orders: readonly OdooOrder[]): Promise<BatchAnswer> {
    const found = await this.#find()
    if (!found.ok) return { kind: 'failed', failure: found.failure }
    const answer = await found.way.batch(`[${orders.map(addressed).join(',')}]`)
    const references = new Set<string>(orders.map((order) => order.posReference))
    const read = answer.ok ? readBatch(answer.json, references) : ({ kind: 'failed', failure: answer.failure } as const)
    this.#heard(read.kind === 'failed' ? read.failure : null)
    if (read.kind === 'failed') return { kind: 'failed', failure: this.#discreetly(read.failure) }
    return { kind: 'batched', results: new Map([...read.results].map(([name, item]) => [name, this.#discreet(item)])) }
  }

  look(references: readonly string[]): Promise<LookAnswer> {
    const domain = [['pos_reference', 'in', references]] as const
    return this.#search({ domain, order: 'id asc', offset: 0, limit: LOOK_ORDERS_MAX }, 'whole')
  }

  list(since: Ms, offset: number): Promise<LookAnswer> {
    const domain = [['date_order', '>=', odooTime(since)]] as const
    return this.#search({ domain, order: 'date_order asc, id asc', offset, limit: LIST_ORDERS_MAX }, 'page')
  }

  async probe(): Promise<ProbeAnswer> {
    const found = await this.#find()
    if (!found.ok) return { kind: 'probed', failure: found.failure }
    const failure = await probe(found.way)
    if (failure !== null) this.#mistrust(failure)
    const judged = failure ?? this.#doubt.judge()
    return { kind: 'probed', failure: judged === null ? null : this.#discreetly(judged) }
  }

  async #search(search: Search, part: 'whole' | 'page'): Promise<LookAnswer> {
    const found = await this.#find()
    if (!found.ok) return { kind: 'failed', failure: found.failure }
    const { way } = found
    if (way.search === null) return { kind: 'cannot' }
    const answer = await way.search(search)
    const read = answer.ok ? readFound(answer.json) : ({ kind: 'failed', failure: answer.failure } as const)
    if (read.kind === 'failed') {
      this.#mistrust(read.failure)
      return { kind: 'failed', failure: this.#discreetly(harmless(read.failure)) }
    }
    // What was cut off would look as if Odoo did not have it.
    const isCut = part === 'whole' && read.kind === 'looked' && read.orders.length >= search.limit
    return isCut ? { kind: 'failed', failure: harmless(failureOf('TOO_LARGE')) } : read
  }

  #heard(failure: OdooFailure | null): void {
    this.#doubt.heard(failure)
    if (failure !== null) this.#mistrust(failure)
  }

  #mistrust(failure: OdooFailure): void {
    const wasAway = failure.scope === 'server' && failure.kind === 'transient'
    if (wasAway || looksChanged(failure)) this.#isStale = true
  }

  /** The way, found out once for all calls that wait for it. */
  async #find(): Promise<Found> {
    if (this.#way !== null && (this.#parts.settings.api !== 'auto' || !this.#isStale)) {
      return { ok: true, way: this.#way }
    }
    const finding = this.#finding ?? this.#detect()
    this.#finding = finding
    const found = await finding
    if (this.#finding === finding) this.#finding = null
    return found
  }

  async #detect(): Promise<Found> {
    const detected = await detect(this.#parts)
    if (!detected.ok) return { ok: false, failure: this.#discreetly(harmless(detected.failure)) }
    const { way, version } = detected
    this.#isStale = false
    // The one in use knows its sign-in already.
    if (this.#way?.api === way.api) return { ok: true, way: this.#way }
    this.#parts.log.info('found the way to Odoo', { api: way.api, before: this.api(), version })
    this.#way = way
    return { ok: true, way }
  }

  #discreet<T extends ItemAnswer>(answer: T): T {
    return answer.kind === 'failed' ? { ...answer, failure: this.#discreetly(answer.failure) } : answer
  }

  #discreetly(failure: OdooFailure): OdooFailure {
    const { password, apiKey } = this.#parts.settings
    return { ...failure, text: hideSecrets(failure.text, [password, apiKey, ...(this.#way?.secrets() ?? [])]) }
  }
}

/** The snapshot with what Odoo has to know of it: set here and not taken from the till, which may say something else. */
function addressed({ snapshot, posReference, configId, isDiscarded }: OdooOrder): string {
  const fields: Inset[] = [['posReference', JSON.stringify(posReference)]]
  if (configId !== null) fields.push(['configId', String(configId)])
  // Chosen: an open order that was let go says so by its status; the add-on would keep a draft of it for ever.
  if (isDiscarded) fields.push(['status', '"cancelled"'])
  return inset(snapshot, fields).json
}

/** The end of the year 9999, after which times have more digits than Odoo reads. */
const ODOO_TIME_MAX = 253_402_300_799_000

/** `YYYY-MM-DD HH:MM:SS` in UTC, as Odoo writes times. */
function odooTime(ms: Ms): string {
  const bounded = Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), ODOO_TIME_MAX)
  return new Date(bounded).toISOString().slice(0, 19).replace('T', ' ')
}
