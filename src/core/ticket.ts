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
import { TICKET_DAYS_MAX, TICKET_MESSAGES_MAX } from './limits.ts'
import { msgIdOf, refuse } from './order.ts'
import { type Outcome, tell } from './outcome.ts'
import { dayKey, type Group, type Hub, type Moment, type TicketMessage, ticketKey } from './state.ts'

/** [N3] */
export function isClockSet(hub: Hub, moment: Pick<Moment, 'wall'>): boolean {
  return moment.wall >= hub.newestWall
}

export function giveTicket(out: Outcome, asker: Asker, message: Said<'TICKET_NUMBER_REQUEST'>): void {
  const { hub, group, terminal, moment } = asker
  const { orderType } = message
  const msgId = msgIdOf(asker, message)
  const { deviceId } = terminal
  const known = msgId === null ? undefined : group.ticketMessages.get(ticketKey({ deviceId, msgId }))
  if (known !== undefined && msgId !== null && known.orderType !== orderType) {
    return refuse(out, asker, { code: 'MSG_ID_REUSED', message: 'This msgId asked for another ticket', msgId })
  }
  const day = isClockSet(hub, moment) ? moment.day : hub.newestDay
  const number = known?.number ?? (group.tickets.get(dayKey({ day, orderType })) ?? 0) + 1
  if (known === undefined) {
    const entry = msgId === null ? null : { deviceId, msgId, orderType, number }
    const ticket = {
      day,
      orderType,
      number,
      at: moment.wall,
      message: entry,
      ...forgettingDay(group, { day, orderType }),
    }
    const forgets = entry === null ? {} : forgettingTicket(group)
    out.changes.push({ kind: 'ticket_given', group: group.id, ...ticket, ...forgets })
  }
  const words = { type: 'TICKET_NUMBER_ASSIGNED', orderType, ticketNumber: number } as const
  tell(out, terminal, msgId === null ? words : { ...words, msgId })
}

function forgettingTicket(group: Group): { readonly forgets?: TicketMessage } {
  const [oldest] = group.ticketMessages.values()
  return oldest === undefined || group.ticketMessages.size < TICKET_MESSAGES_MAX ? {} : { forgets: oldest }
}

type Day = { readonly day: string; readonly orderType: string }

/** The oldest counter, if a new one would be one too many; days are found by their date, however they came. */
function forgettingDay(group: Group, fresh: Day): { readonly forgetsDay?: Day } {
  if (group.tickets.has(dayKey(fresh)) || group.tickets.size < 2 * TICKET_DAYS_MAX) return {}
  const [oldest = ''] = [...group.tickets.keys()].sort()
  const [day = '', orderType = ''] = oldest.split('/')
  return { forgetsDay: { day, orderType } }
}
