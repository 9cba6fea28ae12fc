import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser as Driver, type Page } from 'playwright-core'
import { temporaryFolder } from './hub_process.ts'
import { within } from './wait.ts'

/**
 * A real Chromium in a process of its own, with a profile that outlives it: tests kill it and start it again. It is
 * `chromium` of the PATH, or what CHROMIUM_PATH names; that there is none is a failure.
 */

/** A browser on a machine that is busy with other tests. */
const START_MS = 30_000
const BUNDLE_BYTES_MAX = 2_000_000

/** The name under which the test's own server is no secure context, as a hub on plain http in the LAN. */
const PLAIN_HOST = 'pos-hub.test'

const FLAGS = [
  '--no-sandbox',
  '--headless=new',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
]

function findChromium(): string {
  const path = process.env['CHROMIUM_PATH'] ?? Bun.which('chromium')
  if (path === null || path === '') {
    throw new Error('Chromium was not found. Install it (Debian: apt install chromium), or name it in CHROMIUM_PATH.')
  }
  return path
}

type Running = { readonly child: Bun.Subprocess<'ignore', 'ignore', 'pipe'>; readonly driver: Driver }

export class Browser {
  readonly #profile: string
  #running: Running | undefined

  private constructor(profile: string) {
    this.#profile = profile
  }

  /** Settles when it can be driven. */
  static async start(): Promise<Browser> {
    const browser = new Browser(await temporaryFolder())
    try {
      await browser.start()
      return browser
    } catch (error) {
      await browser[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts it again on the same profile, after `kill`. */
  async start(): Promise<void> {
    const command = [findChromium(), ...FLAGS, `--user-data-dir=${join(this.#profile, 'profile')}`, 'about:blank']
    const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', detached: true })
    try {
      const address = await within(addressOf(child.stderr), START_MS, () => 'Chromium to say where it listens')
      const driver = await chromium.connectOverCDP(address, { timeout: START_MS })
      this.#running = { child, driver }
    } catch (error) {
      await killGroup(child)
      throw error
    }
  }

  /** The one that is driven; for contexts of their own. */
  get driver(): Driver {
    if (this.#running === undefined) throw new Error('the browser does not run')
    return this.#running.driver
  }

  /** A tab of the profile that outlives the browser. */
  async openTab(address: string): Promise<Page> {
    const context = this.driver.contexts()[0]
    if (context === undefined) throw new Error('the browser has no profile')
    const page = await context.newPage()
    await page.goto(address)
    return page
  }

  /** At once, with everything in it, as when the power goes. */
  async kill(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    await killGroup(running.child)
    await running.driver.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Its children too: they would go on for a moment, and write into a profile that is in use again, or gone. */
async function killGroup(child: Running['child']): Promise<void> {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
  await child.exited
}

/** What Chromium says on its standard error once it can be driven. The rest is read too, or it would stand still. */
function addressOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const read = async () => {
    const decoder = new TextDecoder()
    let said = ''
    let isFound = false
    for await (const chunk of stderr) {
      if (isFound) continue
      said += decoder.decode(chunk, { stream: true })
      const address = /DevTools listening on (ws:\S+)\n/.exec(said)?.[1]
      isFound = address !== undefined
      if (address !== undefined) resolve(address)
    }
    reject(new Error(`Chromium ended and said: ${said.slice(-2_000)}`))
  }
  read().catch(reject)
  return promise
}

/** A server of one page that runs a module of the tests. */
export type PageServer = {
  /** A secure context: it has Web Locks. */
  readonly secure: string
  /** The same page by a name on plain http: it has none. */
  readonly plain: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** `entry` is bundled for browsers; the page has nothing but it. */
export async function servePage(entry: string): Promise<PageServer> {
  const built = await Bun.build({ entrypoints: [entry], target: 'browser', format: 'esm' })
  const script = await built.outputs[0]?.text()
  if (script === undefined || script.length > BUNDLE_BYTES_MAX)
    throw new Error(`${entry} gave no bundle of a sane size`)
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      const type = new URL(request.url).pathname === '/page.js' ? 'text/javascript' : 'text/html'
      const page = '<!doctype html><title>test</title><script type="module" src="/page.js"></script>'
      return new Response(type === 'text/html' ? page : script, {
        headers: { 'content-type': `${type};charset=utf-8` },
      })
    },
  })
  return {
    secure: `http://127.0.0.1:${server.port}/`,
    plain: `http://${PLAIN_HOST}:${server.port}/`,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
