import { Addon, type Quirk } from './addon.ts'
import { type Answer, DROP, html, type Incoming, json, notFound, readRequest, redirect } from './answer.ts'
import { Database, type DemoPosSession } from './database.ts'
import { type Series, serializationFailure, validationError } from './error.ts'
import { DemoFaults, type Drawn, type FaultOptions } from './fault.ts'
import { planJson2 } from './json2.ts'
import { planJsonRpc } from './jsonrpc.ts'
import type { DemoOrder } from './order.ts'
import {
  badGatewayPage,
  databaseSelectorPage,
  loginPage,
  maintenancePage,
  ordersPage,
  serverErrorPage,
} from './page.ts'
import { type Plan, settled, type World } from './plan.ts'
import { CallRecord, type DemoCall, type DemoPeaks } from './record.ts'
import { planRest, type RestOptions } from './rest.ts'
import { configOf, referenceOf } from './sale.ts'
import { createMemoryShelf, type DemoShelf } from './shelf.ts'
import { type DemoUser, Users } from './user.ts'
import { isWebCall, planVersion, planWeb } from './web.ts'

export type DemoWays = { readonly rest: boolean; readonly jsonrpc: boolean; readonly json2: boolean }

export type DemoOptions = {
  /** Of the faults. */
  readonly seed: number
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after that many milliseconds. */
  sleep(ms: number): Promise<void>
  /** Memory unless told. */
  readonly shelf?: DemoShelf
  /** 19 unless told. */
  readonly series?: Series
  /** Those that are there; all unless told, and `json2` in no series before 19. */
  readonly ways?: Partial<DemoWays>
  /** One paid order a reference; true unless told. */
  readonly enforceUnique?: boolean
  /** False: an Odoo without the hub's add-on. */
  readonly hasAddon?: boolean
  readonly faults?: FaultOptions
  /** `demo` unless told. */
  readonly database?: string
  /** `admin` unless told. */
  readonly login?: string
  readonly password: string
  readonly apiKey: string
  /** Of the users manager, ana, luis, cocina and portal; else the same as `password`. */
  readonly staffPassword?: string
  readonly rest?: Partial<Omit<RestOptions, 'generation' | 'tokenSecret'>>
  /** Signs the add-on's tokens. */
  readonly tokenSecret: string
}

const REST = {
  prefix: '/pos-api/v1',
  accessTokenSeconds: 3_600,
  refreshTokenSeconds: 7 * 24 * 3_600,
  hubEnabled: true,
  hubUrl: null,
}

/** A stand-in Odoo: pure, but for the clock, the sleep and the shelf that it is given. */
export class DemoOdoo {
  readonly faults: DemoFaults
  readonly #options: DemoOptions
  readonly #world: World
  readonly #rest: RestOptions
  readonly #ways: DemoWays
  readonly #record: CallRecord
  readonly #landing = new Set<Promise<void>>()
  #age = 0
  #generation = 0

  constructor(options: DemoOptions) {
    const { series = 19, enforceUnique = true, hasAddon = true, login = 'admin', password, apiKey } = options
    const now = () => options.now()
    this.#options = options
    this.faults = new DemoFaults(options.seed, options.faults)
    this.#ways = { rest: true, jsonrpc: true, ...options.ways, json2: options.ways?.json2 !== false && series >= 19 }
    const database = new Database(options.shelf ?? createMemoryShelf())
    const addon = new Addon({ database, enforceUnique, now, refusalOf: (one) => this.faults.refusalOf(one) })
    const users = new Users({ login, password, apiKey, staffPassword: options.staffPassword ?? password })
    this.#world = { series, databaseName: options.database ?? 'demo', database, addon, users, hasAddon, now }
    const generation = () => this.#generation
    this.#rest = { ...REST, ...options.rest, tokenSecret: options.tokenSecret, generation }
    this.#record = new CallRecord(now)
  }

  /** Aborting `request.signal` says that the caller has left: the work goes on, as in Odoo. */
  async fetch(request: Request): Promise<Answer> {
    const age = this.#age
    const incoming = await readRequest(request)
    if (incoming === null) return html('Request Entity Too Large', { status: 413 })
    const page = this.#page(incoming)
    if (page !== null) return page
    const plan = await this.#plan(incoming)
    const references = plan.snapshots.flatMap((one) => referenceOf(one) ?? [])
    const configIds = plan.snapshots.flatMap((one) => configOf(one) ?? [])
    const drawn = this.faults.draw({ references, isWrite: plan.isWrite })
    const fault = drawn.fault ?? (drawn.isSlow ? 'slow' : null)
    const end = this.#record.begin({ way: plan.way, what: plan.what, references, configIds, fault })
    const leave = () => end({ ending: 'left', status: null })
    if (request.signal.aborted) leave()
    request.signal.addEventListener('abort', leave, { once: true })
    const answer = await this.#carryOut(plan, drawn, age)
    if (answer.kind === 'drop') end({ ending: 'dropped', status: null })
    else end({ ending: 'answered', status: answer.status })
    return answer
  }

  /** What a stop in the middle does: work that has not committed yet never will. The database stays. */
  crash(): void {
    this.#age += 1
  }

  /** When no work that lands late is under way. */
  async idle(): Promise<void> {
    while (this.#landing.size > 0) await Promise.all(this.#landing)
  }

  /** All orders, oldest first, open and cancelled ones too. */
  orders(): readonly DemoOrder[] {
    return this.#world.database.orders()
  }

  /** The orders with that reference: two are a duplicate. */
  ordersOf(reference: string): readonly DemoOrder[] {
    return this.#world.database.ordersOf(reference)
  }

  /** Those that were paid. */
  paidOrders(): readonly DemoOrder[] {
    return this.orders().filter((order) => order.state === 'paid')
  }

  /** References with more than one paid order. */
  duplicates(): readonly string[] {
    const seen = new Set<string>()
    const twice = this.paidOrders().filter(({ posReference }) => seen.size === seen.add(posReference).size)
    return [...new Set(twice.map((order) => order.posReference))]
  }

  sessions(): readonly DemoPosSession[] {
    return this.#world.database.sessions()
  }

  openSession(configId: number): void {
    this.#world.database.openSession(configId)
  }

  closeSession(configId: number): void {
    this.#world.database.closeSession(configId)
  }

  /** Ends that user's tokens and web sessions too. */
  changePassword(login: string, password: string): void {
    this.#world.users.changePassword(login, password)
  }

  changeApiKey(apiKey: string): void {
    this.#world.users.changeApiKey(apiKey)
  }

  /** Tokens and web sessions issued so far are void; passwords stay. */
  expireSignIns(): void {
    this.#generation += 1
    this.#world.users.endWebSessions()
  }

  users(): readonly DemoUser[] {
    return this.#world.users.list()
  }

  /** The newest calls, oldest first. */
  calls(): readonly DemoCall[] {
    return this.#record.calls()
  }

  peaks(): DemoPeaks {
    return this.#record.peaks()
  }

  /** Forgets calls and peaks, not orders. */
  clearRecord(): void {
    this.#record.clear()
  }

  /** Pages are for people: no fault touches them, and no record is kept of them. */
  #page({ method, path, headers }: Incoming): Answer | null {
    const languages = headers.get('accept-language')
    if (method === 'GET' && (path === '/' || path === '/web')) return ordersPage(this.#world, languages)
    if (path === '/web/login') return loginPage()
    return path === '/web/database/selector' ? databaseSelectorPage(this.#world) : null
  }

  async #plan(incoming: Incoming): Promise<Plan> {
    const { path } = incoming
    const world = this.#world
    if (this.#ways.jsonrpc && path === '/jsonrpc' && incoming.method === 'POST') return planJsonRpc(world, incoming)
    if (this.#ways.json2 && path.startsWith('/json/2/')) return planJson2(world, incoming)
    if (this.#ways.rest && path.startsWith(`${this.#rest.prefix}/`)) return planRest(world, this.#rest, incoming)
    if (world.series >= 19 && (path === '/json/version' || path === '/web/version')) return planVersion(world)
    if (isWebCall(path) && incoming.method === 'POST') return planWeb(world, incoming)
    const none = notFound()
    return settled({ way: 'page', what: 'unknown', fail: () => none, deny: () => none }, none)
  }

  async #carryOut(plan: Plan, { fault, isSlow }: Drawn, age: number): Promise<Answer> {
    const { delays } = this.faults
    if (isSlow) await this.#options.sleep(delays.slowMs)
    if (age !== this.#age) return DROP
    if (fault === 'land_late') {
      this.#landLater(plan, age)
      return DROP
    }
    const instead = fault === null ? null : this.#instead(plan, fault)
    if (instead !== null) return instead
    const answer = plan.perform(quirkOf(fault))
    if (fault === 'answer_late') await this.#options.sleep(delays.lateMs)
    if (fault === 'drop_after' || age !== this.#age) return DROP
    return fault === 'truncated' && answer.kind === 'response'
      ? { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) }
      : answer
  }

  /** The answer of a fault that lets nothing be done. */
  #instead(plan: Plan, fault: NonNullable<Drawn['fault']>): Answer | null {
    switch (fault) {
      case 'drop_before':
        return DROP
      case 'server_error':
        return serverErrorPage()
      case 'bad_gateway':
        return badGatewayPage()
      case 'maintenance':
        return maintenancePage()
      case 'rate_limit':
        return json(
          { error: { code: 'RATE_LIMITED', message: 'Too many requests.' } },
          { status: 429, headers: { 'Retry-After': String(this.faults.delays.retryAfterSeconds) } },
        )
      case 'serialization':
        return plan.fail(serializationFailure(this.#world.series))
      case 'validation':
        return plan.fail(validationError('The stand-in was told to refuse this.'))
      case 'signed_out':
        this.expireSignIns()
        return plan.deny()
      case 'login_page':
        return redirect('/web/login')
      case 'database_selector':
        return redirect('/web/database/selector')
      default:
        return null
    }
  }

  #landLater(plan: Plan, age: number): void {
    const landing = this.#options.sleep(this.faults.delays.landMs).then(() => {
      if (age === this.#age) plan.perform('none')
      this.#landing.delete(landing)
    })
    this.#landing.add(landing)
  }
}

export function createDemoOdoo(options: DemoOptions): DemoOdoo {
  return new DemoOdoo(options)
}

function quirkOf(fault: Drawn['fault']): Quirk {
  return fault === 'no_session' || fault === 'client_outdated' ? fault : 'none'
}
