import type { Clock } from '../engine/ports.ts'
import type { View } from '../engine/view.ts'

export type HealthParts = {
  readonly view: View
  readonly clock: Clock
  readonly version: string
  /** `clock.now()` when the hub started. */
  readonly startedAt: number
  sockets(): number
}

/**
 * The answer of `GET /health`. The first eight keys are those of the Node.js hub, with their meaning: `uptime` in
 * seconds, `totalForwarded` orders that Odoo has taken since the start, `lastOdooSync` in milliseconds since 1970 or null.
 */
export function healthOf(parts: HealthParts) {
  const { view, clock, version, startedAt } = parts
  const { connectedTerminals, activeLeases, orders, pendingForward, tableLocks, oldestPendingMs } = view.counts()
  const failure = view.failure()
  const odoo = view.odoo()
  return {
    status: view.readiness().ready ? 'ok' : 'unavailable',
    uptime: Math.floor((clock.now() - startedAt) / 1000),
    connectedTerminals,
    activeLeases,
    orders,
    pendingForward,
    totalForwarded: odoo.takenCount,
    lastOdooSync: odoo.takenAt,
    version,
    tableLocks,
    oldestPendingMs,
    sockets: parts.sockets(),
    disk: failure === null ? 'ok' : failure.kind,
    odoo: odoo.isConfigured ? odoo.state : 'not configured',
    odooTrouble: odoo.trouble?.code ?? null,
    paidNotFinal: view.ageing(),
    clock: view.isClockSet() ? 'set' : 'not set',
  }
}
