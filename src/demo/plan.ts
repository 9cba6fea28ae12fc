import type { Addon, Quirk } from './addon.ts'
import type { Answer } from './answer.ts'
import type { Database } from './database.ts'
import type { OdooError, Series } from './error.ts'
import type { DemoWay } from './record.ts'
import type { Users } from './user.ts'

/** What all ways have in common. */
export type World = {
  readonly series: Series
  /** The name of the database. */
  readonly databaseName: string
  readonly database: Database
  readonly addon: Addon
  readonly users: Users
  /** Whether the add-on is installed. */
  readonly hasAddon: boolean
  /** Milliseconds since 1970. */
  now(): number
}

/**
 * A call that was read and whose sender is known, before anything is done. Its work is synchronous: between two calls
 * there is nothing half done.
 */
export type Plan = {
  readonly way: DemoWay
  readonly what: string
  /** Of a call that writes. */
  readonly snapshots: readonly unknown[]
  readonly isWrite: boolean
  perform(quirk: Quirk): Answer
  /** The same way's words for an exception. */
  fail(error: OdooError): Answer
  /** The same way's words for "not signed in". */
  deny(): Answer
}

/** A plan that does nothing but answer. */
export function settled(plan: Omit<Plan, 'snapshots' | 'isWrite' | 'perform'>, answer: Answer): Plan {
  return { ...plan, snapshots: [], isWrite: false, perform: () => answer }
}
