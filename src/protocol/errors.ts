import * as z from 'zod'

/** What a terminal does about a refusal. */
export const Next = z.literal(['rebase', 'later', 'sign_in', 'upgrade', 'never'])
export type Next = z.infer<typeof Next>

type Entry = {
  readonly meaning: string
  readonly next: Next
  /** The WebSocket close code when the socket is closed for it: 4000 to 4499 come back, 4500 to 4999 do not. */
  readonly close?: number
}

/**
 * The one table of codes. A code is never renamed: metrics and shops' notes are named after them. Close codes below
 * 4500 mean "come back".
 */
export const ERRORS = {
  HUB_UNAVAILABLE: { meaning: 'The hub cannot write to its disk just now.', next: 'later', close: 4000 },
  SHUTTING_DOWN: { meaning: 'The hub is being stopped or restarted.', next: 'later', close: 4001 },
  SLOW_READER: { meaning: 'The terminal did not read what the hub sent.', next: 'later', close: 4002 },
  SILENT: { meaning: 'Nothing came from the terminal for three heartbeats.', next: 'later', close: 4003 },
  AUTH_TIMEOUT: { meaning: 'No AUTH came in time.', next: 'later', close: 4004 },
  RATE_LIMITED: { meaning: 'The terminal sent more frames a second than the hub takes.', next: 'later', close: 4005 },
  TOO_MANY_CONNECTIONS: { meaning: 'The hub, or this address, has no connection left.', next: 'later', close: 4006 },
  SIGN_IN_UNAVAILABLE: { meaning: 'The token could not be checked just now.', next: 'later', close: 4007 },
  BUSY: { meaning: 'Too much work waits in the hub.', next: 'later', close: 4008 },

  AUTH_REQUIRED: { meaning: 'The first frame must be AUTH.', next: 'sign_in', close: 4500 },
  TOKEN_REFUSED: { meaning: 'The token is not valid for this hub.', next: 'sign_in', close: 4501 },
  TOKEN_EXPIRED: { meaning: 'The token has expired.', next: 'sign_in', close: 4502 },
  CONFIG_NOT_ALLOWED: { meaning: 'The token is not for this point of sale.', next: 'sign_in', close: 4503 },
  SIGNED_IN_ELSE: {
    meaning: 'Another person or device is signed in on this connection.',
    next: 'sign_in',
    close: 4504,
  },
  REPLACED: { meaning: 'The terminal came back on another connection.', next: 'never', close: 4505 },
  MALFORMED: { meaning: 'The frame is not a message of the protocol.', next: 'never', close: 4506 },
  TOO_LARGE: { meaning: 'The frame is larger than the hub takes.', next: 'never', close: 4507 },
  REVOKED: { meaning: 'The terminal was signed out by a person.', next: 'sign_in', close: 4508 },

  UNKNOWN_TYPE: { meaning: 'The hub does not know this type of message.', next: 'upgrade' },
  CLIENT_OUTDATED: { meaning: 'The terminal is too old.', next: 'upgrade' },
  MSG_ID_REUSED: { meaning: 'This msgId was used for other content.', next: 'never' },
  ORDER_FINAL: { meaning: 'The order is paid; it is not changed any more.', next: 'never' },
  ORDER_UNKNOWN: { meaning: 'The hub has no such order.', next: 'never' },
  CONFLICT: { meaning: 'The order was changed since the terminal read it.', next: 'rebase' },
  LEASE_HELD: { meaning: 'Another terminal holds the order.', next: 'later' },
  NO_LEASE: { meaning: 'The terminal does not hold the order.', next: 'rebase' },
  STALE_FENCE: { meaning: 'The terminal held the order once; that grant is over.', next: 'rebase' },
  TABLE_LOCKED: { meaning: 'Another terminal holds the table of this order.', next: 'later' },
  MANAGER_REQUIRED: { meaning: 'Only a manager may do this.', next: 'never' },
  REASON_REQUIRED: { meaning: 'A reason is needed for this.', next: 'never' },
  HUB_FULL: { meaning: 'A bound of the hub is reached.', next: 'later' },
  ODOO_AWAY: { meaning: 'Odoo has not answered yet; the hub goes on trying.', next: 'later' },
  NO_OPEN_SESSION: { meaning: 'Odoo has no open session for this point of sale.', next: 'later' },
  ODOO_REFUSED: { meaning: 'Odoo refused the order.', next: 'rebase' },
  PARKED: { meaning: 'The order waits for a person.', next: 'never' },
} as const satisfies { readonly [code: string]: Entry }

export type ErrorCode = keyof typeof ERRORS

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]
export const ErrorCode = z.literal(CODES)

/** Codes for which the hub closes a socket. */
export type CloseCode = {
  [C in ErrorCode]: (typeof ERRORS)[C] extends { readonly close: number } ? C : never
}[ErrorCode]

/** The number on the wire for a closing. */
export function closeNumber(code: CloseCode): number {
  return ERRORS[code].close
}
