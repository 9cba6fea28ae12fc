import { expect, setDefaultTimeout, test } from 'bun:test'
import { networkInterfaces } from 'node:os'
import { get, upgradeStatus } from '../support/http.ts'
import { Shop } from '../support/shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(30_000)

test('/health has the keys in use today, with true numbers', async () => {
  await using shop = await Shop.open()
  const empty = await get(`${shop.hub.http}/health`)
  expect(empty.status).toBe(200)
  expect(empty.body).toMatchObject({
    status: expect.any(String),
    uptime: expect.any(Number),
    connectedTerminals: 0,
    activeLeases: 0,
    orders: 0,
    pendingForward: 0,
    totalForwarded: 0,
  })
  expect(empty.body).toHaveProperty('lastOdooSync')
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
  for (const order of ['order-1', 'order-2']) {
    await a.lease(order)
    await a.write(order, 0, { lines: [] })
  }
  a.send({ type: 'LEASE_RELEASE', posReference: 'order-2' })
  await a.caughtUp()
  const full = await get(`${shop.hub.http}/health`)
  expect(full.body).toMatchObject({ connectedTerminals: 2, activeLeases: 1, orders: 2 })
  await b.close()
  const gone = async () =>
    JSON.stringify((await get(`${shop.hub.http}/health`)).body).includes('"connectedTerminals":1')
  await until(gone, { what: '/health shows one terminal' })
})

test('uptime counts seconds', async () => {
  await using shop = await Shop.open()
  const { body } = await get(`${shop.hub.http}/health`)
  const uptime = Number(/"uptime":([0-9.]+)/.exec(JSON.stringify(body))?.[1])
  expect(uptime).toBeGreaterThanOrEqual(0)
  expect(uptime).toBeLessThan(10)
})

test('/livez and /readyz of a hub that is well', async () => {
  await using shop = await Shop.open()
  expect((await get(`${shop.hub.http}/livez`)).status).toBe(200)
  const ready = await get(`${shop.hub.http}/readyz`)
  expect(ready.status).toBe(200)
  expect(ready.body).toMatchObject({ ready: true, reasons: [] })
  expect((await get(`${shop.hub.http}/there-is-no-such-page`)).status).toBe(404)
})

test('pages of other origins cannot open a socket; those on the list can', async () => {
  await using shop = await Shop.open({
    ODOO_URL: 'https://odoo.shop.example/web',
    HUB_ORIGINS: 'https://pos.shop.example',
  })
  const { port } = shop.hub
  const allowed = [
    `http://127.0.0.1:${port}`,
    'http://localhost',
    'http://localhost:5173',
    'https://localhost:8443',
    'http://192.168.1.20',
    'https://192.168.1.20:8069',
    'http://10.0.0.7:8069',
    'http://172.16.0.1',
    'http://172.31.255.254',
    'https://odoo.shop.example',
    'https://pos.shop.example',
    'tauri://localhost',
    'http://tauri.localhost',
    'https://tauri.localhost',
  ]
  for (const origin of allowed) expect([origin, await upgradeStatus(port, { Origin: origin })]).toEqual([origin, 101])
  expect(await upgradeStatus(port, {})).toBe(101)
  const refused = [
    'https://evil.example',
    'http://evil.example',
    'null',
    'https://192.168.1.20.evil.example',
    'https://localhost.evil.example',
    'https://evil-localhost',
    'http://172.32.0.1',
    'http://8.8.8.8',
    'http://11.0.0.1',
    'https://odoo.shop.example.evil.example',
    'https://odoo.shop.example:8443',
    'http://odoo.shop.example',
    'https://shop.example',
    'https://evil.example/?http://localhost',
    'not an origin',
  ]
  for (const origin of refused) {
    const status = await upgradeStatus(port, { Origin: origin })
    expect([origin, status >= 400 && status < 500]).toEqual([origin, true])
  }
})

test('a name that an attacker has bound to this address is no name of the hub', async () => {
  await using shop = await Shop.open({ HUB_HOSTS: 'hub.shop.example' })
  const { port } = shop.hub
  const allowed = ['127.0.0.1', 'localhost', '192.168.1.9', '10.1.2.3', 'hub.shop.example']
  for (const host of allowed) {
    const header = { Host: `${host}:${port}` }
    expect([host, await upgradeStatus(port, header)]).toEqual([host, 101])
  }
  const refused = [
    'evil.example',
    'localhost.evil.example',
    '192.168.1.9.evil.example',
    'hub.shop.example.evil.example',
  ]
  for (const host of refused) {
    const authority = `${host}:${port}`
    // A page of the attacker's name has that name as its own origin: the same host, and still a stranger.
    for (const header of [{ Host: authority }, { Host: authority, Origin: `http://${authority}` }]) {
      const status = await upgradeStatus(port, header)
      expect([host, status >= 400 && status < 500]).toEqual([host, true])
    }
  }
})

test('on all addresses a terminal reaches it by IPv4 and, where the machine has it, by IPv6', async () => {
  await using shop = await Shop.open({ HUB_HOST: '::' })
  const ways = ['127.0.0.1', ...(hasV6() ? ['[::1]'] : [])]
  for (const way of ways) expect((await get(`http://${way}:${shop.hub.port}/livez`)).status).toBe(200)
  const till = await shop.join('Till 1')
  await till.lock(5)
})

function hasV6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1') === true)
}
