import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from '../../db/migrations.ts'
import * as schema from '../../db/schema.ts'

/** drizzle's picture of the tables and the SQL that makes them say the same. */

const tables = Object.values(schema).filter((value) => is(value, SQLiteTable))

function migrated(): Database {
  const database = new Database(':memory:', { strict: true })
  for (const sql of MIGRATIONS) database.run(sql)
  return database
}

type Column = { readonly name: string; readonly type: string; readonly notNull: boolean; readonly key: number }

/** What the SQL has made. `key` is the place in the primary key, from 1; 0 for none. */
function columnsInFile(database: Database, table: string): Column[] {
  const info = database.query<{ name: string; type: string; notnull: number; pk: number }, [string]>(
    'SELECT name, type, "notnull", pk FROM pragma_table_info(?)',
  )
  // A column of the primary key is never null, said or not: INTEGER PRIMARY KEY and WITHOUT ROWID see to that.
  return info
    .all(table)
    .map(({ name, type, notnull, pk }) => ({ name, type, notNull: notnull === 1 || pk > 0, key: pk }))
}

function columnsInSchema(table: SQLiteTable): Column[] {
  const { columns, primaryKeys } = getTableConfig(table)
  const key = primaryKeys.flatMap(({ columns: inKey }) => inKey.map(({ name }) => name))
  return columns.map((column) => ({
    name: column.name,
    type: column.getSQLType().toUpperCase(),
    notNull: column.notNull,
    key: column.primary ? 1 : key.indexOf(column.name) + 1,
  }))
}

function byName(columns: readonly Column[]): Column[] {
  return columns.toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

test.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
  '%s has the same columns in both',
  (name, table) => {
    using database = migrated()
    const inFile = columnsInFile(database, name)
    expect(inFile.length).toBeGreaterThan(0)
    // A column that was added later stands last in the file, wherever the schema has it.
    expect(byName(columnsInSchema(table))).toEqual(byName(inFile))
  },
)

test('no table is in one and not in the other', () => {
  using database = migrated()
  const names = database
    .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => name)
  expect(names.toSorted()).toEqual(tables.map((table) => getTableConfig(table).name).toSorted())
})

test('every table takes only values of the kind that it says', () => {
  using database = migrated()
  const list = database.query<{ name: string; strict: number }, []>('SELECT name, strict FROM pragma_table_list').all()
  const ours = list.filter(({ name }) => tables.some((table) => getTableConfig(table).name === name))
  expect(ours).toHaveLength(tables.length)
  expect(ours.filter(({ strict }) => strict === 0)).toEqual([])
  expect(() => database.run("INSERT INTO groups (id, seq) VALUES ('g', 'many')")).toThrow('cannot store TEXT')
})

test('the file is known by a number that fits into its header', () => {
  expect(APPLICATION_ID).toBe(Buffer.from('PHub').readInt32BE())
  expect(SCHEMA_VERSION).toBe(MIGRATIONS.length)
  for (const sql of MIGRATIONS) expect(sql).toMatch(/CREATE|ALTER|UPDATE|INSERT|DELETE|DROP/)
})
