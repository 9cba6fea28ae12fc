import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import { isLoopback } from '../config.ts'
import type { Log } from '../engine/ports.ts'
import { EXIT } from './exit_codes.ts'
import { createLog } from './log.ts'
import { type OpenHub, openHub } from './open_hub.ts'
import { stackOf } from './os_error.ts'
import { complain, say } from './print.ts'
import { StartProblem } from './start_problem.ts'

/** Files hold what guests ordered and who they are: for the hub's own user only. */
const PRIVATE_UMASK = 0o077

/** Runs the hub until it is told to stop. The result is the exit code. */
export async function runServe(config: Config, warnings: readonly string[]): Promise<number> {
  process.umask(PRIVATE_UMASK)
  const log = createLog(config)
  for (const warning of warnings) log.warn(warning)
  if (config.odooUrl !== null)
    log.warn('ODOO_URL is set, but this version does not call Odoo: payments are kept until one does')
  process.on('uncaughtException', (error) => endOnBug(log, error))
  process.on('unhandledRejection', (error) => endOnBug(log, error))
  try {
    const hub = await openHub(config, { log })
    if (config.devAuth) greet(config, hub)
    const signal = await untilTold()
    log.info('stopping', { signal })
    process.on(signal, () => process.exit(EXIT.ok))
    await hub.close()
    log.info('stopped')
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error
    complain(`pos-hub: ${error.message}`)
    return error.exitCode
  }
}

function untilTold(): Promise<'SIGTERM' | 'SIGINT'> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'))
    process.once('SIGINT', () => resolve('SIGINT'))
  })
}

/** Something that cannot be: the memory may be wrong, the disk is not. Started again, the hub begins from the disk. */
function endOnBug(log: Log, error: unknown): never {
  log.fatal('a bug; the hub ends, and begins from its disk when it is started again', {
    error: stackOf(error),
  })
  process.exit(EXIT.bug)
}

/** For whoever tries the hub for the first time: what runs, and what to do next. */
function greet(config: Config, hub: OpenHub): void {
  const host = isLoopback(config.host) ? 'localhost' : hostname()
  const base = `${host}:${hub.port}`
  say(`
The hub runs. For a first look it lets terminals in without a token${isLoopback(config.host) ? ', from this machine only' : ''}.

  Terminals   ws://${base}/
  Health      http://${base}/health
  Its data    ${config.dbPath}

What next:
  1. Open http://${base}/health in a browser, or:  curl http://${base}/health
  2. Speak with it as a terminal does, in the console of that page:
       const hub = new WebSocket('ws://${base}/')
       hub.onmessage = (event) => console.log(event.data)
       hub.onopen = () => hub.send('{"type":"AUTH","token":"","deviceId":"my-first-till"}')
     It answers AUTH_OK and SYNC_INIT.
  3. For a real shop read README.md, "Run it in a shop": tokens, addresses, the data folder.

Ctrl+C stops it; nothing is lost.
`)
}

export { type OpenHub, openHub } from './open_hub.ts'
