import { hostname } from 'node:os'
import type { Server } from 'bun'
import type { Config } from '../config.ts'
import { createCalendar } from '../engine/calendar.ts'
import { createDefer } from '../engine/defer.ts'
import { Engine } from '../engine/engine.ts'
import type { Chance, Clock, Log, SignIn, StoreFailure } from '../engine/ports.ts'
import { createView } from '../engine/view.ts'
import { Gateway } from '../gateway/gateway.ts'
import { type OriginPolicy, whyRefused } from '../gateway/origin.ts'
import { createApp } from '../http/app.ts'
import type { GroupId } from '../protocol/mod.ts'
import { createDevelopmentSignIn } from '../signin/development.ts'
import { createTokenSignIn } from '../signin/token.ts'
import { createStore } from '../store/store.ts'
import { createChance } from './chance.ts'
import { HUB_VERSION } from './cli_version.ts'
import { createClock } from './clock.ts'
import { claimFile } from './data_file.ts'
import { EXIT } from './exit_codes.ts'
import { createLog } from './log.ts'
import { codeOf } from './os_error.ts'
import { tokenSecret } from './secret.ts'
import { createHall, createSocketHandler, type SocketData } from './socket.ts'
import { createSqliteFile } from './sqlite.ts'
import { StartProblem } from './start_problem.ts'

export type OpenHub = { readonly port: number; close(): Promise<void> }

/** Parts that tests put in place of the real ones. */
export type HubParts = { readonly clock?: Clock; readonly log?: Log }

/** How long terminals get to answer "come back" at the end. */
const FAREWELL_MS = 2_000

/** How long those that are behind with their reading get beyond that. */
const LINGER_MS = 1_000

/**
 * Builds the house on a port and a file. The port comes first: if it is taken, no file is touched. Throws a
 * `StartProblem` where the world is not ready, and leaves nothing open.
 */
export async function openHub(config: Config, parts: HubParts = {}): Promise<OpenHub> {
  const clock = parts.clock ?? createClock()
  const log = parts.log ?? createLog(config)
  const house: { current: House | null } = { current: null }
  const server = listen(config, house)
  try {
    house.current = build(config, { clock, log, server })
  } catch (error) {
    await server.stop(true)
    throw error
  }
  const built = house.current
  const port = server.port ?? config.httpPort
  log.info('listening', { host: config.host, port, version: HUB_VERSION, file: config.dbPath, devAuth: config.devAuth })
  return { port, close: () => closeHouse(built, server, clock) }
}

type House = {
  readonly engine: Engine
  readonly gateway: Gateway
  readonly policy: OriginPolicy
  readonly app: ReturnType<typeof createApp>
  /** After everything else: the file and its lock. */
  release(): void
}

type Site = { readonly clock: Clock; readonly log: Log; readonly server: Server<SocketData> }

function listen(config: Config, house: { readonly current: House | null }): Server<SocketData> {
  try {
    return listenOn(config.host, config, house)
  } catch (error) {
    // A machine without IPv6 has no "::", but all its addresses are still wanted.
    const isWithoutV6 = config.host === '::' && codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES'
    if (!isWithoutV6) throw addressProblem(config, error)
  }
  try {
    return listenOn('0.0.0.0', config, house)
  } catch (error) {
    throw addressProblem(config, error)
  }
}

function listenOn(host: string, config: Config, house: { readonly current: House | null }): Server<SocketData> {
  const gateway = () => {
    if (house.current === null) throw new Error('no socket is taken before the house stands')
    return house.current.gateway
  }
  return Bun.serve<SocketData>({
    port: config.httpPort,
    hostname: host,
    development: false,
    // Outside of development Bun shares a port among processes by itself: two hubs would each get half of the tills.
    reusePort: false,
    maxRequestBodySize: 64 * 1024,
    fetch: (request, server) => answer(house.current, request, server),
    websocket: createSocketHandler(gateway),
  })
}

function addressProblem(config: Config, error: unknown): StartProblem {
  const where = config.host.includes(':') ? `[${config.host}]:${config.httpPort}` : `${config.host}:${config.httpPort}`
  const why =
    codeOf(error) === 'EADDRINUSE'
      ? `The port ${where} is in use. Stop the other program, or choose another port with HUB_HTTP_PORT.`
      : `The hub cannot listen on ${where} (${codeOf(error) || String(error)}). Look at HUB_HOST and HUB_HTTP_PORT.`
  return new StartProblem(EXIT.address, why)
}

function answer(
  house: House | null,
  request: Request,
  server: Server<SocketData>,
): Response | undefined | Promise<Response> {
  if (house === null) return new Response('The hub is starting.', { status: 503 })
  const { headers } = request
  const refusal = whyRefused(house.policy, headers.get('origin'), headers.get('host'))
  if (refusal !== null) return new Response(`${refusal}\n`, { status: 403 })
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return Promise.resolve(house.app.fetch(request))
  const address = (server.requestIP(request)?.address ?? 'unknown').replace(/^::ffff:/, '')
  if (!house.gateway.hasRoom(address)) return new Response('The hub has no connection left.\n', { status: 503 })
  return server.upgrade(request, { data: { address, line: null } })
    ? undefined
    : new Response('This is not a WebSocket request.\n', { status: 400 })
}

function build(config: Config, site: Site): House {
  const { clock, log } = site
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
    const signIn = createSignIn(config, clock, log)
    const engine: Engine = new Engine({
      clock,
      log,
      defer,
      store: createStore(file),
      settings: settingsOf(config),
      dayOf: createCalendar(config.timeZone, config.dayStart),
      perform: (effects) => gateway.perform(effects),
      onDown: () => gateway.shut('HUB_UNAVAILABLE'),
      onUp: () => gateway.open(),
    })
    const gateway: Gateway = new Gateway(gatewayParts(config, { ...site, engine, signIn, chance }))
    const failure = engine.start()
    if (failure !== null) throw startProblemOf(failure)
    const view = createView(engine, clock)
    const sockets = () => gateway.sockets
    const app = createApp({ view, log, clock, version: HUB_VERSION, startedAt: clock.now(), sockets })
    return { engine, gateway, policy: policyOf(config), app, release }
  } catch (error) {
    release()
    throw error
  }
}

type GatewaySite = Site & { readonly engine: Engine; readonly signIn: SignIn; readonly chance: Chance }

function gatewayParts(config: Config, site: GatewaySite) {
  const { clock, log, server, engine, signIn, chance } = site
  const { authTimeoutMs, framesPerSecondMax, socketsMax, socketsPerAddressMax } = config
  return {
    ...{ clock, log, signIn, chance, authTimeoutMs, framesPerSecondMax, socketsMax, socketsPerAddressMax },
    hall: createHall(() => server),
    submit: (...work: Parameters<Engine['submit']>) => engine.submit(...work),
    // Configurations that no group names share the default one.
    groupOf: (configId: number | null) =>
      ((configId === null ? undefined : config.groups.get(configId)) ?? 'default') as GroupId,
  }
}

function createSignIn(config: Config, clock: Clock, log: Log): SignIn {
  const secret = tokenSecret(config)
  if (!secret.ok) throw new StartProblem(EXIT.dataFolder, secret.problem)
  if (secret.warning !== null) log.warn(secret.warning)
  const tokens = createTokenSignIn({ secret: secret.secret, clock })
  return config.devAuth ? createDevelopmentSignIn(tokens) : tokens
}

function settingsOf(config: Config) {
  const { leaseTtlMs: leaseMs, tableLockTtlMs: lockMs, graceMs } = config
  const heartbeatMs = Math.min(config.heartbeatMs, config.tableLockHeartbeatMs)
  return { leaseMs, lockMs, graceMs, heartbeatMs, hubVersion: HUB_VERSION }
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

/** In reverse: nobody new, all work on the disk, terminals told to come back, the file closed. */
async function closeHouse(house: House, server: Server<SocketData>, clock: Clock): Promise<void> {
  const { engine, gateway } = house
  engine.stop()
  const isBehind = gateway.isAnyBehind()
  gateway.shut('SHUTTING_DOWN')
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.at(clock.now() + ms, resolve))
  await Promise.race([new Promise<void>((resolve) => gateway.onEmpty(resolve)), wait(FAREWELL_MS)])
  // Bun calls a socket closed before its peer has read what waits for it.
  if (isBehind) await wait(LINGER_MS)
  gateway.cutAll()
  await server.stop(true)
  house.release()
}
