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
 * seconds, `lastOdooSync` in milliseconds since 1970 or null.
 */
export function healthOf(parts: HealthParts) {
  const { view, clock, version, startedAt } = parts
  const { connectedTerminals, activeLeases, orders, pendingForward, tableLocks, oldestPendingMs } = view.counts()
  const failure = view.failure()
  return {
    status: view.readiness().ready ? 'ok' : 'unavailable',
    uptime: Math.floor((clock.now() - startedAt) / 1000),
    connectedTerminals,
    activeLeases,
    orders,
    pendingForward,
    totalForwarded: 0,
    lastOdooSync: null,
    version,
    tableLocks,
    oldestPendingMs,
    sockets: parts.sockets(),
    disk: failure === null ? 'ok' : failure.kind,
    clock: view.isClockSet() ? 'set' : 'not set',
  }
}
