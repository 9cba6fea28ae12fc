import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import { isLoopback } from '../config.ts'
import type { Log } from '../engine/ports.ts'
import { startDemo } from './demo.ts'
import { EXIT } from './exit_codes.ts'
import { createLog } from './log.ts'
import { openHub } from './open_hub.ts'
import { stackOf } from './os_error.ts'
import { complain, say } from './print.ts'
import { StartProblem } from './start_problem.ts'

/** Files hold what guests ordered and who they are: for the hub's own user only. */
const PRIVATE_UMASK = 0o077

export type ServeOptions = { readonly warnings: readonly string[]; readonly isDemo: boolean }

/** Runs the hub until it is told to stop. The result is the exit code. */
export async function runServe(given: Config, { warnings, isDemo }: ServeOptions): Promise<number> {
  process.umask(PRIVATE_UMASK)
  const log = createLog(given)
  for (const warning of warnings) log.warn(warning)
  process.on('uncaughtException', (error) => endOnBug(log, error))
  process.on('unhandledRejection', (error) => endOnBug(log, error))
  try {
    const demo = isDemo ? await startDemo(given, log) : null
    const config = demo?.config ?? given
    const hub = await openHub(config, { log })
    if (config.devAuth) greet(config, { port: hub.port, odoo: demo?.url ?? null })
    const signal = await untilTold()
    log.info('stopping', { signal })
    process.on(signal, () => process.exit(EXIT.ok))
    await hub.close()
    await demo?.close()
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

/** What goes into a console to see a sale arrive. */
const PAYING = `     Sell something:
       hub.send('{"type":"ORDER_FINALIZE","posReference":"Order 00001-001-0001","configId":1,"snapshot":{"status":"paid","totals":{"total":9.5}}}')
     It answers ORDER_FINALIZED, with the number that the stand-in for Odoo gave it.
`

/** For whoever tries the hub for the first time: what runs, and what to do next. */
function greet(config: Config, { port, odoo }: { readonly port: number; readonly odoo: string | null }): void {
  const host = isLoopback(config.host) ? 'localhost' : hostname()
  const base = `${host}:${port}`
  const page = odoo === null ? '' : `\n  Odoo        ${odoo}/ (a stand-in: shows what has been sold)`
  say(`
The hub runs. For a first look it lets terminals in without a token${isLoopback(config.host) ? ', from this machine only' : ''}.

  Terminals   ws://${base}/
  Health      http://${base}/health${page}
  Its data    ${config.dbPath}

What next:
  1. Open http://${base}/health in a browser, or:  curl http://${base}/health
  2. Speak with it as a terminal does, in the console of that page:
       const hub = new WebSocket('ws://${base}/')
       hub.onmessage = (event) => console.log(event.data)
       hub.onopen = () => hub.send('{"type":"AUTH","token":"","deviceId":"my-first-till"}')
     It answers AUTH_OK and SYNC_INIT.
${odoo === null ? '' : PAYING}  3. For a real shop read README.md, "Run it in a shop": tokens, addresses, the data folder.

Ctrl+C stops it; nothing is lost.
`)
}

export { type OpenHub, openHub } from './open_hub.ts'
