/**
 * What tables and floors look like.
 *
 * U1  The newest state of a table and the newest plan of a floor are kept, and the others are told.
 * U2  Their number is bounded.
 */
import type { Said } from '../protocol/mod.ts'
import type { Asker } from './grant.ts'
import { FLOOR_CHARS_MAX, FLOORS_MAX, TABLES_MAX } from './limits.ts'
import { refuse } from './order.ts'
import { type Outcome, tellGroup } from './outcome.ts'
import { floorWords, tableWords } from './sync.ts'

export function updateTable(out: Outcome, asker: Asker, message: Said<'TABLE_UPDATE'>): void {
  const { group, terminal, line, moment } = asker
  const { tableId, status, posReference = null } = message
  if (!group.tables.has(tableId) && group.tables.size >= TABLES_MAX) {
    return refuse(out, asker, { code: 'HUB_FULL', message: 'Too many tables' })
  }
  const table = { tableId, status, posReference, author: terminal.terminalId, seq: group.seq + 1, at: moment.wall }
  out.changes.push({ kind: 'table_changed', group: group.id, table })
  tellGroup(out, group.id, { type: 'TABLE_UPDATED', ...tableWords(table) }, line)
}

export function updateFloorPlan(out: Outcome, asker: Asker, message: Said<'FLOOR_PLAN_UPDATE'>): void {
  const { group, terminal, line, moment } = asker
  const { floorId, tables, layoutMode = null } = message
  if (!group.floors.has(floorId) && group.floors.size >= FLOORS_MAX) {
    return refuse(out, asker, { code: 'HUB_FULL', message: 'Too many floors' })
  }
  let chars = tables.json.length
  for (const floor of group.floors.values()) if (floor.floorId !== floorId) chars += floor.tables.json.length
  if (chars > FLOOR_CHARS_MAX) return refuse(out, asker, { code: 'HUB_FULL', message: 'The floor plans are too large' })
  const floor = { floorId, tables, layoutMode, author: terminal.terminalId, seq: group.seq + 1, at: moment.wall }
  out.changes.push({ kind: 'floor_changed', group: group.id, floor })
  tellGroup(out, group.id, { type: 'FLOOR_PLAN_CHANGED', ...floorWords(floor) }, line)
}
