import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from '../../db/migrations.ts'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { outboxPut, SHOP, secondPayment, tokenKept } from '../store/changes.ts'
import { commit, find, read, value } from '../store/reading.ts'
import { openFolder } from '../support/folder.ts'

/** Files of hubs that are older than this one: what they hold is taken over, and nothing of it is lost. */

const STATES = ['open', 'finalizing', 'refused', 'parked', 'final', 'discarded'] as const

/** A file as the first hub left it: an order of each state, a terminal and a second payment. */
function writeFirst(path: string): void {
  using database = new Database(path, { create: true, strict: true })
  database.run(MIGRATIONS[0] ?? '')
  database.run(`PRAGMA application_id = ${APPLICATION_ID}`)
  database.run('PRAGMA user_version = 1')
  database.run("INSERT INTO meta (key, value) VALUES ('epoch', 'epoch-1'), ('fence', '9')")
  database.run(`INSERT INTO groups (id, seq) VALUES ('${SHOP}', 40), ('bar', 3)`)
  database.run(`INSERT INTO terminals VALUES ('t-till', '${SHOP}', 'd', 's', 2, 'k', 0, 'Till 1', 'cashier', 5)`)
  for (const [at, state] of STATES.entries()) {
    const isClosed = state === 'final' || state === 'discarded'
    addOrder(database, { group: SHOP, name: state, state, closed: isClosed ? 1 : 0, at })
  }
  addOrder(database, { group: 'bar', name: 'finalizing', state: 'finalizing', closed: 0, at: 9 })
  database.run(
    `INSERT INTO second_payments VALUES ('${SHOP}', 'final', 'digest', NULL, 7, 't-till', 'Till 1', 6, '{"paid":2}')`,
  )
}

type Row = { readonly group: string; readonly name: string; readonly state: string; readonly closed: number }

function addOrder(database: Database, { group, name, state, closed, at }: Row & { readonly at: number }): void {
  const paid = state === 'open' || state === 'discarded' ? 'NULL, NULL, NULL' : `${1_000 + at}, 'digest', 7`
  const key = `'${group}', '${name}'`
  database.run(
    `INSERT INTO orders (group_id, pos_reference, state, closed, version, seq, author, at, paid_at, paid_digest, config_id)
     VALUES (${key}, '${state}', ${closed}, ${at + 2}, ${at + 1}, 't-till', 500, ${paid})`,
  )
  database.run(
    `INSERT INTO order_versions VALUES (${key}, ${at + 2}, 1, 'finalize', 't-till', 'Till 1', 500, '{"n":1}')`,
  )
}

test('a file of the first schema is brought to the newest: payments that waited are on their way to Odoo', async () => {
  await using folder = await openFolder()
  const path = join(folder.path, 'hub.sqlite')
  writeFirst(path)
  const store = createStore(createSqliteFile({ path, epoch: () => 'another' }))
  const { epoch, fence, groups, tokens, terminals } = read(store)
  expect<unknown>([epoch, fence, tokens]).toEqual(['epoch-1', 9, []])
  expect(terminals).toMatchObject([{ terminalId: 't-till', configId: null }])
  const row = { posReference: 'finalizing', kind: 'finalize', configId: 7, attempts: 0, isParked: false }
  const never = { sentVersion: null, sentAt: null, unansweredAt: null, verdict: null, trouble: null }
  const [bar, shop] = groups.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  expect<unknown>(shop?.outbox).toEqual([{ ...row, ...never, version: 3, since: 1_001 }])
  expect<unknown>(bar?.outbox).toEqual([{ ...row, ...never, version: 11, since: 1_009 }])
  expect(shop?.orders.map(({ record }) => record.state)).toEqual(['open', 'finalizing', 'refused', 'parked'])
  expect(find(store, 'refused')?.record.finalize?.refusal).toBeNull()
  expect(value(store.secondPayments(SHOP)).map(({ snapshot }) => snapshot.json)).toEqual(['{"paid":2}'])
  store.close()
})

test('and takes what only the newest can hold, once: the next start brings nothing twice', async () => {
  await using folder = await openFolder()
  const path = join(folder.path, 'hub.sqlite')
  writeFirst(path)
  const first = createStore(createSqliteFile({ path, epoch: () => 'another' }))
  commit(first, outboxPut('finalizing', { attempts: 8 }), tokenKept('a'), secondPayment('final', 'b'))
  first.close()
  const store = createStore(createSqliteFile({ path, epoch: () => 'another' }))
  const { groups, tokens } = read(store)
  const shop = groups.find(({ id }) => id === SHOP)
  expect(shop?.outbox.map(({ attempts }) => attempts)).toEqual([8])
  expect(tokens).toHaveLength(1)
  store.close()
  using database = new Database(path, { readonly: true, strict: true })
  expect(database.query('PRAGMA user_version').values()).toEqual([[SCHEMA_VERSION]])
})
