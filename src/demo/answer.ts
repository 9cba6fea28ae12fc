import { BODY_BYTES_MAX } from './limits.ts'

/** What goes back over the wire: an HTTP answer, or nothing but a connection that drops. */
export type Answer =
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: { readonly [name: string]: string }
      readonly body: string
    }
  | { readonly kind: 'drop' }

export const DROP: Answer = { kind: 'drop' }

type Rest = { readonly status?: number; readonly headers?: { readonly [name: string]: string } }

export function json(value: unknown, { status = 200, headers = {} }: Rest = {}): Answer {
  const body = JSON.stringify(value) ?? 'null'
  return { kind: 'response', status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers }, body }
}

export function html(body: string, { status = 200, headers = {} }: Rest = {}): Answer {
  return { kind: 'response', status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body }
}

/** Odoo answers a POST that must sign in with a 303. */
export function redirect(location: string): Answer {
  return html('<!doctype html>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n', {
    status: 303,
    headers: { Location: location },
  })
}

/** What Werkzeug says for a path that nobody serves. */
export function notFound(): Answer {
  const text =
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.'
  return html(`<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>${text}</p>\n`, {
    status: 404,
  })
}

/** What Odoo says to a body that is not JSON. */
export function badJson(): Answer {
  return html('Invalid JSON data', { status: 400 })
}

/** A request as the ways read it. */
export type Incoming = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
  readonly body: string
}

/** Null: the body is larger than the stand-in takes. */
export async function readRequest(request: Request): Promise<Incoming | null> {
  const body = await readBody(request)
  if (body === null) return null
  const url = new URL(request.url)
  return { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, body }
}

async function readBody(request: Request): Promise<string | null> {
  if (request.body === null) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const piece of request.body) {
    bytes += piece.byteLength
    if (bytes > BODY_BYTES_MAX) return null
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

export function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false }
  }
}
