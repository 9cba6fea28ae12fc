import { expect, setDefaultTimeout, test } from 'bun:test'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { finalized, HASTY, onlyOrder, pay, refused, saleOf } from '../support/cashier.ts'
import { posHub, story } from '../support/desk.ts'
import { openFolder } from '../support/folder.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { Shop } from '../support/shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

/** Anything that a terminal window would obey. */
const CONTROLS = /(?!\n)\p{Cc}/u

test.concurrent('lists of orders: active ones, those that need a person, one whole; as a table and as JSON', async () => {
  await using shop = await OdooShop.open({ env: HASTY })
  const { hub } = shop.shop
  expect(await posHub(hub, ['orders'])).toEqual({ code: 0, stdout: 'No order is active.', stderr: '' })
  expect(await posHub(hub, ['orders', '--parked'])).toMatchObject({ code: 0, stdout: 'No order needs a person.' })
  expect(await posHub(hub, ['orders', '--parked', '--json'])).toMatchObject({ code: 0, stdout: '[]' })
  shop.odoo.faults.refuse('Order 1', 'unknown\nproduct')
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 1', saleOf(12.5))
  await refused(a, 'Order 1')
  await a.lease('Order 2')
  await a.write('Order 2', 0, { status: 'draft', tableId: 7, big: 12_345_678_901_234_567_890n.toString() })
  const list = await posHub(hub, ['orders'])
  expect(list.code).toBe(0)
  expect(list.stdout).toMatch(/Order 1 +refused +\S+ +12\.50/)
  expect(list.stdout).toMatch(/Order 2 +open +\S+ +- +7 +1/)
  const { code, stdout } = await posHub(hub, ['orders', '--parked'])
  expect(code).toBe(0)
  expect(stdout.split('\n')).toHaveLength(2)
  expect(stdout).toMatch(/Order 1 +REFUSED +\S+Z +12\.50 +.*retry.*unknown product/)
  expect(stdout).not.toContain('Order 2')
  expect(await story(hub, 'Order 1')).toMatchObject({
    ...{ posReference: 'Order 1', state: 'refused', version: 1, amount: 12.5, snapshot: saleOf(12.5) },
    versions: [{ version: 1, kind: 'finalize', authorName: 'Till 1', snapshot: saleOf(12.5) }],
  })
  const none = await posHub(hub, ['orders', 'Order 99'])
  expect([none.code, none.stdout]).toEqual([1, ''])
  expect(none.stderr).toContain('Order 99')
})

test.concurrent('a number that JavaScript would round, and all that is unknown, are exported as they came', async () => {
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  await a.lease('Order 1')
  const snapshot = '{"huge":12345678901234567890,"x":{"__proto__":1}}'
  a.sendRaw(`{"type":"ORDER_SNAPSHOT","posReference":"Order 1","baseVersion":0,"msgId":"m","snapshot":${snapshot}}`)
  await a.next('ORDER_ACCEPTED')
  expect((await posHub(shop.hub, ['orders', 'Order 1'])).stdout).toContain(snapshot)
})

test.concurrent('retry: for what is refused it goes again, for what nothing stopped it is an answer of its own', async () => {
  await using shop = await OdooShop.open()
  const { hub } = shop.shop
  shop.odoo.faults.refuse('Order 1', 'no')
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 1', saleOf(1))
  await refused(a, 'Order 1')
  await a.lease('Order 1', 1)
  const held = await posHub(hub, ['retry', 'Order 1'])
  expect(held.code).toBe(1)
  expect(held.stderr).toContain('Till 1')
  a.send({ type: 'LEASE_RELEASE', posReference: 'Order 1' })
  await a.caughtUp()
  shop.odoo.faults.accept('Order 1')
  expect(await posHub(hub, ['retry', 'Order 1'])).toMatchObject({ code: 0, stderr: '' })
  expect((await finalized(a, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
  for (const reference of ['Order 1', 'Order 99']) {
    const { code, stdout, stderr } = await posHub(hub, ['retry', reference])
    expect([reference, code, stdout]).toEqual([reference, 1, ''])
    expect(stderr).toStartWith('pos-hub retry: ')
  }
})

test.concurrent('retry takes an order that waits for a session, and resolve ends one that was entered by hand', async () => {
  await using shop = await OdooShop.open()
  const { hub } = shop.shop
  const a = await shop.shop.join('Till 1')
  shop.odoo.closeSession(1)
  pay(a, 'Order 1', saleOf(1))
  await refused(a, 'Order 1')
  // While it is closed: once it is open, the hub's own next try may come first.
  expect((await posHub(hub, ['retry', 'Order 1'])).code).toBe(0)
  shop.odoo.openSession(1)
  await finalized(a, 'Order 1')
  shop.odoo.faults.refuse('Order 2', 'no')
  pay(a, 'Order 2', saleOf(2))
  await refused(a, 'Order 2')
  const early = await posHub(hub, ['resolve', 'Order 2', '--note', 'by Ana', '--second-payment'])
  expect(early.code).toBe(1)
  const flags = ['--note', 'entered by Ana: "table 4"', '--order-id', '815']
  expect(await posHub(hub, ['resolve', 'Order 2', ...flags])).toMatchObject({ code: 0, stderr: '' })
  expect((await finalized(a, 'Order 2')).orderId).toBe(815)
  expect((await posHub(hub, ['resolve', 'Order 2', ...flags])).code).toBe(1)
  pay(a, 'Order 2', saleOf(2))
  expect((await finalized(a, 'Order 2')).orderId).toBe(815)
  expect(shop.odoo.ordersOf('Order 2')).toEqual([])
})

test.concurrent('the list of those that wait for Odoo is not that of those that need a person, until they are old', async () => {
  await using shop = await OdooShop.open()
  await shop.server.stop({ hard: true })
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 1', saleOf(1))
  await a.next('ORDER_FINALIZE_QUEUED')
  expect((await posHub(shop.shop.hub, ['orders', '--parked'])).stdout).toBe('No order needs a person.')
  expect((await posHub(shop.shop.hub, ['orders'])).stdout).toMatch(/Order 1 +finalizing/)
})

test.concurrent.each([
  ['a reference with quotes, lines and colours', 'Order "1"\n\u001b[31m\u009b31m\u007f\'; rm -rf &?#%00 ñ 订'],
  ['the longest reference', 'é'.repeat(128)],
])('%s is shown on one line, found, and dealt with', async (_what, reference) => {
  await using shop = await OdooShop.open()
  const { hub } = shop.shop
  shop.odoo.faults.refuse(reference, 'no\u001b[2J\r\nand no')
  const a = await shop.shop.join('Till 1')
  pay(a, reference, saleOf(1))
  await refused(a, reference)
  for (const flags of [['orders'], ['orders', '--parked']] as const) {
    const { code, stdout } = await posHub(hub, flags)
    expect([code, stdout.split('\n').length]).toEqual([0, 2])
    expect(stdout).not.toMatch(CONTROLS)
  }
  const shown = await posHub(hub, ['orders', reference])
  expect([shown.code, shown.stderr]).toEqual([0, ''])
  expect(shown.stdout).not.toMatch(CONTROLS)
  expect(JSON.parse(shown.stdout)).toMatchObject({ posReference: reference, state: 'refused' })
  shop.odoo.faults.accept(reference)
  expect((await posHub(hub, ['retry', reference])).code).toBe(0)
  await finalized(a, reference)
  const again = await posHub(hub, ['retry', reference])
  expect(again.code).toBe(1)
  expect(again.stderr).not.toMatch(CONTROLS)
})

test.concurrent('the socket is its owner’s alone, goes with the hub, and one that kill -9 left is in nobody’s way', async () => {
  await using shop = await Shop.open()
  const path = join(shop.hub.folder, 'hub.sqlite.sock')
  const modeOf = async () => (await stat(path)).mode & 0o777
  expect(await modeOf()).toBe(0o600)
  await shop.hub.restart('SIGKILL')
  expect(await modeOf()).toBe(0o600)
  expect((await posHub(shop.hub, ['orders'])).code).toBe(0)
  const http = await fetch(`${shop.hub.http}/orders`)
  expect(http.status).toBe(404)
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await shop.hub.kill(signal)
    for (const argv of [['orders'], ['retry', 'Order 1'], ['reconcile']] as const) {
      const { code, stdout, stderr } = await posHub(shop.hub, argv)
      expect([signal, code, stdout]).toEqual([signal, 69, ''])
      expect(stderr).toContain('no hub runs')
    }
    await shop.hub.start()
  }
  await shop.hub.kill('SIGTERM')
  await until(async () => !(await Bun.file(path).exists()), { what: 'the socket is gone' })
})

test.concurrent('a verb beside a folder in which no hub ever ran makes nothing there', async () => {
  await using folder = await openFolder()
  const { code, stderr } = await posHub({ folder: folder.path }, ['orders', '--parked'])
  expect(code).toBe(69)
  expect(stderr).toContain('no hub runs')
  expect([...new Bun.Glob('*').scanSync({ cwd: folder.path, onlyFiles: false })]).toEqual([])
})

test.concurrent.each([
  [['orders', '--prked'], '--parked'],
  [['orders', 'one', 'two'], 'two'],
  [['retry'], 'which order'],
  [['retry', ''], 'order'],
  [['resolve', 'Order 1'], '--note'],
  [['resolve', 'Order 1', '--note', '  '], '--note'],
  [['resolve', 'Order 1', '--note', 'x', '--order-id', 'x'], '--order-id'],
  [['resolve', 'Order 1', '--note', 'x', '--order-id', '-1'], '--order-id'],
  [['resolve', 'Order 1', '--note', 'x', '--order-id', '1', '--second-payment'], 'together'],
  [['reconcile', '--since', 'yesterday'], '--since'],
  [['reconcile', 'today'], 'today'],
] as const)('%j is a wrong use: it says so, and does nothing', async (argv, reason) => {
  await using folder = await openFolder()
  const { code, stdout, stderr } = await posHub({ folder: folder.path }, argv)
  expect([code, stdout]).toEqual([64, ''])
  expect(stderr).toContain(reason)
})
