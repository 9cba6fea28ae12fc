import { describe, expect, test } from 'bun:test'
import { readFound } from '../../src/upstream/found.ts'

const ROW = { id: 7, pos_reference: 'A-1', state: 'paid', amount_total: 333.96, config_id: [3, 'Bar'] }

function found(...rows: readonly unknown[]) {
  return readFound(JSON.stringify(rows))
}

describe('orders that were looked up', () => {
  test('are read', () => {
    const order = { posReference: 'A-1', orderId: 7, state: 'paid', amountTotal: 333.96, configId: 3 }
    expect(found(ROW)).toEqual({ kind: 'looked', orders: [order] })
    expect(found()).toEqual({ kind: 'looked', orders: [] })
  })

  test('may have empty fields, for which Odoo says false', () => {
    const empty = { ...ROW, pos_reference: false, amount_total: false, config_id: false }
    expect(found(ROW, empty)).toMatchObject({ orders: [{}, { posReference: '', amountTotal: null, configId: null }] })
    expect(found({ ...ROW, config_id: 4 })).toMatchObject({ orders: [{ configId: 4 }] })
  })

  test.each([
    ['a row without an id', { ...ROW, id: false }],
    ['a row without a state', { ...ROW, state: false }],
    ['a row whose reference is a number', { ...ROW, pos_reference: 7 }],
    ['a row that is none', null],
  ])('%s is not taken for a missing order', (_, row) => {
    expect(found(ROW, row)).toMatchObject({ kind: 'failed', failure: { code: 'BAD_JSON', mayHaveLanded: false } })
  })

  test.each(['null', '{}', '7', 'true'])('%s is no list', (json) => {
    expect(readFound(json)).toMatchObject({ kind: 'failed', failure: { code: 'BAD_JSON', mayHaveLanded: false } })
  })
})
