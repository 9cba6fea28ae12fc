/**
 * A1  Each forced take-over leaves an entry: who, from whom, what, when and why.
 */
import { type Asker, holderName } from './grant.ts'
import type { Outcome } from './outcome.ts'
import type { Grant } from './state.ts'

type TakeOver = {
  readonly what: 'lease_forced' | 'lock_forced'
  readonly grant: Grant
  readonly reason: string | undefined
}

export function auditTakeOver(out: Outcome, asker: Asker, takeOver: TakeOver): void {
  const { hub, group, terminal, moment } = asker
  const { what, grant, reason } = takeOver
  const entry = {
    at: moment.wall,
    what,
    actor: terminal.terminalId,
    actorName: terminal.name,
    actorSubject: terminal.subject,
    subject: grant.key,
    loser: grant.holder,
    loserName: holderName(hub, grant),
    reason: reason ?? null,
  }
  out.changes.push({ kind: 'audited', group: group.id, entry })
  out.effects.push({
    kind: 'note',
    event: what,
    fields: { subject: grant.key, by: entry.actorName, from: entry.loserName },
  })
}
