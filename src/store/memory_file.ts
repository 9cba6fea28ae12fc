import { Broken } from '../core/assert.ts'
import type { StoreFailure } from '../engine/ports.ts'
import type { InGroup, Keep, Named, Newest, Statements } from './statements.ts'
import type { TableFile } from './table_file.ts'

type Row = { readonly [column: string]: unknown }

/** A disk that refuses, for tests: what `failWith` returns is thrown in place of the next commit. */
export class DiskRefuses extends Error {
  override readonly name = 'DiskRefuses'
  readonly failure: StoreFailure
  constructor(failure: StoreFailure) {
    super(failure.text)
    this.failure = failure
  }
}

/**
 * Tables in memory: for tests and the simulator. They hold rows, not state, so that a store on them reads and writes
 * through the same two translations as on SQLite. `refusal` is asked before each commit, read and reopening.
 */
export function createMemoryFile(epoch: string, refusal: () => StoreFailure | null = () => null): TableFile {
  const undo: (() => void)[] = []
  const statements = createMemoryStatements(undo)
  statements.putMeta.run({ key: 'epoch', value: epoch })
  undo.length = 0
  const ask = () => {
    const failure = refusal()
    if (failure !== null) throw new DiskRefuses(failure)
  }
  return {
    statements: () => statements,
    transaction(work) {
      undo.length = 0
      try {
        work()
        ask()
      } catch (error) {
        for (const back of undo.reverse()) back()
        throw error
      } finally {
        undo.length = 0
      }
    },
    reopen: ask,
    failureOf: (error) => (error instanceof DiskRefuses ? error.failure : null),
    close: () => undefined,
  }
}

/** One table: rows by key, in the order in which they first came. */
class MemoryTable<R extends Row> {
  readonly #rows = new Map<string, R>()
  readonly #keys: readonly (keyof R)[]
  readonly #undo: (() => void)[]
  constructor(undo: (() => void)[], keys: readonly (keyof R)[]) {
    this.#undo = undo
    this.#keys = keys
  }
  put(row: R): void {
    const key = this.#key(row)
    this.#change(key)
    this.#rows.set(key, { ...row })
  }
  /** A row whose key must be new, as an INSERT has it. */
  add(row: R): void {
    if (this.#rows.has(this.#key(row))) throw new Broken(`a row is there already: ${this.#key(row)}`)
    this.put(row)
  }
  addNew(row: R): void {
    if (!this.#rows.has(this.#key(row))) this.put(row)
  }
  drop(row: Partial<R>): void {
    const key = this.#key(row)
    this.#change(key)
    this.#rows.delete(key)
  }
  where(fits: (row: R) => boolean): R[] {
    return [...this.#rows.values()].filter(fits).map((row) => ({ ...row }))
  }
  #key(row: Partial<R>): string {
    return JSON.stringify(this.#keys.map((column) => row[column]))
  }
  #change(key: string): void {
    const before = this.#rows.get(key)
    this.#undo.push(() => {
      if (before === undefined) this.#rows.delete(key)
      else this.#rows.set(key, before)
    })
  }
}

type RowOf<S> = S extends { run(params: infer R extends Row): unknown } ? R : never

function createMemoryStatements(undo: (() => void)[]): Statements {
  const table = <K extends keyof Statements>(_for: K, ...keys: (keyof RowOf<Statements[K]>)[]) =>
    new MemoryTable<RowOf<Statements[K]>>(undo, keys)
  const meta = table('putMeta', 'key')
  const groups = table('putGroup', 'id')
  const terminals = table('putTerminal', 'terminalId')
  const orders = table('putOrder', 'groupId', 'posReference')
  const versions = table('addVersion', 'groupId', 'posReference', 'version')
  const messages = table('addMessage', 'groupId', 'posReference', 'msgId')
  const seconds = table('addSecondPayment', 'groupId', 'posReference', 'digest')
  const grants = table('putGrant', 'groupId', 'kind', 'key')
  const tables = table('putTable', 'groupId', 'tableId')
  const floors = table('putFloor', 'groupId', 'floorId')
  const tickets = table('putTicket', 'groupId', 'day', 'orderType')
  const ticketMessages = table('addTicketMessage', 'groupId', 'msgId')
  const audit: RowOf<Statements['addAudit']>[] = []
  return {
    putMeta: { run: (row) => meta.put(row) },
    addGroup: { run: (row) => groups.addNew(row) },
    putGroup: { run: (row) => groups.put(row) },
    putTerminal: { run: (row) => terminals.put(row) },
    dropTerminal: { run: (row) => terminals.drop(row) },
    putOrder: { run: (row) => orders.put(row) },
    addVersion: { run: (row) => versions.add(row) },
    trimVersions: { run: (keep) => trim(versions, keep) },
    addMessage: { run: (row) => messages.add(row) },
    trimMessages: { run: (keep) => trim(messages, keep) },
    addSecondPayment: { run: (row) => seconds.addNew(row) },
    putGrant: { run: (row) => grants.put(row) },
    dropGrant: { run: (row) => grants.drop(row) },
    putTable: { run: (row) => tables.put(row) },
    putFloor: { run: (row) => floors.put(row) },
    putTicket: { run: (row) => tickets.put(row) },
    addTicketMessage: { run: (row) => ticketMessages.add(row) },
    addAudit: {
      run: (row) => {
        audit.push(row)
        undo.push(() => audit.pop())
      },
    },
    meta: { all: () => meta.where(all) },
    groups: { all: () => groups.where(all) },
    terminals: { all: () => terminals.where(all).sort((left, right) => left.lastActiveAt - right.lastActiveAt) },
    openOrders: { all: (ask) => orders.where((row) => inGroup(row, ask) && row.closed === 0) },
    closedOrders: {
      all: (ask) => {
        const closed = orders.where((row) => inGroup(row, ask) && row.closed === 1)
        return newest(
          closed.sort((left, right) => left.seq - right.seq),
          ask,
        )
      },
    },
    order: { get: (ask) => orders.where((row) => isNamed(row, ask))[0] },
    newestVersion: { get: (ask) => byVersion(versions.where((row) => isNamed(row, ask))).at(-1) },
    versions: { all: (ask) => byVersion(versions.where((row) => isNamed(row, ask))) },
    messages: {
      all: (ask) =>
        newest(
          messages.where((row) => isNamed(row, ask)),
          ask,
        ),
    },
    secondPayments: {
      all: (ask) => seconds.where((row) => inGroup(row, ask)).sort((left, right) => left.at - right.at),
    },
    secondPaymentsOf: { all: (ask) => seconds.where((row) => isNamed(row, ask)) },
    grants: { all: (ask) => grants.where((row) => inGroup(row, ask)) },
    tables: { all: (ask) => tables.where((row) => inGroup(row, ask)) },
    floors: { all: (ask) => floors.where((row) => inGroup(row, ask)) },
    tickets: {
      all: (ask) => tickets.where((row) => inGroup(row, ask)).sort((left, right) => (left.day < right.day ? -1 : 1)),
    },
    ticketMessages: {
      all: (ask) =>
        newest(
          ticketMessages.where((row) => inGroup(row, ask)),
          ask,
        ),
    },
    audit: {
      all: (ask) =>
        newest(
          audit.filter((row) => inGroup(row, ask)),
          ask,
        ),
    },
  }
}

function all(): boolean {
  return true
}

function inGroup(row: InGroup, ask: InGroup): boolean {
  return row.groupId === ask.groupId
}

function isNamed(row: Named, ask: Named): boolean {
  return inGroup(row, ask) && row.posReference === ask.posReference
}

function newest<R>(oldestFirst: R[], ask: Newest): R[] {
  return oldestFirst.slice(-ask.countMax).reverse()
}

function byVersion<R extends { readonly version: number }>(rows: R[]): R[] {
  return rows.sort((left, right) => left.version - right.version)
}

function trim<R extends Row & Named>(table: MemoryTable<R>, keep: Keep): void {
  const rows = table.where((row) => isNamed(row, keep))
  for (const row of rows.slice(0, Math.max(0, rows.length - keep.keep))) table.drop(row)
}
