import * as z from 'zod'
import { boundedText, FloorId, PosReference, Seq, TableId, TerminalId } from './ids.ts'
import { FloorTables } from './opaque.ts'

/** What a table looks like to the others, in the words of the terminals: `free`, `occupied`, `bill` ... */
export const TableStatus = boundedText(1, 64)

/** How a floor is drawn, in the words of the terminals. */
export const LayoutMode = boundedText(1, 64)

/** A table's state, as `SYNC_INIT` lists it and `TABLE_UPDATED` tells it. */
export const TableState = z.object({
  tableId: TableId,
  status: TableStatus,
  posReference: PosReference.optional(),
  sourceTerminal: TerminalId,
  seq: Seq,
})
export type TableState = z.infer<typeof TableState>

/** A floor plan, as `SYNC_INIT` lists it and `FLOOR_PLAN_CHANGED` tells it. */
export const FloorPlan = z.object({
  floorId: FloorId,
  tables: FloorTables,
  layoutMode: LayoutMode.optional(),
  sourceTerminal: TerminalId,
  seq: Seq,
})
export type FloorPlan = z.infer<typeof FloorPlan>
