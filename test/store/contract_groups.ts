import { expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import {
  audited,
  BAR,
  floorChanged,
  grantEnded,
  granted,
  messageOf,
  SHOP,
  secondPayment,
  TILL,
  tableChanged,
  terminalKept,
  ticketGiven,
  versioned,
} from './changes.ts'
import { bothReadGroup, commit, type OpenStore, read, value } from './reading.ts'

/** Groups never see each other's, held against one kind of tables. */
export function holdGroups(open: OpenStore): void {
  test('groups that use the same names and numbers have each their own', async () => {
    await using opened = await open()
    const ours = [versioned('order-1', { snapshot: '{"of":"shop"}', record: { seq: 3 }, message: messageOf('m-1') })]
    const theirs = [versioned('order-1', { snapshot: '{"of":"bar"}', record: { seq: 5 }, group: BAR })]
    for (const [group, seq] of [
      [SHOP, 1],
      [BAR, 4],
    ] as const) {
      commit(
        opened.store,
        terminalKept(`t-${group}`, { group, lastActive: seq }),
        granted('lock', '5', { fence: seq }, group),
      )
      commit(opened.store, tableChanged(5, { status: group, seq }, group), audited(group, {}, group))
      commit(opened.store, floorChanged(5, { tables: new Opaque(`["${group}"]`), seq: seq + 1 }, group))
      commit(opened.store, ticketGiven(seq, { group, msgId: 'same' }))
    }
    commit(opened.store, ...ours, ...theirs)
    commit(opened.store, secondPayment('order-1', 'x', { group: BAR }), grantEnded('lock', '5', BAR))
    for (const [group, seq, grants, seconds] of [[SHOP, 3, 1, 0] as const, [BAR, 5, 0, 1] as const]) {
      for (const one of bothReadGroup(opened, group)) {
        expect(one.orders.map(({ snapshot }) => snapshot)).toEqual([`{"of":"${group}"}`])
        expect(one.orders.map(({ digests }) => digests.length)).toEqual([seconds])
        expect(one).toMatchObject({ seq, tables: [{ status: group }], floors: [{ tables: `["${group}"]` }] })
        expect(one.grants).toHaveLength(grants)
        expect(one.tickets).toHaveLength(1)
        expect(one.ticketMessages).toHaveLength(1)
      }
      expect(value(opened.store.audit(group, 9)).map(({ subject }) => subject)).toEqual([group])
      expect(value(opened.store.secondPayments(group))).toHaveLength(seconds)
    }
    expect(read(opened.store).terminals.map(({ group }) => group)).toEqual([SHOP, BAR])
  })

  test('who holds what is kept by name, whoever else is there', async () => {
    await using opened = await open()
    commit(
      opened.store,
      terminalKept('t-a'),
      granted('lock', '5', { holder: TILL }),
      granted('lock', '15', { fence: 2 }),
    )
    for (const { grants } of bothReadGroup(opened)) {
      expect(grants.map(({ key }) => key)).toEqual(['15', '5'])
    }
  })
}
