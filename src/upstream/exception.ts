import type { FailureCode, OdooFailure } from '../core/odoo.ts'
import { failureOf } from './failure.ts'

/** What an error that Odoo or the add-on reports means. An error that is reported was rolled back: nothing landed. */

/** Codes of the add-on. They decide before anything else. */
const ADDON_CODES: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ['NO_OPEN_SESSION', 'NO_OPEN_SESSION'],
  ['CLIENT_OUTDATED', 'CLIENT_OUTDATED'],
  ['CLOSED_PERIOD', 'CLOSED_PERIOD'],
  ['VALIDATION', 'VALIDATION'],
  ['BAD_DATA', 'BAD_DATA'],
  ['ACCESS', 'ACCESS'],
  ['SIGN_IN', 'SIGN_IN'],
  ['TOKEN_EXPIRED', 'SIGN_IN'],
  ['UNAUTHORIZED', 'SIGN_IN'],
  ['RATE_LIMITED', 'RATE_LIMITED'],
  ['MAINTENANCE', 'MAINTENANCE'],
  ['COLLISION', 'COLLISION'],
])

/** The only place where text is matched: what was recorded of real servers, and has no code or class of its own. */
const RECORDED_TEXTS: readonly (readonly [text: RegExp, code: FailureCode])[] = [
  [/^no open POS session for config\b/i, 'NO_OPEN_SESSION'],
  [/^No open session available\b/i, 'NO_OPEN_SESSION'],
  [/\bFATAL:\s+database ".*" does not exist/, 'WRONG_DATABASE'],
  [/^type object '[^']*' has no attribute '/, 'ADDON_MISSING'],
  [/^The method '[^']*' does not exist/, 'ADDON_MISSING'],
  [/^Object \S+ doesn't exist/, 'ADDON_MISSING'],
  // The loser of two calls for one sale: asked again, Odoo names the order of the winner.
  [/\bAn order with this uuid already exists/, 'COLLISION'],
]

/** Exceptions by the last part of their names: `odoo.exceptions.UserError` is `UserError`. */
const EXCEPTIONS: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>(
  (
    [
      ['SIGN_IN', 'AccessDenied SessionExpiredException Unauthorized'],
      ['ACCESS', 'AccessError Forbidden'],
      ['VALIDATION', 'UserError ValidationError MissingError RedirectWarning Warning'],
      ['ADDON_MISSING', 'NotFound'],
      ['COLLISION', 'SerializationFailure LockNotAvailable TransactionRollbackError TransactionRollback'],
      ['COLLISION', 'DeadlockDetected UniqueViolation ConcurrencyError'],
      ['UNAVAILABLE', 'OperationalError InterfaceError PoolError'],
      ['BAD_DATA', 'KeyError ValueError TypeError IndexError AttributeError LookupError ZeroDivisionError'],
      ['BAD_DATA', 'AssertionError UnicodeEncodeError UnicodeDecodeError InvalidOperation OverflowError'],
      ['BAD_DATA', 'IntegrityError DataError NotNullViolation CheckViolation ForeignKeyViolation'],
      ['BAD_DATA', 'UnprocessableEntity BadRequest'],
    ] as const
  ).flatMap(([code, names]) => names.split(' ').map((name) => [name, code] as const)),
)

export type Complaint = {
  /** The add-on's own code. */
  readonly code?: string | undefined
  /** The class of the exception, with or without its module. */
  readonly name?: string | undefined
  readonly message: string
}

/** Null where neither code, text nor class is known. */
export function knownCode({ code, name, message }: Complaint): FailureCode | null {
  const ofAddon = ADDON_CODES.get(code ?? '')
  if (ofAddon !== undefined) return ofAddon
  const recorded = RECORDED_TEXTS.find(([text]) => text.test(message))
  if (recorded !== undefined) return recorded[1]
  return EXCEPTIONS.get((name ?? '').split('.').at(-1) ?? '') ?? null
}

/**
 * An exception of Odoo. One that nobody foresaw (a fiscal service that does not answer, a full disk) is not held
 * against the order: it is tried again.
 */
export function exceptionFailure(complaint: Complaint): OdooFailure {
  const says = complaint.message
  const code = knownCode(complaint)
  if (code !== null) return failureOf(code, { says, mayHaveLanded: false })
  return failureOf('SERVER_ERROR', { says, detail: complaint.name, kind: 'transient', mayHaveLanded: false })
}

/** What the add-on answers as `status: "error"` is its definite no, unless it says something better known. */
export function addonFailure(complaint: Complaint): OdooFailure {
  return failureOf(knownCode(complaint) ?? 'VALIDATION', { says: complaint.message, mayHaveLanded: false })
}
