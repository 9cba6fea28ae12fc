import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import type { Till } from './till.ts'
import { lock, updateFloor, updateTable } from './words.ts'

function open(): { shop: Play; a: Till; b: Till; old: Till } {
  const shop = new Play()
  const [a, b, old] = [shop.join(), shop.join(), shop.join({ protocol: 1 })]
  for (const till of [a, b, old]) till.take()
  return { shop, a, b, old }
}

describe('tables', () => {
  test('[U1] the newest state is kept and told to the others, the sender hears nothing', () => {
    const { shop, a, b, old } = open()
    a.tell(updateTable(5, 'occupied', { posReference: 'A' }))
    const told = { tableId: 5, status: 'occupied', posReference: 'A', sourceTerminal: a.id, seq: 1 }
    for (const other of [b, old]) expect<unknown>(other.take()).toEqual([{ type: 'TABLE_UPDATED', ...told }])
    old.tell(updateTable(5, 'free'))
    const newest = { tableId: 5, status: 'free', sourceTerminal: old.id, seq: 2 }
    expect<unknown>(a.take()).toEqual([{ type: 'TABLE_UPDATED', ...newest }])
    expect<unknown>(shop.join().init.tables).toEqual([newest])
  })

  test('[U1] without an order, or with none by name, its order is gone', () => {
    for (const more of [{}, { posReference: null }]) {
      const { shop, a } = open()
      a.tell(updateTable(5, 'occupied', { posReference: 'A' }))
      a.tell(updateTable(5, 'bill', more))
      expect(shop.join().init.tables[0]).not.toHaveProperty('posReference')
    }
  })

  test('[U1] is there after a restart, in full for each who joins', () => {
    const { shop, a } = open()
    for (const table of [1, 2, 3]) a.tell(updateTable(table, 'free'))
    a.tell(updateTable(2, 'occupied'))
    shop.restart()
    const statuses = shop.join().init.tables.map(({ tableId, status }) => `${tableId} ${status}`)
    expect(statuses.sort()).toEqual(['1 free', '2 occupied', '3 free'])
  })

  test('[U1] a lock of another terminal does not stand in the way: the state is what it shows, not who may', () => {
    const { a, b } = open()
    b.say(lock(5))
    a.take()
    a.tell(updateTable(5, 'bill'))
    expect(b.taken('TABLE_UPDATED')).toMatchObject([{ tableId: 5, status: 'bill' }])
  })
})

describe('floor plans', () => {
  const TABLES = [{ id: 1, x: 1.5, новый: { deep: [] } }, {}]

  test('[U1] the newest plan is kept as it came, and told to the others', () => {
    const { shop, a, b, old } = open()
    a.tell(updateFloor(2, TABLES, { layoutMode: 'grid' }))
    const told = { floorId: 2, tables: TABLES, layoutMode: 'grid', sourceTerminal: a.id, seq: 1 }
    for (const other of [b, old]) expect<unknown>(other.take()).toEqual([{ type: 'FLOOR_PLAN_CHANGED', ...told }])
    old.tell(updateFloor(2, []))
    const newest = { floorId: 2, tables: [], sourceTerminal: old.id, seq: 2 }
    expect<unknown>(a.take()).toEqual([{ type: 'FLOOR_PLAN_CHANGED', ...newest }])
    shop.restart()
    expect<unknown>(shop.join().init.floors).toEqual([newest])
  })

  test('[U1] of another group are not seen', () => {
    const { shop, a } = open()
    const other = shop.join({ group: 'other' })
    other.take()
    a.tell(updateFloor(2, TABLES))
    a.tell(updateTable(2, 'free'))
    expect(other.take()).toEqual([])
    expect(shop.join({ group: 'other' }).init).toMatchObject({ floors: [], tables: [], seq: 0 })
  })
})
