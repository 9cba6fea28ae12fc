import { isObject } from './hub_words.ts'

/**
 * What an old hub leaves out of its messages, filled in so that the rest of the library need not know of it. Only what
 * has no meaning of its own there: such a hub has no epoch, no `seq`, no fences, and closes no order by name.
 */
const MISSING: { readonly [type: string]: { readonly [field: string]: unknown } } = {
  AUTH_OK: { role: 'cashier' },
  AUTH_FAIL: { code: 'TOKEN_REFUSED', reason: 'The token is not valid for this hub.' },
  SYNC_INIT: { mode: 'full', closed: [], tables: [], tableLocks: [], leases: [], floors: [], epoch: 'v1', seq: 0 },
  ORDER_UPDATED: { seq: 0, state: 'open', sourceTerminal: 'unknown' },
  ORDER_FINALIZED: { seq: 0, version: 0, lineIdMap: {} },
  ORDER_FINALIZE_ERROR: { version: 0, code: 'ODOO_REFUSED', retryable: false },
  LEASE_GRANTED: { fence: 0, ttlMs: 0, expiresAt: 0, version: 0 },
  LEASE_DENIED: { code: 'LEASE_HELD', holder: '', holderName: '', reason: '' },
  TABLE_LOCK_GRANTED: { fence: 0, ttlMs: 0, expiresAt: 0 },
  TABLE_LOCK_DENIED: { lockedBy: '', lockedByName: '', reason: '' },
  TABLE_UPDATED: { seq: 0, sourceTerminal: 'unknown' },
  FLOOR_PLAN_CHANGED: { seq: 0, sourceTerminal: 'unknown' },
  CONFLICT: { hubSnapshot: null },
}

export function completeOld(value: unknown): unknown {
  if (!isObject(value)) return value
  const { type } = value
  const missing = typeof type === 'string' ? MISSING[type] : undefined
  if (missing === undefined) return value
  const whole: { [field: string]: unknown } = { ...missing, ...value }
  if (type === 'SYNC_INIT' && Array.isArray(whole['orders'])) {
    whole['orders'] = whole['orders'].map((order) => (isObject(order) ? { state: 'open', ...order } : order))
  }
  return whole
}
