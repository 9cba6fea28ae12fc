import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, BODY_BYTES_MAX, createDemoOdoo, type DemoOdoo, type DemoOptions } from '../demo/mod.ts'

/**
 * The stand-in Odoo on a real port. In tests: `await using server = await startDemoServer()`, then `server.url` for the
 * hub, `server.odoo` for faults and for what arrived (see `src/demo/mod.ts`).
 */
export type DemoServer = {
  /** `http://127.0.0.1:PORT`, the same after a restart. */
  readonly url: string
  readonly port: number
  readonly odoo: DemoOdoo
  /**
   * Stops listening. Hard: calls in flight are reset, and what they have not committed yet never is. Not hard: waits
   * for them. Stopped already: does nothing.
   */
  stop(how: { readonly hard: boolean }): Promise<void>
  /** Stops hard if it runs, and listens on the same port again. The database stays. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What opens a stand-in that was told nothing else. It is for one machine, and holds nothing of worth. */
export const DEMO_ACCESS = {
  database: 'demo',
  login: 'admin',
  password: 'demo-password',
  apiKey: 'demo-api-key-0123456789',
  tokenSecret: 'demo-token-secret-0123456789-0123456789',
} as const

export type DemoServerOptions = Partial<DemoOptions> & {
  /** 127.0.0.1 unless told. */
  readonly host?: string
  /** Any free one unless told. */
  readonly port?: number
}

/** Rejects with the system's error if the port cannot be had. */
export async function startDemoServer(options: DemoServerOptions = {}): Promise<DemoServer> {
  const { host = '127.0.0.1', port: wanted = 0, ...rest } = options
  const odoo = createDemoOdoo({ ...DEMO_ACCESS, seed: 1, now: Date.now, sleep, ...rest })
  let server: Server | null = await listen(odoo, { host, port: wanted })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : wanted
  const stop = async ({ hard }: { readonly hard: boolean }) => {
    const running = server
    server = null
    if (running === null) return
    if (hard) odoo.crash()
    await close(running, hard)
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    odoo,
    stop,
    restart: async () => {
      await stop({ hard: true })
      server = await listen(odoo, { host, port })
    },
    [Symbol.asyncDispose]: () => stop({ hard: true }),
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** node:http and not `Bun.serve`: only here a connection can be dropped without an answer. */
function listen(odoo: DemoOdoo, { host, port }: { readonly host: string; readonly port: number }): Promise<Server> {
  const server = createServer((incoming, outgoing) => void serve(odoo, { incoming, outgoing }))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function close(server: Server, hard: boolean): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  if (hard) server.closeAllConnections()
  else server.closeIdleConnections()
  return closed
}

type Exchange = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }

async function serve(odoo: DemoOdoo, { incoming, outgoing }: Exchange): Promise<void> {
  const left = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) left.abort()
  })
  try {
    const body = await collect(incoming)
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD'
    const request = new Request(new URL(incoming.url ?? '/', 'http://stand-in'), {
      method: incoming.method ?? 'GET',
      headers: headersOf(incoming),
      signal: left.signal,
      ...(hasBody ? { body } : {}),
    })
    send(outgoing, await odoo.fetch(request))
  } catch {
    // Nothing that a shop sends comes here: an address that is none, or JSON nested beyond the stack.
    send(outgoing, { kind: 'response', status: 400, headers: {}, body: 'Bad Request' })
  }
}

/** Stops keeping beyond the bound, by one byte: the stand-in sees that it was too much, and says so. */
async function collect(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const kept = new Uint8Array(await new Blob(await piecesOf(incoming)).arrayBuffer())
  return kept.subarray(0, BODY_BYTES_MAX + 1)
}

async function piecesOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>[]> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for await (const piece of incoming) {
    // What comes after the bound is read and dropped, so that the sender gets to hear the answer.
    if (bytes <= BODY_BYTES_MAX && piece instanceof Uint8Array) pieces.push(new Uint8Array(piece))
    bytes += piece.length
  }
  return pieces
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return headers
}

/** Odoo keeps no connection open. */
function send(outgoing: ServerResponse, answer: Answer): void {
  if (answer.kind === 'drop') {
    outgoing.socket?.destroy()
    return
  }
  const body = new TextEncoder().encode(answer.body)
  outgoing.writeHead(answer.status, { ...answer.headers, 'Content-Length': body.length, Connection: 'close' })
  outgoing.end(body)
}
