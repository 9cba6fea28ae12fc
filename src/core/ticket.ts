/**
 * Ticket numbers for orders without a table.
 *
 * N1  The next number of that type and business day, from 1, unique within the day and the group.
 * N2  A day that comes back goes on counting.
 * N3  While the wall clock is behind the newest stored time it is not set, and the last business day counts.
 * N4  A resend gets the number it was given.
 */
import type { Said } from '../protocol/mod.ts'
import type { Asker } from './grant.ts'
import { msgIdOf, refuse } from './order.ts'
import { type Outcome, tell } from './outcome.ts'
import type { Hub, Moment } from './state.ts'

/** [N3] */
export function isClockSet(hub: Hub, moment: Pick<Moment, 'wall'>): boolean {
  return moment.wall >= hub.newestWall
}

export function giveTicket(out: Outcome, asker: Asker, message: Said<'TICKET_NUMBER_REQUEST'>): void {
  const { hub, group, terminal, moment } = asker
  const { orderType } = message
  const msgId = msgIdOf(asker, message)
  const known = msgId === null ? undefined : group.ticketMessages.get(msgId)
  if (known !== undefined && msgId !== null && known.orderType !== orderType) {
    return refuse(out, asker, { code: 'MSG_ID_REUSED', message: 'This msgId asked for another ticket', msgId })
  }
  const day = isClockSet(hub, moment) ? moment.day : hub.newestDay
  const number = known?.number ?? (group.tickets.get(`${day}/${orderType}`) ?? 0) + 1
  if (known === undefined) {
    const entry = msgId === null ? null : { msgId, orderType, number }
    out.changes.push({ kind: 'ticket_given', group: group.id, day, orderType, number, at: moment.wall, message: entry })
  }
  const words = { type: 'TICKET_NUMBER_ASSIGNED', orderType, ticketNumber: number } as const
  tell(out, terminal, msgId === null ? words : { ...words, msgId })
}
