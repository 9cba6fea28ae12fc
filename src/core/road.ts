/**
 * Which call goes to Odoo next.
 *
 * O1  A call's intent is in the changes that go to the disk before the call is made.
 * O2  One call a reference at a time, one a session (configuration) at a time, four in all; the oldest first, payments
 *     before what is only forwarded.
 * O3  When Odoo may be away nothing goes but one probe; when it answers again, payments that rested go at once.
 * O4  Without traffic it is asked once a minute whether it is there.
 * O5  After a call without an answer Odoo is asked for the reference before the call is repeated, where it can be.
 * O6  Drafts rest after a call without an answer until that call must be over; payments never rest for that.
 * O7  References of open and refused orders are looked up each minute, and when Odoo is back; where Odoo does not let us,
 *     it is tried again later.
 */
import type { Ms } from '../protocol/mod.ts'
import { isStillForwarded } from './forward.ts'
import { CALL_GAP_MS, CALLS_MAX, CHECK_EVERY_MS, SWEEP_EVERY_MS, SWEEP_MAX } from './limits.ts'
import type { CallItem, OdooCall } from './odoo.ts'
import { isUnanswered, type OutboxItem, type OutboxRow, saysPaid } from './outbox.ts'
import { createOutcome, type Outcome } from './outcome.ts'
import type { Group, Hub, Moment, OdooRules } from './state.ts'

type Planner = {
  readonly out: Outcome
  readonly hub: Hub
  readonly moment: Moment
  readonly rules: OdooRules
  nextAt: Ms
}

type Due = { readonly group: Group; readonly item: OutboxItem }

export function plan(hub: Hub, moment: Moment): Outcome {
  const out = createOutcome()
  const { odoo: rules } = hub.settings
  if (rules === null) return out
  const planner: Planner = { out, hub, moment, rules, nextAt: Number.POSITIVE_INFINITY }
  const { road } = hub
  if (road.probeAt !== null) planProbe(planner, road.probeAt)
  else if (moment.now >= road.heardAt + CHECK_EVERY_MS && road.calls.size === 0) planProbe(planner, moment.now)
  else {
    // Once it is past, the end of a call leads here again.
    if (moment.now < road.heardAt + CHECK_EVERY_MS) see(planner, road.heardAt + CHECK_EVERY_MS)
    planSweep(planner)
    planItems(planner)
  }
  if (planner.nextAt !== road.nextAt) out.changes.push({ kind: 'road_planned', at: planner.nextAt })
  return out
}

function see(planner: Planner, at: Ms): void {
  if (at < planner.nextAt) planner.nextAt = at
}

/** [O3] */
function planProbe(planner: Planner, at: Ms): void {
  const { out, hub, moment } = planner
  if (isRunning(hub, 'probe')) return
  if (at > moment.now) return see(planner, at)
  if (hub.road.probeAt === null) out.changes.push({ kind: 'road_set', values: { probeAt: at } })
  begin(planner, { what: 'probe', items: [] })
}

function isRunning(hub: Hub, what: OdooCall['what']): boolean {
  for (const call of hub.road.calls.values()) if (call.what === what) return true
  return false
}

function begin(planner: Planner, call: Omit<OdooCall, 'id'>, lane?: { readonly configId: number | null }): void {
  const { out, hub, moment } = planner
  // Only one of each pass: the next pass sees what this one began.
  const whole: OdooCall = { id: hub.road.lastCall + 1 + out.effects.length, ...call }
  const about = { call: whole, now: moment.now, gapMs: CALL_GAP_MS }
  out.changes.push({ kind: 'call_begun', ...about, ...(lane !== undefined && { lane: lane.configId }) })
  out.effects.push({ kind: 'call', call: whole })
}

/** [O7] */
function planSweep(planner: Planner): void {
  const { out, hub, moment } = planner
  const { road } = hub
  if (isRunning(hub, 'sweep') || road.calls.size >= CALLS_MAX) return
  if (road.sweepLeft.length > 0) return begin(planner, { what: 'sweep', items: road.sweepLeft.slice(0, SWEEP_MAX) })
  if (moment.now < road.sweepAt) return see(planner, road.sweepAt)
  const sweepLeft = sweepable(hub)
  const sweepAt = moment.now + SWEEP_EVERY_MS
  see(planner, sweepAt)
  out.changes.push({ kind: 'road_set', values: { sweepAt, sweepLeft, canLook: true } })
  if (sweepLeft.length > 0) begin(planner, { what: 'sweep', items: sweepLeft.slice(0, SWEEP_MAX) })
}

function sweepable(hub: Hub): CallItem[] {
  const items: CallItem[] = []
  for (const group of hub.groups.values()) {
    for (const { record } of group.orders.values()) {
      const { posReference, version, state } = record
      if (state === 'open' || state === 'refused')
        items.push({ group: group.id, posReference, version, configId: null })
    }
  }
  return items
}

/** [O2] */
function planItems(planner: Planner): void {
  const { hub, moment } = planner
  const { first, forwards, count } = dueItems(planner)
  // A sweep that this very pass began counts too.
  if (count === 0 || hub.road.calls.size + planner.out.effects.length >= CALLS_MAX) return
  if (moment.now < hub.road.nextCallAt) return see(planner, hub.road.nextCallAt)
  if (first !== null) beginOne(planner, first)
  else beginBatch(planner, forwards)
  if (count > 1) see(planner, moment.now + CALL_GAP_MS)
}

function dueItems(planner: Planner) {
  const { out, hub, moment } = planner
  const forwards: Due[] = []
  let first: Due | null = null
  let count = 0
  const taken = referencesFlying(hub)
  for (const group of hub.groups.values()) {
    for (const item of group.outbox.values()) {
      if (item.call !== null || item.row.isParked || isLaneBusy(hub, item)) continue
      if (taken.has(item.row.posReference)) continue
      const at = dueAt(hub, item)
      if (at > moment.now) {
        see(planner, at)
        continue
      }
      if (item.row.kind === 'forward' && !isStillForwarded(hub, group, item)) {
        out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference: item.row.posReference })
        continue
      }
      count++
      if (item.row.kind === 'forward') {
        taken.add(item.row.posReference)
        forwards.push({ group, item })
      } else if (first === null || isBefore(item, first.item)) first = { group, item }
    }
  }
  return { first, forwards, count } as const
}

/** To Odoo a reference is one, whatever the groups that use it. */
function referencesFlying({ road }: Hub): Set<string> {
  const references = new Set<string>()
  for (const { what, items } of road.calls.values()) {
    if (what === 'finalize' || what === 'batch') for (const { posReference } of items) references.add(posReference)
  }
  return references
}

/** A look-up is no work for a session of Odoo, so it waits for none. */
function isLaneBusy(hub: Hub, item: OutboxItem): boolean {
  if (nextStep(hub, item) === 'look') return false
  const call = hub.road.lanes.get(item.row.configId)?.call
  return call !== undefined && call !== null
}

/** [O5] */
function nextStep(hub: Hub, item: OutboxItem): 'finalize' | 'look' | 'forward' {
  const { row } = item
  if (row.kind === 'forward') return 'forward'
  if (!hub.road.canLook) return 'finalize'
  if (row.verdict !== null) return 'look'
  return isUnanswered(item) && !item.isLooked ? 'look' : 'finalize'
}

function dueAt(hub: Hub, item: OutboxItem): Ms {
  const { row, notBefore, deadAt } = item
  const lane = hub.road.lanes.get(row.configId)
  const step = nextStep(hub, item)
  const laneAt = step === 'look' ? Number.NEGATIVE_INFINITY : (lane?.notBefore ?? Number.NEGATIVE_INFINITY)
  const restAt = row.verdict !== null ? deadAt : Number.NEGATIVE_INFINITY
  if (step !== 'forward') return Math.max(notBefore, laneAt, restAt)
  // [O6]
  return Math.max(notBefore, laneAt, deadAt, lane?.forwardAt ?? Number.NEGATIVE_INFINITY)
}

function beginOne(planner: Planner, { group, item }: Due): void {
  const { hub } = planner
  const { row } = item
  const { posReference, version, configId } = row
  const what = nextStep(hub, item) === 'look' ? 'look' : 'finalize'
  const items = [{ group: group.id, posReference, version, configId }]
  if (what === 'look') return begin(planner, { what, items })
  intend(planner, group, item)
  begin(planner, { what, items }, row)
}

/** [O1] */
function intend(planner: Planner, group: Group, item: OutboxItem): void {
  const { out, moment } = planner
  const { row } = item
  // With a verdict it comes here only where no look-up is possible, and after the old call must be over.
  const unansweredAt = row.verdict !== null ? null : (row.sentAt ?? row.unansweredAt)
  const sent = { attempts: row.attempts + 1, sentVersion: row.version, sentAt: moment.wall }
  const next: OutboxRow = { ...row, ...sent, unansweredAt, verdict: null }
  out.changes.push({ kind: 'outbox_put', group: group.id, row: next })
}

/** Of one session, as many as fit; one that brought a whole batch down goes by itself. */
function beginBatch(planner: Planner, due: readonly Due[]): void {
  const { moment, rules, out } = planner
  const [oldest] = [...due].sort(bySince)
  if (oldest === undefined) return
  const { configId } = oldest.item.row
  const mates = due.filter(({ item }) => item.row.configId === configId && !item.isAlone).sort(bySince)
  const taken = oldest.item.isAlone ? [oldest] : mates.slice(0, rules.forwardBatch)
  for (const { group, item } of taken) intend(planner, group, item)
  const items = taken.map(({ group, item }) => ({
    group: group.id,
    posReference: item.row.posReference,
    version: item.row.version,
    configId,
    wasPaid: isSaidPaid(group, item),
  }))
  const left = mates.length - taken.length
  // A full batch is followed by the next at once; else what comes in the meantime gathers.
  const isMore = left > 0 || oldest.item.isAlone
  const forwardAt = isMore ? moment.now : moment.now + rules.forwardIntervalMs
  out.changes.push({ kind: 'lane_timed', configId, times: { forwardAt } })
  begin(planner, { what: 'batch', items }, { configId })
}

function isSaidPaid(group: Group, { row }: OutboxItem): boolean {
  const order = group.orders.get(row.posReference)
  return order !== undefined && saysPaid(order.record)
}

function isBefore(item: OutboxItem, other: OutboxItem): boolean {
  if (item.isSuspect !== other.isSuspect) return other.isSuspect
  return item.row.since < other.row.since
}

function bySince(left: Due, right: Due): number {
  return left.item.row.since - right.item.row.since
}
