import { never } from '../core/assert.ts'
import { VERSIONS_PER_ORDER_MAX } from '../core/limits.ts'
import type { Noted } from '../core/order_memory.ts'
import type { Kept } from '../core/outcome.ts'
import type { Found, Reading, Recovered, Store, StoreFailure } from '../engine/ports.ts'
import type { GroupId, PosReference } from '../protocol/mod.ts'
import { readAll, readOrder, readPaid } from './read.ts'
import {
  auditOf,
  auditRow,
  floorRow,
  grantRow,
  messageRow,
  orderRow,
  outboxRow,
  secondPaymentOf,
  secondPaymentRow,
  tableRow,
  terminalRow,
  ticketMessageRow,
  tokenRow,
  versionOf,
  versionRow,
} from './rows.ts'
import type { Statements } from './statements.ts'
import type { TableFile } from './table_file.ts'

/** How often an order's history is cut to its bound: each time would cost two more statements a snapshot. */
const TRIM_EVERY = 32

/** The store over any tables. Every failure of the file comes back as a value; a mistake of ours is thrown. */
export function createStore(file: TableFile): Store {
  const attempt = <T>(work: () => T): { readonly value: T } | StoreFailure => {
    try {
      return { value: work() }
    } catch (error) {
      const failure = file.failureOf(error)
      if (failure === null) throw error
      return failure
    }
  }
  const reading = <T>(work: () => T): Reading<T> => {
    const done = attempt(work)
    return 'value' in done ? { ok: true, value: done.value } : { ok: false, failure: done }
  }
  return {
    commit(changes) {
      const done = attempt(() => file.transaction(() => writeAll(file.statements(), changes)))
      return 'value' in done ? null : done
    },
    findOrder(group, posReference): Found {
      const found = attempt(() => readOrder(file.statements(), group, posReference))
      return 'value' in found ? { ok: true, order: found.value } : { ok: false, failure: found }
    },
    recover(): Recovered {
      const read = attempt(() => {
        file.reopen()
        return readAll(file.statements())
      })
      return 'value' in read ? { ok: true, stored: read.value } : { ok: false, failure: read }
    },
    story: (groupId, posReference) =>
      reading(() => file.statements().versions.all({ groupId, posReference }).map(versionOf)),
    audit: (groupId, countMax) => reading(() => file.statements().audit.all({ groupId, countMax }).map(auditOf)),
    secondPayments: (groupId) => reading(() => file.statements().secondPayments.all({ groupId }).map(secondPaymentOf)),
    paidOrders: (groupId, page) => reading(() => readPaid(file.statements(), groupId, page)),
    close: () => file.close(),
  }
}

function writeAll(to: Statements, changes: readonly Kept[]): undefined {
  for (const change of changes) write(to, change)
  writeCounters(to, changes)
}

function write(to: Statements, change: Kept): void {
  switch (change.kind) {
    case 'terminal_kept':
      to.addGroup.run({ id: change.terminal.group, seq: 0 })
      to.putTerminal.run(terminalRow(change.terminal))
      return
    case 'terminal_forgotten':
      to.dropTerminal.run({ terminalId: change.terminalId })
      return
    case 'order_versioned':
    case 'order_marked':
      return writeOrder(to, change)
    case 'second_payment': {
      const { group, payment } = change
      to.addSecondPayment.run(secondPaymentRow(group, payment))
      return writeMessage(to, group, payment.posReference, change)
    }
    case 'granted':
      to.putGrant.run(grantRow(change))
      return
    case 'grant_ended':
      to.dropGrant.run({ groupId: change.group, kind: change.grantKind, key: change.key })
      return
    case 'table_changed':
      to.putTable.run(tableRow(change.group, change.table))
      return
    case 'floor_changed':
      to.putFloor.run(floorRow(change.group, change.floor))
      return
    case 'ticket_given': {
      const { group: groupId, day, orderType, number, message, forgets } = change
      to.putTicket.run({ groupId, day, orderType, number })
      if (change.forgetsDay !== undefined) to.dropTicket.run({ groupId, ...change.forgetsDay })
      if (forgets !== undefined) to.dropTicketMessage.run(ticketMessageRow(groupId, forgets))
      if (message !== null) to.putTicketMessage.run(ticketMessageRow(groupId, message))
      return
    }
    case 'audited':
      to.addAudit.run(auditRow(change.group, change.entry))
      return
    case 'time_seen':
      return
    default:
      return writeForOdoo(to, change)
  }
}

type ForOdoo = Extract<
  Kept,
  { kind: 'payments_settled' | 'outbox_put' | 'outbox_dropped' | 'add_on_known' | 'token_kept' | 'token_forgotten' }
>

/** What waits for Odoo or for people, and what Odoo said of tokens. */
function writeForOdoo(to: Statements, change: ForOdoo): void {
  switch (change.kind) {
    case 'payments_settled': {
      const { group: groupId, posReference, at, note } = change
      to.settlePayments.run({ groupId, posReference, at, note })
      return
    }
    case 'outbox_put':
      to.putOutbox.run(outboxRow(change.group, change.row))
      return
    case 'outbox_dropped':
      to.dropOutbox.run({ groupId: change.group, posReference: change.posReference })
      return
    case 'add_on_known':
      to.putMeta.run({ key: 'odoo_tells_created', value: change.tellsCreated ? '1' : '0' })
      return
    case 'token_kept':
      to.putToken.run(tokenRow(change.token))
      return
    case 'token_forgotten':
      to.dropToken.run({ digest: change.digest })
      return
    default:
      return never(change)
  }
}

function writeOrder(to: Statements, change: Extract<Kept, { kind: 'order_versioned' | 'order_marked' }>): void {
  const { group: groupId, record } = change
  const { posReference } = record
  to.putOrder.run(orderRow(groupId, record))
  writeMessage(to, groupId, posReference, change)
  if (change.kind === 'order_marked') return
  to.addVersion.run(versionRow(change))
  // Versions may jump: what counts is that a multiple was passed, not that it was met.
  const passed = (version: number) => Math.floor(version / TRIM_EVERY)
  if (passed(record.version) === passed(change.previous ?? record.version - 1)) return
  to.trimVersions.run({ groupId, posReference, keep: VERSIONS_PER_ORDER_MAX })
}

/** Forgets on the disk exactly what memory forgets. */
function writeMessage(to: Statements, groupId: GroupId, posReference: PosReference, change: Noted): void {
  const { message, forgets } = change
  if (forgets !== undefined) to.dropMessage.run({ groupId, posReference, msgId: forgets })
  if (message !== null) to.putMessage.run(messageRow(groupId, posReference, message))
}

/** The newest fence, seq and time of the commit, each once however many changes raised it. */
function writeCounters(to: Statements, changes: readonly Kept[]): void {
  const seqs = new Map<string, number>()
  let fence = 0
  let wall = 0
  for (const change of changes) {
    const seq = seqOf(change)
    if (seq !== null) seqs.set(seq.groupId, seq.seq)
    if (change.kind === 'granted') fence = change.grant.fence
    if (change.kind === 'time_seen') wall = change.wall
  }
  for (const [id, seq] of seqs) to.putGroup.run({ id, seq })
  if (fence > 0) to.putMeta.run({ key: 'fence', value: String(fence) })
  if (wall > 0) to.putMeta.run({ key: 'newest_wall', value: String(wall) })
}

/** The seq to which a change raised its group, if it did. */
function seqOf(change: Kept): { readonly groupId: string; readonly seq: number } | null {
  switch (change.kind) {
    case 'order_versioned':
    case 'order_marked':
      return { groupId: change.group, seq: change.record.seq }
    case 'table_changed':
      return { groupId: change.group, seq: change.table.seq }
    case 'floor_changed':
      return { groupId: change.group, seq: change.floor.seq }
    default:
      return null
  }
}
