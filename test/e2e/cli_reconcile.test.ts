import { expect, setDefaultTimeout, test } from 'bun:test'
import * as z from 'zod'
import { finalized, HASTY, pay, refused, saleOf } from '../support/cashier.ts'
import { posHub } from '../support/desk.ts'
import { payDirectly } from '../support/direct.ts'
import type { HubProcess } from '../support/hub_process.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { Shop } from '../support/shop.ts'

setDefaultTimeout(60_000)

const Report = z.object({
  compared: z.number(),
  differences: z.array(z.object({ kind: z.string(), posReference: z.string() })),
})

async function differences(hub: Pick<HubProcess, 'folder'>): Promise<string[]> {
  const { stdout } = await posHub(hub, ['reconcile', '--json'])
  return Report.parse(JSON.parse(stdout))
    .differences.map(({ kind, posReference }) => `${posReference}: ${kind}`)
    .toSorted()
}

/** Sales of this till that are final. */
async function sell(shop: OdooShop, references: readonly string[]): Promise<void> {
  const till = await shop.shop.join(`Till of ${references.join()}`)
  for (const reference of references) pay(till, reference, saleOf(10))
  await Promise.all(references.map((reference) => finalized(till, reference)))
}

test.concurrent.each(['jsonrpc', 'json2'] as const)(
  'by %s: no difference is said, with the count; then each kind of difference',
  async (api) => {
    await using shop = await OdooShop.open({ env: HASTY, api, odoo: { enforceUnique: false } })
    const { hub } = shop.shop
    expect(await posHub(hub, ['reconcile'])).toMatchObject({ code: 0, stderr: '' })
    await sell(shop, ['Order 1', 'Order 2', 'Order 3'])
    const same = await posHub(hub, ['reconcile', '--since', '2020-01-01'])
    expect([same.code, same.stderr]).toEqual([0, ''])
    expect(same.stdout).toContain('3 orders')
    // Twice in Odoo, as with an add-on that holds no uniqueness.
    await payDirectly(shop.server, 'Order 1', saleOf(10))
    // Paid at Odoo, and nobody told the hub.
    await payDirectly(shop.server, 'Unknown here', saleOf(10))
    const expected = ['Order 1: twice_in_odoo', 'Unknown here: missing_in_hub']
    expect(await differences(hub)).toEqual(expected)
    const { code, stdout } = await posHub(hub, ['reconcile'])
    expect(code).toBe(1)
    expect(stdout.split('\n')).toHaveLength(3)
    expect(stdout).toMatch(/Order 1 .*more than once/)
    // It changes nothing.
    expect(await differences(hub)).toEqual(expected)
    await hub.restart('SIGKILL')
    expect(await differences(hub)).toEqual(expected)
  },
)

test.concurrent('missing there, another amount, another id: what a person has entered is compared too', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2' })
  const { hub } = shop.shop
  await sell(shop, ['Order 1'])
  const till = await shop.shop.join('Till 1')
  const references = ['Gone', 'Cheap', 'Other'] as const
  for (const reference of references) {
    shop.odoo.faults.refuse(reference, 'no')
    pay(till, reference, saleOf(10))
    await refused(till, reference)
  }
  shop.odoo.faults.clear()
  const cheap = await payDirectly(shop.server, 'Cheap', saleOf(7))
  await payDirectly(shop.server, 'Other', saleOf(10))
  const ids = { Gone: 4711, Cheap: cheap, Other: 4712 }
  for (const reference of references) {
    const flags = ['--note', 'by hand', '--order-id', `${ids[reference]}`]
    expect((await posHub(hub, ['resolve', reference, ...flags])).code).toBe(0)
  }
  expect(await differences(hub)).toEqual(['Cheap: amount_differs', 'Gone: missing_in_odoo', 'Other: other_order_id'])
  const { code, stdout } = await posHub(hub, ['reconcile'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/Cheap .*another amount.*10.*7/)
  expect(stdout).toMatch(/Gone .*Odoo does not have it/)
})

test.concurrent('a time in which nothing was sold has no difference; a sale that waits is none either', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2' })
  const { hub } = shop.shop
  await sell(shop, ['Order 1'])
  shop.odoo.closeSession(1)
  const till = await shop.shop.join('Till 1')
  pay(till, 'Order 2', saleOf(10))
  await refused(till, 'Order 2')
  expect(await differences(hub)).toEqual([])
  const { code, stdout } = await posHub(hub, ['reconcile', '--since', '2999-01-01'])
  expect(code).toBe(0)
  expect(stdout).toContain('0 orders')
})

test.concurrent('where Odoo cannot be asked it says why, and that is no agreement', async () => {
  await using plain = await Shop.open()
  const none = await posHub(plain.hub, ['reconcile'])
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toContain('ODOO_URL')
  await using rest = await OdooShop.open({ env: HASTY, api: 'rest' })
  const cannot = await posHub(rest.shop.hub, ['reconcile'])
  expect(cannot).toMatchObject({ code: 1, stdout: '' })
  expect(cannot.stderr).toContain('ODOO_API=jsonrpc')
  await using away = await OdooShop.open({ env: HASTY, api: 'json2' })
  await away.server.stop({ hard: true })
  const lost = await posHub(away.shop.hub, ['reconcile'])
  expect(lost).toMatchObject({ code: 1, stdout: '' })
  expect(lost.stderr).toContain('ODOO_URL')
})
