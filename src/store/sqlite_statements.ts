import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, sql } from 'drizzle-orm'
import type { BaseSQLiteDatabase, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../../db/schema.ts'
import type { Statements } from './statements.ts'

/** drizzle over any synchronous driver. */
export type Orm = BaseSQLiteDatabase<'sync', unknown, typeof schema>

/** Every statement of the store, prepared once: built on each call they cost four times as much. */
export function createSqliteStatements(orm: Orm): Statements {
  return {
    ...createOrderWrites(orm),
    ...createWrites(orm),
    ...createOrderReads(orm),
    ...createOdooWrites(orm),
    ...createOdooReads(orm),
    ...createReads(orm),
  }
}

function createOrderWrites(orm: Orm) {
  const { orders, orderVersions, orderMessages, secondPayments } = schema
  return {
    putOrder: upsert(orm, orders, [orders.groupId, orders.posReference]),
    addVersion: insert(orm, orderVersions).prepare(),
    trimVersions: orm
      .delete(orderVersions)
      .where(and(named(orderVersions), sql`version < ${nth(orderVersions, 'version')}`))
      .prepare(),
    putMessage: upsert(orm, orderMessages, [orderMessages.groupId, orderMessages.posReference, orderMessages.msgId]),
    dropMessage: orm
      .delete(orderMessages)
      .where(and(named(orderMessages), eq(orderMessages.msgId, sql.placeholder('msgId'))))
      .prepare(),
    addSecondPayment: insert(orm, secondPayments).onConflictDoNothing().prepare(),
  }
}

function createWrites(orm: Orm) {
  const { meta, groups, terminals, grants, tables, floors, tickets, ticketMessages, audit } = schema
  return {
    putMeta: upsert(orm, meta, [meta.key]),
    addGroup: insert(orm, groups).onConflictDoNothing().prepare(),
    putGroup: upsert(orm, groups, [groups.id]),
    putTerminal: upsert(orm, terminals, [terminals.terminalId]),
    dropTerminal: orm
      .delete(terminals)
      .where(eq(terminals.terminalId, sql.placeholder('terminalId')))
      .prepare(),
    putGrant: upsert(orm, grants, [grants.groupId, grants.kind, grants.key]),
    dropGrant: orm
      .delete(grants)
      .where(
        and(inGroup(grants.groupId), eq(grants.kind, sql.placeholder('kind')), eq(grants.key, sql.placeholder('key'))),
      )
      .prepare(),
    putTable: upsert(orm, tables, [tables.groupId, tables.tableId]),
    putFloor: upsert(orm, floors, [floors.groupId, floors.floorId]),
    putTicket: upsert(orm, tickets, [tickets.groupId, tickets.day, tickets.orderType]),
    dropTicket: orm
      .delete(tickets)
      .where(
        and(
          inGroup(tickets.groupId),
          eq(tickets.day, sql.placeholder('day')),
          eq(tickets.orderType, sql.placeholder('orderType')),
        ),
      )
      .prepare(),
    putTicketMessage: upsert(orm, ticketMessages, [
      ticketMessages.groupId,
      ticketMessages.deviceId,
      ticketMessages.msgId,
    ]),
    dropTicketMessage: orm
      .delete(ticketMessages)
      .where(
        and(
          inGroup(ticketMessages.groupId),
          eq(ticketMessages.deviceId, sql.placeholder('deviceId')),
          eq(ticketMessages.msgId, sql.placeholder('msgId')),
        ),
      )
      .prepare(),
    addAudit: insert(orm, audit).prepare(),
  }
}

function createOrderReads(orm: Orm) {
  const { orders, orderVersions, orderMessages } = schema
  // Literals, not parameters: only so does SQLite see that the partial indexes fit. The plus keeps it from the primary
  // key, by which it would walk through all that was ever closed.
  const isOpen = sql`${orders.closed} = 0`
  const isClosed = sql`${orders.closed} = 1`
  return {
    openOrders: orm
      .select()
      .from(orders)
      .where(and(isOpen, sql`+${orders.groupId} = ${sql.placeholder('groupId')}`))
      .prepare(),
    closedOrders: orm
      .select()
      .from(orders)
      .where(and(inGroup(orders.groupId), isClosed))
      .orderBy(desc(orders.seq))
      .limit(sql.placeholder('countMax'))
      .prepare(),
    order: orm.select().from(orders).where(named(orders)).prepare(),
    newestVersion: orm
      .select()
      .from(orderVersions)
      .where(named(orderVersions))
      .orderBy(desc(orderVersions.version))
      .limit(1)
      .prepare(),
    versions: orm
      .select()
      .from(orderVersions)
      .where(named(orderVersions))
      .orderBy(asc(orderVersions.version))
      .prepare(),
    messages: orm
      .select()
      .from(orderMessages)
      .where(named(orderMessages))
      .orderBy(desc(orderMessages.n))
      .limit(sql.placeholder('countMax'))
      .prepare(),
  }
}

/** What waits for Odoo or for people, and what Odoo said of tokens. */
function createOdooWrites(orm: Orm) {
  const { secondPayments, outbox, knownTokens } = schema
  return {
    settlePayments: orm
      .update(secondPayments)
      .set({ settledAt: sql`${sql.placeholder('at')}`, settledNote: sql`${sql.placeholder('note')}` })
      .where(and(named(secondPayments), isNull(secondPayments.settledAt)))
      .prepare(),
    putOutbox: upsert(orm, outbox, [outbox.groupId, outbox.posReference]),
    dropOutbox: orm.delete(outbox).where(named(outbox)).prepare(),
    putToken: upsert(orm, knownTokens, [knownTokens.digest]),
    dropToken: orm
      .delete(knownTokens)
      .where(eq(knownTokens.digest, sql.placeholder('digest')))
      .prepare(),
  }
}

function createOdooReads(orm: Orm) {
  const { orders, secondPayments, outbox, knownTokens } = schema
  return {
    paidOrders: orm
      .select()
      .from(orders)
      .where(
        and(
          inGroup(orders.groupId),
          inArray(orders.state, ['final', 'finalizing']),
          gte(orders.at, sql.placeholder('since')),
        ),
      )
      .orderBy(asc(orders.at), asc(orders.posReference))
      .limit(sql.placeholder('countMax'))
      .offset(sql.placeholder('offset'))
      .prepare(),
    outbox: orm.select().from(outbox).where(inGroup(outbox.groupId)).orderBy(asc(outbox.sinceAt)).prepare(),
    tokens: orm.select().from(knownTokens).orderBy(asc(knownTokens.checkedAt)).prepare(),
    secondPayments: orm
      .select()
      .from(secondPayments)
      .where(and(inGroup(secondPayments.groupId), isNull(secondPayments.settledAt)))
      .orderBy(asc(secondPayments.at))
      .prepare(),
    secondPaymentsOf: orm
      .select({ digest: secondPayments.digest })
      .from(secondPayments)
      .where(named(secondPayments))
      .prepare(),
  }
}

function createReads(orm: Orm) {
  const { meta, groups, terminals, grants, tables, floors, tickets, ticketMessages, audit } = schema
  return {
    meta: orm.select().from(meta).prepare(),
    groups: orm.select().from(groups).prepare(),
    terminals: orm.select().from(terminals).orderBy(asc(terminals.lastActiveAt)).prepare(),
    grants: orm.select().from(grants).where(inGroup(grants.groupId)).prepare(),
    tables: orm.select().from(tables).where(inGroup(tables.groupId)).prepare(),
    floors: orm.select().from(floors).where(inGroup(floors.groupId)).prepare(),
    tickets: orm.select().from(tickets).where(inGroup(tickets.groupId)).orderBy(asc(tickets.day)).prepare(),
    ticketMessages: orm
      .select()
      .from(ticketMessages)
      .where(inGroup(ticketMessages.groupId))
      .orderBy(desc(ticketMessages.n))
      .limit(sql.placeholder('countMax'))
      .prepare(),
    audit: orm
      .select()
      .from(audit)
      .where(inGroup(audit.groupId))
      .orderBy(desc(audit.n))
      .limit(sql.placeholder('countMax'))
      .prepare(),
  }
}

function inGroup(column: SQLiteColumn) {
  return eq(column, sql.placeholder('groupId'))
}

function named(table: { readonly groupId: SQLiteColumn; readonly posReference: SQLiteColumn }) {
  return and(inGroup(table.groupId), eq(table.posReference, sql.placeholder('posReference')))
}

/** The oldest value of `column` that is kept when only the newest `keep` rows of an order stay. */
function nth(
  table: SQLiteTable & { readonly groupId: SQLiteColumn; readonly posReference: SQLiteColumn },
  column: string,
) {
  const name = sql.identifier(column)
  return sql`(SELECT ${name} FROM ${table} WHERE ${named(table)} ORDER BY ${name} DESC LIMIT 1 OFFSET ${sql.placeholder('keep')} - 1)`
}

function placeholders(table: SQLiteTable) {
  const names = Object.keys(getTableColumns(table)).filter((name) => name !== 'n')
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)]))
}

function insert(orm: Orm, table: SQLiteTable) {
  return orm.insert(table).values(placeholders(table))
}

/** Inserts, or overwrites every column but the key. */
function upsert(orm: Orm, table: SQLiteTable, target: SQLiteColumn[]) {
  const rest = Object.entries(getTableColumns(table)).filter(
    ([name, column]) => name !== 'n' && !target.includes(column),
  )
  const set = Object.fromEntries(rest.map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]))
  return insert(orm, table).onConflictDoUpdate({ target, set }).prepare()
}
