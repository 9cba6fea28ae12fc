import { hostname } from 'node:os'
import type { Server } from 'bun'
import type { Config } from '../config.ts'
import type { Effect } from '../core/outcome.ts'
import { groupOfConfig } from '../core/state.ts'
import { createCalendar } from '../engine/calendar.ts'
import { createDefer } from '../engine/defer.ts'
import { Desk } from '../engine/desk.ts'
import { Engine } from '../engine/engine.ts'
import type { Chance, Clock, Log, Odoo, SignIn, Store, StoreFailure } from '../engine/ports.ts'
import { reconcile } from '../engine/reconcile.ts'
import { createView, type View } from '../engine/view.ts'
import { Gateway } from '../gateway/gateway.ts'
import type { OriginPolicy } from '../gateway/origin.ts'
import { createApp } from '../http/app.ts'
import { createDesk } from '../http/desk.ts'
import type { GroupId } from '../protocol/mod.ts'
import { createStore } from '../store/store.ts'
import { Caller } from '../upstream/caller.ts'
import { createChance } from './chance.ts'
import { HUB_VERSION } from './cli_version.ts'
import { claimFile } from './data_file.ts'
import { EXIT } from './exit_codes.ts'
import { createRoadToOdoo } from './road_to_odoo.ts'
import { createSignIn } from './sign_in.ts'
import { createHall, type SocketData } from './socket.ts'
import { createSqliteFile } from './sqlite.ts'
import { StartProblem } from './start_problem.ts'

/** The parts of a hub, joined. */
export type House = {
  readonly engine: Engine
  readonly gateway: Gateway
  readonly caller: Caller
  readonly policy: OriginPolicy
  /** What anybody may see. */
  readonly app: ReturnType<typeof createApp>
  /** What the machine's own user may see and do. */
  readonly desk: ReturnType<typeof createDesk>
  /** After everything else: the file and its lock. */
  release(): void
}

export type Site = {
  readonly clock: Clock
  readonly log: Log
  readonly server: Server<SocketData>
  /** In place of the real one, for tests. */
  readonly odoo?: Odoo
}

/** Throws a `StartProblem` where the world is not ready, and leaves nothing open. */
export function buildHouse(config: Config, site: Site): House {
  const claim = claimFile(config.dbPath)
  const chance = createChance()
  const file = createSqliteFile({ path: config.dbPath, epoch: () => chance.secret() })
  const { defer, close: closeDefer } = createDefer()
  const release = () => {
    closeDefer()
    file.close()
    claim.release()
  }
  try {
    return { ...joinParts(config, { ...site, chance, defer, store: createStore(file) }), release }
  } catch (error) {
    release()
    throw error
  }
}

type Parts = Site & {
  readonly chance: Chance
  readonly defer: ReturnType<typeof createDefer>['defer']
  readonly store: Store
}

function joinParts(config: Config, parts: Parts): Omit<House, 'release'> {
  const { clock, log, chance, defer, store } = parts
  const road = createRoadToOdoo(config, parts)
  const odoo = parts.odoo ?? road?.odoo ?? null
  const engine: Engine = new Engine({
    ...{ clock, log, defer, store },
    settings: settingsOf(config, odoo !== null),
    dayOf: createCalendar(config.timeZone, config.dayStart),
    perform: (effects) => perform(effects, { gateway, caller, desk }),
    onDown: () => {
      gateway.shut('HUB_UNAVAILABLE')
      caller.forget()
      desk.forget()
    },
    onUp: () => gateway.open(),
  })
  const desk = new Desk((command) => engine.submit(command))
  const caller = new Caller({
    odoo: odoo ?? NO_ODOO,
    chance: () => chance.fraction(),
    submit: (command) => void engine.submit(command),
    orderAt: (item) => engine.orderAt(item),
  })
  const signIn = createSignIn(config, { ...parts, engine, road })
  const gateway: Gateway = new Gateway(gatewayParts(config, { ...parts, engine, signIn }))
  const failure = engine.start()
  if (failure !== null) throw startProblemOf(failure)
  const view = createView(engine, clock, store)
  return { engine, gateway, caller, policy: policyOf(config), ...windows(parts, { engine, gateway, view, desk, odoo }) }
}

type Performers = { readonly gateway: Gateway; readonly caller: Caller; readonly desk: Desk }

/** What was decided, by whoever does it; calls last: terminals wait, Odoo can. */
function perform(effects: readonly Effect[], { gateway, caller, desk }: Performers): void {
  gateway.perform(effects)
  for (const effect of effects) {
    if (effect.kind === 'reply') desk.perform(effect)
    if (effect.kind === 'call') caller.perform(effect.call)
  }
}

/** Never asked: without a configured Odoo the core makes no calls. */
const NO_ODOO: Odoo = {
  finalize: () => Promise.reject(new Error('no Odoo is configured')),
  batch: () => Promise.reject(new Error('no Odoo is configured')),
  look: () => Promise.reject(new Error('no Odoo is configured')),
  list: () => Promise.reject(new Error('no Odoo is configured')),
  probe: () => Promise.reject(new Error('no Odoo is configured')),
}

type Joined = {
  readonly engine: Engine
  readonly gateway: Gateway
  readonly view: View
  readonly desk: Desk
  readonly odoo: Odoo | null
}

function windows({ clock, log, store }: Parts, { engine, gateway, view, desk, odoo }: Joined) {
  const sockets = () => gateway.sockets
  const app = createApp({ view, log, clock, version: HUB_VERSION, startedAt: clock.now(), sockets })
  const back = createDesk({
    view,
    ask: (wish) => desk.ask(wish),
    reconcile: async (since) => {
      const groups = [...(engine.state.hub?.groups.keys() ?? [])]
      if (odoo === null) return { ok: false, text: 'No Odoo is configured: set ODOO_URL.' }
      return reconcile({ odoo, store, groups }, since)
    },
  })
  return { app, desk: back }
}

type GatewaySite = Parts & { readonly engine: Engine; readonly signIn: SignIn }

function gatewayParts(config: Config, site: GatewaySite) {
  const { clock, log, server, engine, signIn, chance } = site
  const { authTimeoutMs, framesPerSecondMax, socketsMax, socketsPerAddressMax } = config
  return {
    ...{ clock, log, signIn, chance, authTimeoutMs, framesPerSecondMax, socketsMax, socketsPerAddressMax },
    hall: createHall(() => server),
    submit: (...work: Parameters<Engine['submit']>) => engine.submit(...work),
    groupOf: (configId: number | null) => groupOfConfig(groupsOf(config), configId),
  }
}

function settingsOf(config: Config, hasOdoo: boolean) {
  const { leaseTtlMs: leaseMs, tableLockTtlMs: lockMs, graceMs } = config
  const heartbeatMs = Math.min(config.heartbeatMs, config.tableLockHeartbeatMs)
  const { forwardIntervalMs, forwardBatchSize: forwardBatch, odooCallDeadMs: deadMs } = config
  const forwardsDrafts = config.forward === 'all'
  const odoo = hasOdoo ? { forwardIntervalMs, forwardBatch, forwardsDrafts, deadMs } : null
  return { leaseMs, lockMs, graceMs, heartbeatMs, hubVersion: HUB_VERSION, odoo, groups: groupsOf(config) }
}

/** The names are judged; only the type of a group is the house's own. */
function groupsOf({ groups }: Config): ReadonlyMap<number, GroupId> {
  return groups as ReadonlyMap<number, GroupId>
}

function policyOf(config: Config): OriginPolicy {
  const { origins, hosts, odooUrl } = config
  const odooOrigin = odooUrl === null ? null : new URL(odooUrl).origin
  return { origins, hosts, odooOrigin, ownNames: [hostname().toLowerCase()] }
}

function startProblemOf(failure: StoreFailure): StartProblem {
  const code = failure.kind === 'damaged' ? EXIT.damagedFile : EXIT.dataFolder
  return new StartProblem(code, `${failure.text} Then start the hub again.`)
}
