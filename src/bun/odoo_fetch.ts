import { readFileSync, statSync } from 'node:fs'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { HttpFailure, HttpFetch, HttpReply, HttpRequest, HttpTrouble } from '../upstream/http.ts'
import { codeOf, reasonOf } from './os_error.ts'

/**
 * The hub's side of HTTP with Odoo. By node:http and not by fetch, because of fetch one cannot learn when the
 * connection stood: before that moment nothing was sent, after it the request may have arrived. A connection serves one
 * request: one that was kept from an earlier call may be dead, and then nobody knows whether the request arrived.
 */

/** A file of certificates is some kB; keeps one that was given by mistake out of memory. */
const AUTHORITY_BYTES_MAX = 1_048_576

export type Authority =
  | { readonly ok: true; readonly certificates: string }
  /** One line for people. */
  | { readonly ok: false; readonly problem: string }

/** Reads a file of PEM certificates that are trusted beside those that the hub brings along. */
export function readAuthority(path: string): Authority {
  try {
    const stat = statSync(path)
    // What is no plain file might never end.
    const certificates = stat.isFile() && stat.size <= AUTHORITY_BYTES_MAX ? readFileSync(path, 'utf8') : ''
    if (certificates.includes('-----BEGIN CERTIFICATE-----')) return { ok: true, certificates }
    return { ok: false, problem: `The CA file ${path} holds no certificate in PEM form.` }
  } catch (error) {
    return { ok: false, problem: `The CA file ${path} cannot be read: ${reasonOf(error)}.` }
  }
}

/** `certificates`: PEM text of authorities of one's own, or null. */
export function createOdooFetch({ certificates }: { readonly certificates: string | null }): HttpFetch {
  const tls = certificates === null ? {} : { ca: [...rootCertificates, certificates] }
  return (request) => new Promise((settle) => new Exchange(request, settle).begin(tls))
}

type Result = HttpReply | HttpFailure
type Tls = { readonly ca?: string[] }

/** One request and its answer; settles once, and leaves no connection behind. */
class Exchange {
  readonly #asked: HttpRequest
  readonly #settle: (result: Result) => void
  #request: ReturnType<typeof requestHttp> | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false
  /** A request can be sent on the connection, and is. */
  #isSent = false
  /** The other side took the connection; its TLS may still fail. */
  #isConnected = false
  #isAnswering = false

  constructor(asked: HttpRequest, settle: (result: Result) => void) {
    this.#asked = asked
    this.#settle = settle
  }

  begin(tls: Tls): void {
    const { method, url, headers, body, connectTimeoutMs } = this.#asked
    const isSecure = url.startsWith('https:')
    const length = body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    // Without compression: an answer's limit is then the limit of what is read.
    const all = { ...headers, ...length, 'Accept-Encoding': 'identity' }
    this.#timer = setTimeout(() => this.#fail('connect_timeout', 'no connection in time'), connectTimeoutMs)
    try {
      const options = { method, headers: all, agent: false } as const
      const request = isSecure ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options)
      this.#request = request
      request.on('socket', (socket) => {
        socket.on('connect', () => {
          this.#isConnected = true
          if (!isSecure) this.#sent()
        })
        socket.on('secureConnect', () => this.#sent())
      })
      request.on('response', (response) => this.#read(response))
      request.on('error', (error) => this.#broke(error))
      request.on('close', () => this.#fail('lost', 'the connection ended without an answer'))
      request.end(body ?? undefined)
    } catch (error) {
      this.#fail('unreachable', reasonOf(error))
    }
  }

  #sent(): void {
    this.#isSent = true
    clearTimeout(this.#timer)
    if (this.#isOver) return
    const { answerTimeoutMs } = this.#asked
    this.#timer = setTimeout(() => this.#fail('timeout', `no whole answer in ${answerTimeoutMs} ms`), answerTimeoutMs)
  }

  #read(response: IncomingMessage): void {
    const chunks: Uint8Array[] = []
    let length = 0
    this.#isAnswering = true
    response.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (length > this.#asked.answerBytesMax) this.#fail('too_large', `more than ${this.#asked.answerBytesMax} bytes`)
      else chunks.push(chunk)
    })
    response.on('error', (error) => this.#fail('lost', reasonOf(error)))
    response.on('end', () => {
      if (!response.complete) return this.#fail('lost', 'the answer was cut off')
      const body = new TextDecoder().decode(Buffer.concat(chunks))
      this.#end({ ok: true, status: response.statusCode ?? 0, headers: headersOf(response), body })
    })
  }

  #broke(error: Error): void {
    this.#fail(this.#troubleOf(codeOf(error) ?? ''), reasonOf(error))
  }

  #troubleOf(code: string): HttpTrouble {
    if (this.#isAnswering) return 'lost'
    if (code.startsWith('HPE_')) return 'not_http'
    if (this.#isSent) return 'lost'
    if (!this.#isConnected) return code === 'ENOTFOUND' || code.startsWith('EAI_') ? 'name' : 'unreachable'
    return code === 'ECONNRESET' || code === 'EPIPE' ? 'lost' : 'tls'
  }

  #fail(trouble: HttpTrouble, reason: string): void {
    this.#end({ ok: false, trouble, isSent: this.#isSent, reason })
  }

  #end(result: Result): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#settle(result)
    this.#request?.destroy()
  }
}

/** Of a header that stands several times the values are joined. */
function headersOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  )
}
