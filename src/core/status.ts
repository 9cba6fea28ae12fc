/**
 * How the hub is.
 *
 * H1  HUB_STATUS goes to a group when its terminals, Odoo, or the orders on their way to Odoo change.
 * H2  At most one a second a group; the last state is always told.
 */
import type { Ms } from '../protocol/mod.ts'
import { pendingCount } from './outbox.ts'
import { type Change, createOutcome, type Outcome, tellGroup } from './outcome.ts'
import type { Group, Hub, Moment } from './state.ts'

const STATUS_INTERVAL_MS = 1_000

const TOUCHES: ReadonlySet<string> = new Set<Change['kind']>([
  'line_joined',
  'line_left',
  'outbox_put',
  'outbox_dropped',
  'road_set',
])

export function touchesStatus(outcome: Outcome): boolean {
  return outcome.changes.some((change) => TOUCHES.has(change.kind))
}

export function statusDue(hub: Hub, moment: Moment): Outcome {
  const out = createOutcome()
  const connected = connectedByGroup(hub)
  for (const group of hub.groups.values()) {
    const connectedTerminals = connected.get(group.id) ?? 0
    const pendingForward = pendingCount(group)
    const text = `${connectedTerminals} ${hub.odoo} ${pendingForward}`
    if (group.told?.text === text) continue
    const free = (group.told?.at ?? Number.NEGATIVE_INFINITY) + STATUS_INTERVAL_MS
    if (free > moment.now) {
      out.changes.push({ kind: 'deadline_set', at: free })
      continue
    }
    out.changes.push({ kind: 'status_told', group: group.id, text, at: moment.now })
    const oldestPendingMs = oldestPending(group, moment)
    tellGroup(out, group.id, {
      type: 'HUB_STATUS',
      connectedTerminals,
      odoo: hub.odoo,
      pendingForward,
      oldestPendingMs,
    })
  }
  return out
}

function connectedByGroup(hub: Hub): Map<string, number> {
  const connected = new Map<string, number>()
  for (const terminal of hub.terminals.values()) {
    if (terminal.phase === 'live') connected.set(terminal.group, (connected.get(terminal.group) ?? 0) + 1)
  }
  return connected
}

/** Age of the oldest order on its way to Odoo, by the wall clock; 0 where there is none or the clock went back. */
export function oldestPending(group: Group, moment: Pick<Moment, 'wall'>): Ms {
  let oldest = moment.wall
  for (const { row } of group.outbox.values()) if (!row.isParked && row.since < oldest) oldest = row.since
  return moment.wall - oldest
}
