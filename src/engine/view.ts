import { oldestPending } from '../core/status.ts'
import type { Ms } from '../protocol/mod.ts'
import type { Engine } from './engine.ts'
import type { Clock, StoreFailure } from './ports.ts'

/** Counts for probes and people; all of the whole hub, groups together. */
export type Counts = {
  readonly connectedTerminals: number
  readonly activeLeases: number
  readonly tableLocks: number
  /** Active orders: open, finalizing, refused, parked. */
  readonly orders: number
  /** Paid orders that Odoo has not confirmed. */
  readonly pendingForward: number
  readonly oldestPendingMs: Ms
}

export type Readiness = { readonly ready: boolean; readonly reasons: readonly string[] }

/** Read-only answers for the window. */
export interface View {
  counts(): Counts
  readiness(): Readiness
  isClockSet(): boolean
  failure(): StoreFailure | null
}

export function createView(engine: Engine, clock: Clock): View {
  return {
    counts: () => countsOf(engine, clock),
    readiness() {
      const { failure, hub } = engine.state
      if (failure !== null) return { ready: false, reasons: [failure.text] }
      return hub === null ? { ready: false, reasons: ['The hub is starting.'] } : { ready: true, reasons: [] }
    },
    isClockSet: () => engine.state.isClockSet,
    failure: () => engine.state.failure,
  }
}

function countsOf(engine: Engine, clock: Clock): Counts {
  const counts = {
    connectedTerminals: 0,
    activeLeases: 0,
    tableLocks: 0,
    orders: 0,
    pendingForward: 0,
    oldestPendingMs: 0,
  }
  const { hub } = engine.state
  if (hub === null) return counts
  const now = clock.now()
  const wall = clock.wall()
  for (const terminal of hub.terminals.values()) if (terminal.phase === 'live') counts.connectedTerminals++
  for (const group of hub.groups.values()) {
    for (const { kind, deadline } of group.grants.values()) {
      if (deadline <= now) continue
      if (kind === 'lease') counts.activeLeases++
      else counts.tableLocks++
    }
    counts.orders += group.orders.size
    counts.pendingForward += group.pending.size
    counts.oldestPendingMs = Math.max(counts.oldestPendingMs, oldestPending(group, { wall }))
  }
  return counts
}
