import type { Server } from 'bun'
import type { Config } from '../config.ts'
import type { Clock, Log, Odoo } from '../engine/ports.ts'
import { whyRefused } from '../gateway/origin.ts'
import { HUB_VERSION } from './cli_version.ts'
import { createClock } from './clock.ts'
import { type DeskSocket, openDesk } from './desk_socket.ts'
import { EXIT } from './exit_codes.ts'
import { buildHouse, type House } from './house.ts'
import { createLog } from './log.ts'
import { codeOf } from './os_error.ts'
import { createSocketHandler, type SocketData } from './socket.ts'
import { StartProblem } from './start_problem.ts'

export type OpenHub = { readonly port: number; close(): Promise<void> }

/** Parts that tests put in place of the real ones. */
export type HubParts = { readonly clock?: Clock; readonly log?: Log; readonly odoo?: Odoo }

/** How long calls to Odoo get to be answered at the end: what is not is looked up at the next start. */
const CALLS_MS = 3_000

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
    house.current = buildHouse(config, { clock, log, server, ...(parts.odoo !== undefined && { odoo: parts.odoo }) })
  } catch (error) {
    await server.stop(true)
    throw error
  }
  const built = house.current
  const desk = openDesk(config, built.desk, log)
  const port = server.port ?? config.httpPort
  log.info('listening', { host: config.host, port, version: HUB_VERSION, file: config.dbPath, devAuth: config.devAuth })
  return { port, close: () => closeHouse(built, { server, clock, desk }) }
}

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

type Closing = { readonly server: Server<SocketData>; readonly clock: Clock; readonly desk: DeskSocket }

/** In reverse: nobody new, all work on the disk, terminals told to come back, the file closed. */
async function closeHouse(house: House, { server, clock, desk }: Closing): Promise<void> {
  const { engine, gateway, caller } = house
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.at(clock.now() + ms, resolve))
  await desk.close()
  await Promise.race([caller.idle(), wait(CALLS_MS)])
  caller.close()
  engine.stop()
  const isBehind = gateway.isAnyBehind()
  gateway.shut('SHUTTING_DOWN')
  await Promise.race([new Promise<void>((resolve) => gateway.onEmpty(resolve)), wait(FAREWELL_MS)])
  // Bun calls a socket closed before its peer has read what waits for it.
  if (isBehind) await wait(LINGER_MS)
  gateway.cutAll()
  await server.stop(true)
  house.release()
}
