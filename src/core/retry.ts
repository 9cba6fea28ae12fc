/**
 * How something that did not get through waits for its next try.
 *
 * E3  What failed rests for a time that doubles from 1 s to 60 s, spread by chance, or for as long as Odoo asked.
 * E4  A failure that may have been carried out is remembered on the disk until the order has a definite answer.
 * E5  No open session: the order stays finalizing, all are told once, and its session is tried again by one order.
 */
import type { Ms } from '../protocol/mod.ts'
import { RETRY_AFTER_MAX_MS, RETRY_FIRST_MS, RETRY_LONGEST_MS, SUSPECT_ATTEMPTS } from './limits.ts'
import type { OdooCall, OdooFailure } from './odoo.ts'
import { deadAfter, type OutboxItem, type OutboxRow } from './outbox.ts'
import { type Outcome, tellGroup } from './outcome.ts'
import type { Paid } from './settle.ts'
import type { Group, Hub, Moment } from './state.ts'

/** Where an answer belongs. */
export type Site = {
  readonly hub: Hub
  readonly moment: Moment
  readonly call: OdooCall
  readonly chance: number
}

/** [E3] The wait before try `count + 1`; `chance` from 0 up to 1. */
export function backoffMs(count: number, chance: number): Ms {
  const whole = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(Math.max(count - 1, 0), 20))
  // Whole milliseconds: a time that is written down later may come from here.
  return Math.ceil(whole * (0.5 + chance / 2))
}

export function askedMs(failure: OdooFailure): number {
  return Math.min(failure.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS)
}

/** The order of a call about one order; null if it is on no road any more. */
export function paidOf({ hub, call }: Site): Paid | null {
  const [named] = call.items
  const group = named === undefined ? undefined : hub.groups.get(named.group)
  if (named === undefined || group === undefined) return null
  const item = group.outbox.get(named.posReference)
  const order = group.orders.get(named.posReference)
  if (item?.row.kind !== 'finalize' || order?.record.state !== 'finalizing') return null
  return { group, item, order }
}

/** [E4] Writes down how a call ended that brought no definite answer, and lets the order rest. */
export function rest(out: Outcome, site: Site, where: Where, failure: OdooFailure): void {
  const { hub, moment, chance } = site
  const { group, item } = where
  const { row } = item
  const { code, text } = failure
  const unansweredAt = failure.mayHaveLanded ? (row.sentAt ?? row.unansweredAt) : row.unansweredAt
  const next: OutboxRow = { ...row, sentAt: null, unansweredAt, trouble: { code, text } }
  out.changes.push({ kind: 'outbox_put', group: group.id, row: next })
  const waitMs = failure.kind === 'waiting' ? 0 : backoffMs(row.attempts, chance)
  const restMs = Math.max(waitMs, failure.scope === 'call' ? askedMs(failure) : 0)
  const { now } = moment
  const restUntil = now + restMs
  // Whether Odoo has it can be asked at once; a call that changes something rests.
  const isLookedFor = row.kind === 'finalize' && failure.mayHaveLanded && hub.road.canLook
  // A version that came during the call may have to wait longer.
  const notBefore = isLookedFor ? now : Math.max(item.notBefore, restUntil)
  const dead = failure.mayHaveLanded ? { deadAt: deadAfter(hub, now) } : {}
  // A call that was given up may have been carried out since the last look.
  const unseen = unansweredAt === null ? {} : { isLooked: false }
  const isSuspect = failure.scope === 'server' && row.attempts >= SUSPECT_ATTEMPTS
  const times = { notBefore, restUntil, isSuspect, ...dead, ...unseen }
  out.changes.push({ kind: 'item_timed', group: group.id, posReference: row.posReference, times })
}

export type Where = { readonly group: Group; readonly item: OutboxItem }

/** [E5] */
export function waitForSession(out: Outcome, site: Site, where: Where, failure: OdooFailure): void {
  const { hub, moment, chance } = site
  const { group, item } = where
  const { configId, posReference, trouble, kind } = item.row
  const waits = (hub.road.lanes.get(configId)?.waits ?? 0) + 1
  const notBefore = moment.now + backoffMs(waits, chance)
  out.changes.push({ kind: 'lane_timed', configId, times: { waits, notBefore } })
  const version = group.orders.get(posReference)?.record.version
  if (kind !== 'finalize' || version === undefined || trouble?.code === failure.code) return
  const words = { type: 'ORDER_FINALIZE_ERROR', posReference, version, retryable: true } as const
  tellGroup(out, group.id, { ...words, error: failure.text, code: 'NO_OPEN_SESSION' })
  out.effects.push({ kind: 'note', event: 'no open session in Odoo', fields: { configId, posReference } })
}
