import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Log } from '../engine/ports.ts'
import { DEMO_ACCESS, type DemoServer, startDemoServer } from './demo_server.ts'
import { openDemoShelf } from './demo_shelf.ts'
import { EXIT } from './exit_codes.ts'
import { codeOf, reasonOf } from './os_error.ts'
import { dataFolderOf } from './secret.ts'
import { StartProblem } from './start_problem.ts'

/** The stand-in for Odoo, and the configuration of a hub that brings its sales there. */
export type Demo = { readonly config: Config; readonly url: string; close(): Promise<void> }

const FILE = 'demo-odoo.jsonl'

/** There is none behind it. */
const PORT_MAX = 65_535

/** Beside the hub's own port, so that both are easy to remember; any free one where that is taken. */
export async function startDemo(config: Config, log: Log): Promise<Demo> {
  const opened = openDemoShelf(join(dataFolderOf(config), FILE), (problem) => log.warn(problem))
  if (!opened.ok) throw new StartProblem(EXIT.dataFolder, opened.problem)
  const wanted = config.httpPort === 0 || config.httpPort === PORT_MAX ? 0 : config.httpPort + 1
  const server = await start(wanted, { shelf: opened.shelf, seed: Date.now() })
  const { database: odooDb, login: odooUser, apiKey: odooApiKey, password: odooPassword } = DEMO_ACCESS
  // What is set for the real Odoo would keep the hub out of this one.
  const others = { odooPasswordFile: null, odooApiKeyFile: null, odooTokenSecret: null }
  const access = { ...others, odooUrl: server.url, odooDb, odooUser, odooApiKey, odooPassword }
  return { config: { ...config, ...access }, url: server.url, close: () => server.stop({ hard: true }) }
}

async function start(port: number, options: Parameters<typeof startDemoServer>[0]): Promise<DemoServer> {
  try {
    return await startDemoServer({ ...options, port })
  } catch (error) {
    if (port !== 0 && codeOf(error) === 'EADDRINUSE') return start(0, options)
    throw new StartProblem(EXIT.address, `The stand-in for Odoo cannot listen: ${reasonOf(error)}.`)
  }
}
