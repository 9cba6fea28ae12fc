import type { FailureCode, OdooFailure } from '../core/odoo.ts'
import type { Ms } from '../protocol/mod.ts'
import { failureOf } from './failure.ts'
import type { HttpReply } from './http.ts'
import { PAGE_CHARS_MAX, RETRY_AFTER_MAX_MS } from './limits.ts'

export type Asked = {
  /** The address that was called. */
  readonly url: string
  /** What it means on this way that the address is not there. */
  readonly missing: FailureCode
  /** What else that may mean, for people. */
  readonly hint?: string
  /** Milliseconds since 1970. */
  readonly wall: Ms
}

/**
 * An answer that is not what this way speaks, by its status and by what its page shows. A page is never a refusal of
 * an order, whoever wrote it; only two recorded statuses are: JSON that Odoo cannot read, and a body that is too large.
 */
export function pageFailure(reply: HttpReply, asked: Asked): OdooFailure {
  const { status, body } = reply
  if (status >= 300 && status < 400) return redirectFailure(reply, asked.url)
  const ofStatus = statusFailure(reply, asked)
  if (ofStatus !== null) return ofStatus
  const page = body.slice(0, PAGE_CHARS_MAX)
  const detail = `HTTP ${status}`
  const shown = pageCode(page)
  if (shown !== null) return failureOf(shown, { detail })
  if (status === 404 || status === 405 || status === 410) {
    const hint = asked.hint === undefined ? '' : `; ${asked.hint}`
    return failureOf(asked.missing, { detail: `${detail}${hint}` })
  }
  if (status < 300 && /^\s*(?:[{[]|$)/.test(page)) return failureOf('BAD_JSON', { detail })
  // A page with "yes" for a status may stand before an Odoo that was asked all the same.
  return failureOf('NOT_ODOO', { detail, mayHaveLanded: status < 300 })
}

function statusFailure(reply: HttpReply, asked: Asked): OdooFailure | null {
  const { status, body } = reply
  const detail = `HTTP ${status}`
  const retryAfterMs = readRetryAfter(reply, asked.wall)
  if (status === 429) return failureOf('RATE_LIMITED', { retryAfterMs })
  if (status === 503) return failureOf(isMaintenance(body) ? 'MAINTENANCE' : 'UNAVAILABLE', { detail, retryAfterMs })
  // 520 to 530 are what Cloudflare says of the server behind it.
  if (status === 502 || status === 504 || (status >= 520 && status <= 530)) return failureOf('BAD_GATEWAY', { detail })
  if (status >= 500) return failureOf('SERVER_ERROR', { detail })
  if (status === 413) return failureOf('TOO_LARGE', { detail, kind: 'refused', mayHaveLanded: false })
  if (status === 401) return failureOf('SIGN_IN', { detail })
  if (status === 403) return failureOf('ACCESS', { detail })
  if (status === 400 && body.trim() === 'Invalid JSON data') return failureOf('BAD_DATA', { says: body })
  return null
}

function isMaintenance(body: string): boolean {
  return /maintenance|mantenimiento/i.test(body.slice(0, PAGE_CHARS_MAX))
}

/** The sign-in page comes first: it has a link to the databases too. */
function pageCode(page: string): FailureCode | null {
  if (!/<(?:!doctype|html|head|body|form)\b/i.test(page)) return null
  if (/oe_login_form|action="[^"]*\/web\/login/.test(page)) return 'LOGIN_PAGE'
  if (/\/web\?db=|\/web\/database\/(?:selector|manager|create)/.test(page)) return 'DATABASE_SELECTOR'
  return isMaintenance(page) ? 'MAINTENANCE' : null
}

function redirectFailure(reply: HttpReply, url: string): OdooFailure {
  const from = new URL(url)
  const location = reply.headers.get('location') ?? ''
  const to = URL.canParse(location, url) ? new URL(location, url) : null
  if (to === null) return failureOf('NOT_ODOO', { detail: `HTTP ${reply.status}` })
  if (/\/web\/database\b/.test(to.pathname)) return failureOf('DATABASE_SELECTOR')
  if (/\/web\/login\b/.test(to.pathname)) return failureOf('LOGIN_PAGE')
  if (from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname)
    return failureOf('NOT_ODOO', { detail: `the server wants a secure connection: set ODOO_URL to ${to.origin}` })
  // Without its query, where others keep their secrets.
  return failureOf('NOT_ODOO', { detail: `it sends the hub on to ${to.origin}${to.pathname}` })
}

/** `Retry-After` in seconds or as a date, which is read by the server's own clock where it shows it. */
export function readRetryAfter({ headers }: HttpReply, wall: Ms): Ms | null {
  const asked = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(asked)) return Math.min(Number(asked) * 1_000, RETRY_AFTER_MAX_MS)
  const until = Date.parse(asked)
  if (Number.isNaN(until)) return null
  const shown = Date.parse(headers.get('date') ?? '')
  const now = Number.isNaN(shown) ? wall : shown
  return Math.min(Math.max(0, until - now), RETRY_AFTER_MAX_MS)
}
