import type { Command, SignIn } from '../../src/core/command.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import type { OdooRules, Settings } from '../../src/core/state.ts'
import type { Stored } from '../../src/core/stored.ts'
import type { Epoch, GroupId } from '../../src/protocol/mod.ts'

/** The defaults of PROTOCOL.md, "Timings". */
export const SETTINGS: Settings = {
  leaseMs: 60_000,
  lockMs: 45_000,
  heartbeatMs: 15_000,
  graceMs: 10_000,
  hubVersion: 'test',
  odoo: null,
  groups: new Map(),
}

/** The defaults of the settings for Odoo. */
export const ODOO: OdooRules = { forwardIntervalMs: 5_000, forwardBatch: 20, forwardsDrafts: false, deadMs: 150_000 }

/** 2026-11-22 18:00 UTC. */
export const WALL = 1_795_370_400_000
export const DAY_MS = 24 * 3_600_000
export const YEAR_MS = 365 * DAY_MS
export const GROUP = 'shop' as GroupId

export function emptyStored(epoch = 'e1'): Stored {
  return { epoch: epoch as Epoch, fence: 0, newestWall: 0, terminals: [], groups: [], tokens: [], tellsCreated: false }
}

/** The business day of a wall time: midnight to midnight in UTC. */
export function dayOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10)
}

/** What a terminal of the play needs of it. */
export interface Stage {
  readonly isQuick: boolean
  /** A name that no other has. */
  name(what: string): string
  /** A new socket that says AUTH, for the terminal that hears what comes on it. */
  connect(hearer: Hearer, command: Omit<SignIn, 'line'>): void
  /** The peer or the network closes a socket. */
  close(line: number): void
  do(command: Command): Outcome
}

/** Who hears what comes on a socket. */
export interface Hearer {
  line: number | null
  hear(text: string): void
  closed(line: number, code: string): void
  pinged(line: number): boolean
}
