import { Database, type SQLQueryBindings } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { MIGRATIONS } from '../../db/migrations.ts'
import * as schema from '../../db/schema.ts'
import { createSqliteStatements } from '../../src/store/sqlite_statements.ts'
import type { Statements } from '../../src/store/statements.ts'

/** How SQLite goes about each statement: by the plans that it makes on the real tables. */

const IN_GROUP = { groupId: 'g' }
const NAMED = { ...IN_GROUP, posReference: 'p' }
const NEWEST = { countMax: 9 }

/** All that is looked up by a key; the few that read a whole table at start are not here. */
const BY_KEY: { readonly [name: string]: (on: Statements) => unknown } = {
  openOrders: (on) => on.openOrders.all(IN_GROUP),
  closedOrders: (on) => on.closedOrders.all({ ...IN_GROUP, ...NEWEST }),
  order: (on) => on.order.get(NAMED),
  newestVersion: (on) => on.newestVersion.get(NAMED),
  versions: (on) => on.versions.all(NAMED),
  messages: (on) => on.messages.all({ ...NAMED, ...NEWEST }),
  secondPayments: (on) => on.secondPayments.all(IN_GROUP),
  settlePayments: (on) => on.settlePayments.run({ ...NAMED, at: 1, note: '' }),
  paidOrders: (on) => on.paidOrders.all({ ...IN_GROUP, ...NEWEST, since: 0, offset: 0 }),
  outbox: (on) => on.outbox.all(IN_GROUP),
  dropOutbox: (on) => on.dropOutbox.run(NAMED),
  dropToken: (on) => on.dropToken.run({ digest: 'd' }),
  secondPaymentsOf: (on) => on.secondPaymentsOf.all(NAMED),
  grants: (on) => on.grants.all(IN_GROUP),
  tables: (on) => on.tables.all(IN_GROUP),
  floors: (on) => on.floors.all(IN_GROUP),
  tickets: (on) => on.tickets.all(IN_GROUP),
  ticketMessages: (on) => on.ticketMessages.all({ ...IN_GROUP, ...NEWEST }),
  trimVersions: (on) => on.trimVersions.run({ ...NAMED, keep: 256 }),
  dropTicket: (on) => on.dropTicket.run({ ...IN_GROUP, day: '2026-11-22', orderType: 'takeout' }),
  dropMessage: (on) => on.dropMessage.run({ ...NAMED, msgId: 'm' }),
  dropTicketMessage: (on) => on.dropTicketMessage.run({ ...IN_GROUP, deviceId: 'd', msgId: 'm' }),
  dropGrant: (on) => on.dropGrant.run({ ...IN_GROUP, kind: 'lock', key: '5' }),
  dropTerminal: (on) => on.dropTerminal.run({ terminalId: 't' }),
}

/** The steps of SQLite's plan for what `run` says to the tables. */
function planOf(run: (on: Statements) => unknown): string {
  using database = new Database(':memory:', { strict: true })
  for (const sql of MIGRATIONS) database.run(sql)
  const said: [query: string, params: unknown[]][] = []
  const logger = { logQuery: (query: string, params: unknown[]) => void said.push([query, params]) }
  run(createSqliteStatements(drizzle(database, { schema, logger })))
  expect(said).toHaveLength(1)
  return said
    .flatMap(([query, params]) => {
      const explained = database.query<{ detail: string }, SQLQueryBindings[]>(`EXPLAIN QUERY PLAN ${query}`)
      return explained.all(...params.map(bindingOf)).map(({ detail }) => detail)
    })
    .join('\n')
}

function bindingOf(param: unknown): SQLQueryBindings {
  if (typeof param === 'string' || typeof param === 'number') return param
  throw new Error(`a parameter of another kind: ${typeof param}`)
}

test('the open orders are found by their own index, however many are closed', () => {
  expect(planOf((on) => on.openOrders.all(IN_GROUP))).toContain('USING INDEX orders_active')
})

test('the newest closed orders are found by their own index, in its order', () => {
  const plan = planOf((on) => on.closedOrders.all({ ...IN_GROUP, ...NEWEST }))
  expect(plan).toContain('USING INDEX orders_closed')
  expect(plan).not.toContain('TEMP B-TREE')
})

test('the newest version of an order is looked up, not searched for', () => {
  const plan = planOf((on) => on.newestVersion.get(NAMED))
  expect(plan).toMatch(/SEARCH order_versions USING INDEX \S+ \(group_id=\? AND pos_reference=\?\)/)
  expect(plan).not.toContain('TEMP B-TREE')
})

test.each(Object.entries(BY_KEY))('%s reads no table from end to end', (_, run) => {
  // The index of the open orders holds nothing else: it may be read whole.
  expect(planOf(run).replace('SCAN orders USING INDEX orders_active', '')).not.toContain('SCAN')
})

test('statements are made once: the same ones answer again and again', () => {
  using database = new Database(':memory:', { strict: true })
  for (const sql of MIGRATIONS) database.run(sql)
  const on = createSqliteStatements(drizzle(database, { schema }))
  for (let seq = 1; seq <= 3; seq++) {
    on.putGroup.run({ id: 'g', seq })
    expect(on.groups.all({})).toEqual([{ id: 'g', seq }])
  }
})
