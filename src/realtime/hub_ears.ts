import type { HubMessage } from '../protocol/mod.ts'
import type { Events } from './events.ts'
import type { Answers } from './hub_answers.ts'
import type { HubEvents } from './hub_events.ts'
import type { Leases } from './hub_leases.ts'
import type { Locks } from './hub_locks.ts'
import type { Outgoing } from './hub_outgoing.ts'
import type { Tickets } from './hub_tickets.ts'
import { floorOf, tableOf } from './hub_view.ts'
import type { Heard } from './hub_words.ts'

/** Who hears which message of the hub; what is missing is heard by nobody. */
export type Ears = { readonly [T in HubMessage['type']]?: (message: Heard<T>) => void }

/** About tables and orders that are held. */
export function grantEars(parts: {
  readonly leases: Leases
  readonly locks: Locks
  readonly outgoing: Outgoing
  readonly answers: Answers
  readonly events: Events<HubEvents>
}): Ears {
  const { leases, locks, outgoing, answers, events } = parts
  return {
    LEASE_GRANTED: (message) => {
      leases.granted(message)
      answers.granted(message)
    },
    LEASE_DENIED: (message) => {
      if (message.msgId === undefined) leases.denied(message)
      answers.denied(message)
    },
    LEASE_REVOKED: (message) => leases.revoked(message),
    LEASE_AVAILABLE: ({ posReference }) => {
      answers.available(posReference)
      events.emit('leaseAvailable', { posReference })
    },
    TABLE_LOCK_GRANTED: (message) => locks.granted(message),
    TABLE_LOCK_DENIED: (message) => locks.denied(message),
    TABLE_LOCK_REVOKED: (message) => locks.revoked(message),
    TABLE_LOCK_RELEASED: ({ tableId }) => {
      locks.released(tableId)
      events.emit('tableLockReleased', { tableId })
      // What was refused because of a table is not told that it is free.
      outgoing.again()
    },
    TABLE_LOCKS_STATE: (message) => locks.listed(message.locks),
  }
}

/** About orders, tables and tickets. */
export function orderEars(parts: {
  readonly answers: Answers
  readonly tickets: Tickets
  readonly events: Events<HubEvents>
}): Ears {
  const { answers, tickets, events } = parts
  return {
    ORDER_UPDATED: (message) => answers.updated(message),
    ORDER_ACCEPTED: (message) => answers.accepted(message),
    CONFLICT: (message) => answers.conflicted(message),
    ORDER_FINALIZED: (message) => answers.finalized(message),
    ORDER_FINALIZE_QUEUED: (message) => answers.queued(message),
    ORDER_FINALIZE_ERROR: (message) => answers.finalizeFailed(message),
    ORDER_DISCARDED: (message) => answers.discarded(message),
    TABLE_UPDATED: (message) => events.emit('tableUpdated', tableOf(message)),
    FLOOR_PLAN_CHANGED: (message) => events.emit('floorPlanChanged', floorOf(message)),
    TICKET_NUMBER_ASSIGNED: (message) => tickets.assigned(message),
    ERROR: (message) => {
      if (message.msgId === undefined || !tickets.refused(message.msgId)) answers.refused(message)
    },
  }
}
