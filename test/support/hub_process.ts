import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { Lines } from './lines.ts'
import { TOKEN_SECRET } from './tokens.ts'
import { ANSWER_MS, within } from './wait.ts'

const REPOSITORY = resolve(import.meta.dir, '../..')
const MAIN = join(REPOSITORY, 'src/bun/main.ts')
const START_MS = 15_000

export type Environment = { readonly [name: string]: string }
export type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT'

export type HubOptions = {
  /** The data folder; without one, a temporary folder that goes when the hub is disposed of. */
  readonly folder?: string
  readonly env?: Environment
  /** Put before the hub's own command: how it is run in a room of its own. */
  readonly wrap?: (command: readonly string[]) => string[]
}

type Running = { readonly child: Bun.ReadableSubprocess; readonly stdout: Lines; readonly stderr: Lines }

const Listening = z.object({ msg: z.literal('listening'), port: z.int().min(1) })

/** A real hub in a process of its own, on a real file, on loopback. */
export class HubProcess {
  readonly folder: string
  readonly #options: HubOptions
  #port = 0
  #running: Running | undefined
  #lost: string | undefined

  private constructor(folder: string, options: HubOptions) {
    this.folder = folder
    this.#options = options
  }

  /** Settles when the hub listens. */
  static async start(options: HubOptions = {}): Promise<HubProcess> {
    const hub = new HubProcess(options.folder ?? (await temporaryFolder()), options)
    try {
      await hub.start()
      return hub
    } catch (error) {
      hub.#lost = undefined
      await hub[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts it again on the same folder and the same port, after `kill`. */
  async start(): Promise<void> {
    const running = spawnHub(hubEnvironment(this.folder, { HUB_HTTP_PORT: `${this.#port}`, ...this.#options.env }), {
      wrap: this.#options.wrap,
    })
    this.#running = running
    const died = running.child.exited.then(async (code) => {
      await running.stderr.ended
      if (this.#running !== running) return
      this.#lost = `the hub ended by itself with code ${code}: ${running.stderr.text.slice(-2_000)}`
      throw new Error(this.#lost)
    })
    died.catch(() => undefined)
    const listening = running.stdout.find(portOf, { withinMs: START_MS, what: 'the hub to listen' })
    listening.catch(() => undefined)
    const port = await Promise.race([listening, died])
    this.#port = port ?? 0
  }

  get port(): number {
    return this.#port
  }

  get pid(): number {
    return this.#alive().child.pid
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/`
  }

  get http(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get stdout(): Lines {
    return this.#alive().stdout
  }

  get stderr(): Lines {
    return this.#alive().stderr
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#alive().child.kill(signal)
  }

  /** Ends it; the result is its exit code (128 and the signal's number for SIGKILL). */
  async kill(signal: Signal): Promise<number> {
    const running = this.#alive()
    this.#running = undefined
    running.child.kill(signal)
    const code = await within(running.child.exited, ANSWER_MS, () => `the hub to end after ${signal}`)
    await Promise.all([running.stdout.ended, running.stderr.ended])
    return code
  }

  async restart(signal: Signal = 'SIGTERM'): Promise<void> {
    await this.kill(signal)
    await this.start()
  }

  /** What it holds in memory just now, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running
    this.#running = undefined
    running?.child.kill('SIGKILL')
    await running?.child.exited
    if (this.#options.folder === undefined) await rm(this.folder, { recursive: true, force: true })
    if (this.#lost !== undefined) throw new Error(this.#lost)
  }

  #alive(): Running {
    if (this.#lost !== undefined) throw new Error(this.#lost)
    if (this.#running === undefined) throw new Error('the hub does not run')
    return this.#running
  }
}

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Starts a hub that is expected to end by itself, and waits for that. */
export async function runToEnd(env: Environment, how: SpawnOptions = {}): Promise<Ended> {
  const { child, stdout, stderr } = spawnHub(env, how)
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const code = await child.exited
  clearTimeout(timer)
  await Promise.all([stdout.ended, stderr.ended])
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** The settings that all hubs of these tests share. */
export function hubEnvironment(folder: string, env: Environment = {}): Environment {
  return {
    HUB_HTTP_PORT: '0',
    HUB_HOST: '127.0.0.1',
    HUB_DB_PATH: join(folder, 'hub.sqlite'),
    HUB_LOG_FORMAT: 'json',
    HUB_LOG_LEVEL: 'info',
    HUB_TOKEN_SECRET: TOKEN_SECRET,
    HUB_MDNS_ENABLED: 'false',
    ...env,
  }
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'pos-hub-e2e-'))
}

export type SpawnOptions = {
  readonly wrap?: HubOptions['wrap'] | undefined
  /** If not `serve`. */
  readonly verb?: string
  readonly flags?: readonly string[]
}

function spawnHub(env: Environment, how: SpawnOptions): Running {
  const command = [process.execPath, MAIN, how.verb ?? 'serve', ...(how.flags ?? [])]
  const child = Bun.spawn(how.wrap?.(command) ?? command, {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', TZ: 'UTC', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  return { child, stdout: new Lines(child.stdout), stderr: new Lines(child.stderr) }
}

function portOf(line: string): number | undefined {
  if (!line.startsWith('{')) return undefined
  const event = Listening.safeParse(JSON.parse(line))
  return event.success ? event.data.port : undefined
}
