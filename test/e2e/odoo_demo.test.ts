import { expect, setDefaultTimeout, test } from 'bun:test'
import manifest from '../../package.json' with { type: 'json' }
import { finalized, pay } from '../support/cashier.ts'
import { posHub } from '../support/desk.ts'
import { HubProcess } from '../support/hub_process.ts'
import { Terminal } from '../support/terminal.ts'
import { ANSWER_MS } from '../support/wait.ts'

setDefaultTimeout(60_000)

/** As `npm start` has it, but on free ports and in a folder of the test. */
function startDemo(): Promise<HubProcess> {
  const env = { HUB_TOKEN_SECRET: '', HUB_DEV_AUTH: '' }
  return HubProcess.start({ env, wrap: (command) => [...command, '--demo'] })
}

/** The address of the stand-in's page, as the greeting says it. */
function pageOf(hub: HubProcess): Promise<string> {
  const choose = (line: string) => /^ {2}Odoo +(\S+)/.exec(line)?.[1]
  return hub.stdout.find(choose, { withinMs: ANSWER_MS, what: 'the address of the stand-in' })
}

async function joinAsNewcomer(hub: HubProcess): Promise<Terminal> {
  return await Terminal.connect(hub.url, { token: '', deviceId: 'my-first-till', protocol: 1 })
}

test('npm start: what the greeting says to type arrives on the stand-in’s page, and stays after a restart', async () => {
  expect(manifest.scripts.start).toEndWith(' serve --demo')
  await using hub = await startDemo()
  const page = await pageOf(hub)
  expect(await (await fetch(page)).text()).toContain('No orders yet')
  const said = await hub.stdout.find((line) => /hub\.send\('(\{"type":"ORDER_FINALIZE".*\})'\)/.exec(line)?.[1], {
    withinMs: ANSWER_MS,
    what: 'the line to type',
  })
  const till = await joinAsNewcomer(hub)
  till.sendRaw(said)
  const { orderId, fiscal } = await finalized(till, 'Order 00001-001-0001')
  expect(fiscal).toMatchObject({ ncf: 'E310000000001' })
  const shown = await (await fetch(page)).text()
  expect(shown).toContain('Order 00001-001-0001')
  expect(shown).toContain('9.50')
  expect(shown).toContain('E310000000001')
  expect((await posHub(hub, ['orders', 'Order 00001-001-0001'])).stdout).toContain(`"orderId":${orderId}`)
  await till.close()
  await hub.restart('SIGKILL')
  expect(await (await fetch(await pageOf(hub))).text()).toContain('Order 00001-001-0001')
  const again = await joinAsNewcomer(hub)
  again.sendRaw(said)
  expect((await finalized(again, 'Order 00001-001-0001')).orderId).toBe(orderId)
  pay(again, 'Order 00001-001-0002', { status: 'paid', totals: { total: 1 } })
  expect((await finalized(again, 'Order 00001-001-0002')).orderId).toBe(orderId + 1)
  expect(await hub.kill('SIGTERM')).toBe(0)
  await hub.start()
})
