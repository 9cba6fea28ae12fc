import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { MIGRATIONS } from '../../db/migrations.ts'
import { saysPaid } from '../../src/core/outbox.ts'

/** A file of the first schema, with what `fill` puts into it, as the second step leaves it. */
function upgraded(fill: (database: Database) => void): Database {
  const [first = '', second = ''] = MIGRATIONS
  const database = new Database(':memory:', { strict: true })
  database.run(first)
  fill(database)
  database.run(second)
  return database
}

type Old = { readonly name: string; readonly state: string; readonly status: string | null }

function add(database: Database, { name, state, status }: Old): void {
  const isClosed = state === 'discarded' || state === 'final'
  database.run(
    `INSERT INTO orders (group_id, pos_reference, state, closed, version, seq, status, author, at, paid_at, config_id)
     VALUES ('shop', ?, ?, ?, 3, 9, ?, 't', 500, ?, ?)`,
    [name, state, isClosed ? 1 : 0, status, state === 'finalizing' ? 900 : null, state === 'finalizing' ? 7 : null],
  )
}

function rows(database: Database): unknown[] {
  return database.query('SELECT * FROM outbox ORDER BY pos_reference').all()
}

const STATUSES = ['paid', 'done', 'invoiced', 'posted', 'draft', 'closed', 'cancelled', 'cancel', null] as const

test('an open order whose snapshot says that it is paid is on its way to Odoo after the upgrade', () => {
  using database = upgraded((old) => add(old, { name: 'A', state: 'open', status: 'paid' }))
  expect(rows(database)).toMatchObject([
    { group_id: 'shop', pos_reference: 'A', kind: 'forward', version: 3, since_at: 500, attempts: 0, parked: 0 },
  ])
})

test.each(STATUSES.map((status) => ({ status })))(
  'so are those that the hub takes for paid, no others: $status',
  ({ status }) => {
    using database = upgraded((old) => add(old, { name: 'A', state: 'open', status }))
    expect(rows(database)).toHaveLength(saysPaid({ state: 'open', status }) ? 1 : 0)
  },
)

test('a payment that waits has its own row, and one only; what is over has none', () => {
  using database = upgraded((old) => {
    for (const state of ['finalizing', 'refused', 'parked', 'final', 'discarded'])
      add(old, { name: state, state, status: 'paid' })
  })
  const row = { pos_reference: 'finalizing', kind: 'finalize', config_id: 7, version: 3, since_at: 900 }
  expect(rows(database)).toMatchObject([row])
})
