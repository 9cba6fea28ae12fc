/**
 * Orders that will never be paid.
 *
 * D1  A discard is judged like a snapshot: resend, paid, lease, version.
 * D2  A discarded order leaves the active set, its lease ends, and all terminals hear it.
 * D3  A refused order, or one whose snapshot says that it is paid, is discarded only by a manager, with a reason; of a
 *     refused one that is audited.
 */
import { ERRORS, type Said } from '../protocol/mod.ts'
import type { SaidBy } from './command.ts'
import { forwardVersion } from './forward.ts'
import { type Asker, endGrant, isHolder, renew, runningGrant } from './grant.ts'
import { denyLease, noLease } from './lease.ts'
import { answeredBefore, discarded, isConflict, isPaid, refuse, refusePaid, tellConflict } from './order.ts'
import { forgetting } from './order_memory.ts'
import { mayLand, saysPaid } from './outbox.ts'
import { type Outcome, tell, tellGroup } from './outcome.ts'
import { type Grant, type Order, orderOf } from './state.ts'

export function discardOrder(out: Outcome, asker: Asker, message: Said<'ORDER_DISCARD'>, command: SaidBy): void {
  const { group, terminal, moment } = asker
  const { posReference, baseVersion } = message
  const msgId = message.msgId ?? null
  const { digest } = command
  const order = orderOf(group, posReference)
  if (answeredBefore(out, asker, order, { kind: 'discard', digest, msgId }) !== 'new') return
  if (order !== undefined && isPaid(order.record.state)) return refusePaid(out, asker, order, msgId)
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (!isHolder(lease, terminal)) return denyLease(out, asker, posReference, noLease(asker, lease, msgId ?? undefined))
  renew(out, asker, lease)
  if (isConflict(asker, order, baseVersion)) return tellConflict(out, asker, order, { posReference, msgId })
  if (order === undefined) {
    return refuse(out, asker, { code: 'ORDER_UNKNOWN', message: ERRORS.ORDER_UNKNOWN.meaning, posReference, msgId })
  }
  const code = whyNot(asker, order, message.reason)
  if (code !== null) return refuse(out, asker, { code, message: ERRORS[code].meaning, posReference, msgId })
  const item = group.outbox.get(posReference)
  // Odoo may be making an order of it: whether it was paid is known when that is over.
  if (item !== undefined && mayLand(item) && saysPaid(order.record)) {
    return refuse(out, asker, { code: 'ODOO_AWAY', message: ERRORS.ODOO_AWAY.meaning, posReference, msgId })
  }
  markDiscarded(out, asker, order, { lease, message, digest })
}

function whyNot(asker: Asker, order: Order, reason: string | undefined): 'MANAGER_REQUIRED' | 'REASON_REQUIRED' | null {
  if (order.record.state !== 'refused' && !saysPaid(order.record)) return null
  if (asker.terminal.role !== 'manager') return 'MANAGER_REQUIRED'
  return reason === undefined || reason.trim() === '' ? 'REASON_REQUIRED' : null
}

type Discard = { readonly lease: Grant; readonly message: Said<'ORDER_DISCARD'>; readonly digest: string }

function markDiscarded(out: Outcome, asker: Asker, order: Order, discard: Discard): void {
  const { hub, group, terminal, moment } = asker
  const { lease, message, digest } = discard
  const { terminalId: author, name } = terminal
  const { posReference, msgId } = message
  const wasRefused = order.record.state === 'refused'
  if (order.record.state === 'discarded')
    return tell(out, terminal, discarded(posReference, order.record.author, order.record.seq))
  const seq = group.seq + 1
  const record = { ...order.record, state: 'discarded', finalize: null, seq, author, at: moment.wall } as const
  const { version } = record
  const entry = msgId === undefined ? null : ({ msgId, kind: 'discard', digest, version, seq } as const)
  const forgets = entry === null ? {} : forgetting(order)
  out.changes.push({ kind: 'order_marked', group: group.id, record, message: entry, ...forgets })
  const who = { actor: author, actorName: name, actorSubject: terminal.subject }
  const words = { ...who, subject: posReference, loser: null, loserName: null }
  if (wasRefused) {
    const audit = { at: moment.wall, what: 'refused_discarded', ...words, reason: message.reason ?? null } as const
    out.changes.push({ kind: 'audited', group: group.id, entry: audit })
  }
  forwardVersion(out, asker, record, group.outbox.get(posReference)?.row.configId ?? terminal.configId)
  endGrant(out, hub, group, lease)
  tellGroup(out, group.id, discarded(posReference, author, seq))
}
