/** What happens because time passes: [G2] ends of grants, then sessions, contests and the patience of v1 terminals. */
import type { TableId } from '../protocol/mod.ts'
import { waitersDue } from './finalize.ts'
import { endGrant } from './grant.ts'
import { tellRevoked } from './lease.ts'
import { createOutcome, type Outcome, tell, tellGroup } from './outcome.ts'
import { contestOver, sessionsDue } from './session.ts'
import type { Grant, Group, Hub, Moment } from './state.ts'

export function due(hub: Hub, moment: Moment): Outcome {
  const out = createOutcome()
  for (const group of hub.groups.values()) {
    for (const grant of group.grants.values()) {
      if (grant.deadline <= moment.now) expire(out, hub, group, grant)
    }
    waitersDue(out, hub, group, moment)
  }
  for (const [newcomer, contest] of hub.contests) {
    if (contest.deadline <= moment.now) contestOver(out, hub, newcomer, contest, moment)
  }
  sessionsDue(out, hub, moment)
  return out
}

function expire(out: Outcome, hub: Hub, group: Group, grant: Grant): void {
  endGrant(out, hub, group, grant)
  if (grant.kind === 'lease') return tellRevoked(out, { hub, group }, grant, { reason: 'Lease expired' })
  const tableId = Number(grant.key) as TableId
  tell(out, hub.terminals.get(grant.holder), { type: 'TABLE_LOCK_REVOKED', tableId, reason: 'Lock expired' })
  tellGroup(out, group.id, { type: 'TABLE_LOCK_RELEASED', tableId })
}
