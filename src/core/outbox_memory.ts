/** How evolve keeps the outbox and the road to Odoo in memory. */
import type { Ms } from '../protocol/mod.ts'
import { LANES_MAX } from './limits.ts'
import { createItem, type Lane, type OutboxItem, type OutboxRow, type Road } from './outbox.ts'
import type { Change } from './outcome.ts'
import type { Group, Hub } from './state.ts'
import { setDeadline } from './terminal_memory.ts'

export function putRow(group: Group, row: OutboxRow): void {
  const known = group.outbox.get(row.posReference)
  if (known?.row.isParked === true) group.outboxParked--
  if (row.isParked) group.outboxParked++
  if (known === undefined) group.outbox.set(row.posReference, createItem(row, Number.NEGATIVE_INFINITY))
  else known.row = row
}

export function dropRow(group: Group, posReference: OutboxRow['posReference']): void {
  if (group.outbox.get(posReference)?.row.isParked === true) group.outboxParked--
  group.outbox.delete(posReference)
}

export function laneOf(road: Road, configId: number | null): Lane {
  const known = road.lanes.get(configId)
  if (known !== undefined) return known
  if (road.lanes.size >= LANES_MAX) forgetLane(road)
  const lane = { call: null, notBefore: Number.NEGATIVE_INFINITY, waits: 0, forwardAt: Number.NEGATIVE_INFINITY }
  road.lanes.set(configId, lane)
  return lane
}

/** The oldest one that is at rest: what it knew is found out again. */
function forgetLane(road: Road): void {
  for (const [configId, { call }] of road.lanes) if (call === null) return void road.lanes.delete(configId)
}

export type RoadChange = Extract<
  Change,
  {
    kind:
      | 'call_begun'
      | 'call_ended'
      | 'item_timed'
      | 'lane_timed'
      | 'road_set'
      | 'road_planned'
      | 'odoo_took'
      | 'odoo_back'
  }
>

export function evolveRoad(hub: Hub, change: RoadChange): void {
  const { road } = hub
  switch (change.kind) {
    case 'call_begun':
      return beginCall(hub, change)
    case 'call_ended':
      return endCall(hub, change.call)
    case 'item_timed': {
      const item = hub.groups.get(change.group)?.outbox.get(change.posReference)
      if (item !== undefined) Object.assign(item, change.times)
      return
    }
    case 'lane_timed':
      Object.assign(laneOf(road, change.configId), change.times)
      return
    case 'road_set':
      Object.assign(road, change.values)
      if (change.odoo !== undefined) hub.odoo = change.odoo
      return
    case 'odoo_took':
      road.takenCount++
      road.takenAt = change.at
      return
    case 'road_planned':
      road.nextAt = change.at
      return setDeadline(hub, change.at)
    case 'odoo_back':
      for (const lane of road.lanes.values()) Object.assign(lane, { notBefore: change.now, waits: 0 })
      for (const item of items(hub)) if (isWaking(item.row)) wake(item, change.now)
      return
  }
}

function wake(item: OutboxItem, now: Ms): void {
  item.notBefore = Math.min(item.notBefore, now)
  item.restUntil = Math.min(item.restUntil, now)
}

/** Drafts go on resting: an old call with an older version may still be carried out. */
function isWaking(row: OutboxRow): boolean {
  return row.kind === 'finalize'
}

function beginCall(hub: Hub, { call, now, gapMs, lane }: Extract<RoadChange, { kind: 'call_begun' }>): void {
  const { road } = hub
  road.calls.set(call.id, call)
  road.lastCall = call.id
  road.nextCallAt = now + gapMs
  if (lane !== undefined) laneOf(road, lane).call = call.id
  if (call.what === 'sweep') road.sweepLeft.splice(0, call.items.length)
  if (call.what === 'sweep' || call.what === 'probe') return
  for (const { group, posReference } of call.items) {
    const item = hub.groups.get(group)?.outbox.get(posReference)
    if (item !== undefined) item.call = call.id
  }
}

function endCall(hub: Hub, id: number): void {
  const { road } = hub
  const call = road.calls.get(id)
  road.calls.delete(id)
  for (const lane of road.lanes.values()) if (lane.call === id) lane.call = null
  for (const { group, posReference } of call?.items ?? []) {
    const item = hub.groups.get(group)?.outbox.get(posReference)
    if (item?.call === id) item.call = null
  }
}

/** The hub itself stood still: what waits for a time waits on, and calls that were given up get as much longer. */
export function shiftRoad(hub: Hub, gapMs: Ms): void {
  const { road } = hub
  if (road.probeAt !== null) road.probeAt += gapMs
  road.heardAt += gapMs
  road.nextCallAt += gapMs
  road.sweepAt += gapMs
  road.nextAt += gapMs
  for (const lane of road.lanes.values()) {
    lane.notBefore += gapMs
    lane.forwardAt += gapMs
  }
  for (const item of items(hub)) {
    item.notBefore += gapMs
    item.restUntil += gapMs
    item.deadAt += gapMs
  }
}

function* items(hub: Hub) {
  for (const group of hub.groups.values()) yield* group.outbox.values()
}
