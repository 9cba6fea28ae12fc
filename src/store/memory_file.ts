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
  let isWriting = false
  const ask = () => {
    const failure = refusal()
    if (failure !== null) throw new DiskRefuses(failure)
  }
  return {
    statements() {
      if (!isWriting) ask()
      return statements
    },
    transaction(work) {
      undo.length = 0
      isWriting = true
      try {
        work()
        ask()
      } catch (error) {
        for (const back of undo.reverse()) back()
        throw error
      } finally {
        isWriting = false
        undo.length = 0
      }
    },
    reopen: ask,
    failureOf: (error) => (error instanceof DiskRefuses ? error.failure : null),
    close: () => undefined,
  }
}

/** One table: rows by key, in the order in which they came. */
class MemoryTable<R extends Row> {
  readonly #rows = new Map<string, { readonly n: number; readonly row: R }>()
  readonly #keys: readonly (keyof R)[]
  readonly #undo: (() => void)[]
  #count = 0
  constructor(undo: (() => void)[], keys: readonly (keyof R)[]) {
    this.#undo = undo
    this.#keys = keys
  }
  put(row: R): void {
    const key = this.#key(row)
    const n = this.#rows.get(key)?.n ?? this.#count++
    this.#change(key)
    this.#rows.set(key, { n, row: { ...row } })
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
    const found = [...this.#rows.values()].filter(({ row }) => fits(row))
    return found.sort((left, right) => left.n - right.n).map(({ row }) => ({ ...row }))
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

type Undo = (() => void)[]
type Tables = ReturnType<typeof createTables>

function createTables(undo: Undo) {
  const table = <K extends keyof Statements>(_for: K, ...keys: (keyof RowOf<Statements[K]>)[]) =>
    new MemoryTable<RowOf<Statements[K]>>(undo, keys)
  const audit: RowOf<Statements['addAudit']>[] = []
  return {
    meta: table('putMeta', 'key'),
    groups: table('putGroup', 'id'),
    terminals: table('putTerminal', 'terminalId'),
    orders: table('putOrder', 'groupId', 'posReference'),
    versions: table('addVersion', 'groupId', 'posReference', 'version'),
    messages: table('putMessage', 'groupId', 'posReference', 'msgId'),
    seconds: table('addSecondPayment', 'groupId', 'posReference', 'digest'),
    outbox: table('putOutbox', 'groupId', 'posReference'),
    tokens: table('putToken', 'digest'),
    grants: table('putGrant', 'groupId', 'kind', 'key'),
    tables: table('putTable', 'groupId', 'tableId'),
    floors: table('putFloor', 'groupId', 'floorId'),
    tickets: table('putTicket', 'groupId', 'day', 'orderType'),
    ticketMessages: table('putTicketMessage', 'groupId', 'deviceId', 'msgId'),
    audit,
  }
}

function createMemoryStatements(undo: Undo): Statements {
  const of = createTables(undo)
  return { ...writesOf(of, undo), ...orderReadsOf(of), ...readsOf(of) }
}

function writesOf(of: Tables, undo: Undo): Pick<Statements, WriteName> {
  return {
    putMeta: { run: (row) => of.meta.put(row) },
    addGroup: { run: (row) => of.groups.addNew(row) },
    putGroup: { run: (row) => of.groups.put(row) },
    putTerminal: { run: (row) => of.terminals.put(row) },
    dropTerminal: { run: (row) => of.terminals.drop(row) },
    putOrder: { run: (row) => of.orders.put(row) },
    addVersion: { run: (row) => of.versions.add(row) },
    trimVersions: { run: (keep) => trim(of.versions, keep) },
    putMessage: { run: (row) => of.messages.put(row) },
    dropMessage: { run: (row) => of.messages.drop(row) },
    addSecondPayment: { run: (row) => of.seconds.addNew(row) },
    settlePayments: {
      run: ({ at, note, ...name }) => {
        for (const row of of.seconds.where((one) => isNamed(one, name) && one.settledAt === null)) {
          of.seconds.put({ ...row, settledAt: at, settledNote: note })
        }
      },
    },
    putOutbox: { run: (row) => of.outbox.put(row) },
    dropOutbox: { run: (row) => of.outbox.drop(row) },
    putToken: { run: (row) => of.tokens.put(row) },
    dropToken: { run: (row) => of.tokens.drop(row) },
    putGrant: { run: (row) => of.grants.put(row) },
    dropGrant: { run: (row) => of.grants.drop(row) },
    putTable: { run: (row) => of.tables.put(row) },
    putFloor: { run: (row) => of.floors.put(row) },
    putTicket: { run: (row) => of.tickets.put(row) },
    dropTicket: { run: (row) => of.tickets.drop(row) },
    putTicketMessage: { run: (row) => of.ticketMessages.put(row) },
    dropTicketMessage: { run: (row) => of.ticketMessages.drop(row) },
    addAudit: {
      run: (row) => {
        of.audit.push(row)
        undo.push(() => of.audit.pop())
      },
    },
  }
}

function orderReadsOf(of: Tables): Pick<Statements, OrderReadName> {
  return {
    openOrders: { all: (ask) => of.orders.where((row) => inGroup(row, ask) && row.closed === 0) },
    closedOrders: {
      all: (ask) => {
        const closed = of.orders.where((row) => inGroup(row, ask) && row.closed === 1)
        return newest(
          closed.sort((left, right) => left.seq - right.seq),
          ask,
        )
      },
    },
    order: { get: (ask) => of.orders.where((row) => isNamed(row, ask))[0] },
    paidOrders: {
      all: ({ since, offset, countMax, ...ask }) =>
        of.orders
          .where((row) => inGroup(row, ask) && (row.state === 'final' || row.state === 'finalizing') && row.at >= since)
          .sort((left, right) => left.at - right.at || (left.posReference < right.posReference ? -1 : 1))
          .slice(offset, offset + countMax),
    },
    newestVersion: { get: (ask) => byVersion(of.versions.where((row) => isNamed(row, ask))).at(-1) },
    versions: { all: (ask) => byVersion(of.versions.where((row) => isNamed(row, ask))) },
    messages: {
      all: (ask) =>
        newest(
          of.messages.where((row) => isNamed(row, ask)),
          ask,
        ),
    },
    outbox: {
      all: (ask) => of.outbox.where((row) => inGroup(row, ask)).sort((left, right) => left.sinceAt - right.sinceAt),
    },
    tokens: { all: () => of.tokens.where(all).sort((left, right) => left.checkedAt - right.checkedAt) },
    secondPayments: {
      all: (ask) =>
        of.seconds
          .where((row) => inGroup(row, ask) && row.settledAt === null)
          .sort((left, right) => left.at - right.at),
    },
    secondPaymentsOf: { all: (ask) => of.seconds.where((row) => isNamed(row, ask)) },
  }
}

function readsOf(of: Tables): Omit<Statements, WriteName | OrderReadName> {
  return {
    meta: { all: () => of.meta.where(all) },
    groups: { all: () => of.groups.where(all) },
    terminals: { all: () => of.terminals.where(all).sort((left, right) => left.lastActiveAt - right.lastActiveAt) },
    grants: { all: (ask) => of.grants.where((row) => inGroup(row, ask)) },
    tables: { all: (ask) => of.tables.where((row) => inGroup(row, ask)) },
    floors: { all: (ask) => of.floors.where((row) => inGroup(row, ask)) },
    tickets: {
      all: (ask) => of.tickets.where((row) => inGroup(row, ask)).sort((left, right) => (left.day < right.day ? -1 : 1)),
    },
    ticketMessages: {
      all: (ask) =>
        newest(
          of.ticketMessages.where((row) => inGroup(row, ask)),
          ask,
        ),
    },
    audit: {
      all: (ask) =>
        newest(
          of.audit.filter((row) => inGroup(row, ask)),
          ask,
        ),
    },
  }
}

type WriteName = { [K in keyof Statements]: Statements[K] extends { run: unknown } ? K : never }[keyof Statements]
type OrderReadName =
  | 'openOrders'
  | 'closedOrders'
  | 'order'
  | 'paidOrders'
  | 'newestVersion'
  | 'versions'
  | 'messages'
  | 'outbox'
  | 'tokens'
  | 'secondPayments'
  | 'secondPaymentsOf'

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
