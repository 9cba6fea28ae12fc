import type { HubMessageType } from '../protocol/mod.ts'

/**
 * What each message of the hub carries, as one line of fields: `name:kind`, with `?` after a name that may be missing,
 * `~` after one that only a v1 hub may leave out, `*` before the name of a part of which there is a list. A kind with
 * `|` in it is one of those words; the others stand in `check.ts`. Fields that are not named here are ignored.
 */

const ORDER = 'posReference:id version:natural'
const GRANT = 'expiresAt:natural ttlMs~:natural fence~:natural'
const STATE = 'open|finalizing|refused|parked|final|discarded'
const TABLE = 'tableId:natural status:word posReference?:id sourceTerminal~:id seq~:natural'
const FLOOR = 'floorId:natural tables:objects layoutMode?:word sourceTerminal~:id seq~:natural'

/** What stands in lists. */
export const CHECK_PARTS: { readonly [part: string]: string } = {
  order: `${ORDER} snapshot:object state~:${STATE}`,
  closed: `posReference:id state:${STATE} orderId?:int fiscal?:object`,
  table: TABLE,
  lock: 'tableId:natural lockedBy:id lockedByName:text expiresAt~:natural',
  lease: 'posReference:id holder:id holderName:text expiresAt~:natural',
  floor: FLOOR,
}

export const CHECK_SHAPES: { readonly [T in HubMessageType]: string } = {
  AUTH_OK:
    'terminalId:id role~:manager|cashier|waiter|kitchen protocol?:int sessionId?:id epoch?:word hubTime?:natural hubVersion?:text heartbeatMs?:natural',
  AUTH_FAIL: 'reason:text code~:code',
  SYNC_INIT:
    'mode~:full|delta orders:*order closed~:*closed tables~:*table tableLocks~:*lock leases~:*lease floors~:*floor epoch~:word seq~:natural',
  LEASE_GRANTED: `${ORDER} ${GRANT}`,
  LEASE_DENIED: 'posReference:id holder:holder holderName:text reason:text code~:code msgId?:id',
  LEASE_REVOKED: 'posReference:id reason:text snapshot?:object',
  LEASE_AVAILABLE: 'posReference:id',
  ORDER_UPDATED: `${ORDER} snapshot:object sourceTerminal~:id seq~:natural state~:${STATE}`,
  ORDER_ACCEPTED: `${ORDER} msgId:id seq:natural`,
  CONFLICT: 'posReference:id hubVersion:natural hubSnapshot:nullable msgId?:id',
  ORDER_FINALIZED:
    'posReference:id orderId:int lineIdMap:object fiscal?:object version~:natural seq~:natural msgId?:id differs?:flag',
  ORDER_FINALIZE_QUEUED: `${ORDER} msgId:id reason:text seq:natural differs?:flag`,
  ORDER_FINALIZE_ERROR: 'posReference:id error:text retryable:flag code~:code version~:natural msgId?:id seq?:natural',
  ORDER_DISCARDED: 'posReference:id sourceTerminal:id seq:natural',
  TABLE_UPDATED: TABLE,
  FLOOR_PLAN_CHANGED: FLOOR,
  TICKET_NUMBER_ASSIGNED: 'orderType:takeout|delivery ticketNumber:positive msgId?:id',
  TABLE_LOCK_GRANTED: `tableId:natural ${GRANT}`,
  TABLE_LOCK_DENIED: 'tableId:natural lockedBy:holder lockedByName:text reason:text',
  TABLE_LOCK_REVOKED: 'tableId:natural reason:text',
  TABLE_LOCK_RELEASED: 'tableId:natural',
  TABLE_LOCKS_STATE: 'locks:*lock',
  HUB_STATUS: 'connectedTerminals:natural odoo:online|offline pendingForward:natural oldestPendingMs:natural',
  HEARTBEAT_OK: 'hubTime:natural seq:natural',
  ERROR: 'code:code message:text next:rebase|later|sign_in|upgrade|never msgId?:id posReference?:id',
}

/** Every code of the protocol. A code that is added there has to be added here, or a test fails. */
export const ERROR_CODES =
  'HUB_UNAVAILABLE|SHUTTING_DOWN|SLOW_READER|SILENT|AUTH_TIMEOUT|RATE_LIMITED|TOO_MANY_CONNECTIONS|' +
  'SIGN_IN_UNAVAILABLE|BUSY|AUTH_REQUIRED|TOKEN_REFUSED|TOKEN_EXPIRED|CONFIG_NOT_ALLOWED|SIGNED_IN_ELSE|REPLACED|' +
  'MALFORMED|TOO_LARGE|REVOKED|UNKNOWN_TYPE|CLIENT_OUTDATED|MSG_ID_REUSED|ORDER_FINAL|ORDER_UNKNOWN|CONFLICT|' +
  'LEASE_HELD|NO_LEASE|STALE_FENCE|TABLE_LOCKED|MANAGER_REQUIRED|REASON_REQUIRED|HUB_FULL|ODOO_AWAY|NO_OPEN_SESSION|' +
  'ODOO_REFUSED|PARKED'
