import { expect, setDefaultTimeout, test } from 'bun:test'
import { undisturbed } from '../support/bystanders.ts'
import { get } from '../support/http.ts'
import { RawSocket } from '../support/raw_socket.ts'
import { Shop } from '../support/shop.ts'
import { tokenFor } from '../support/tokens.ts'
import { Wire } from '../support/wire.ts'

setDefaultTimeout(60_000)

const FLOOD = 50_000
const IDLE = 2_000

test.each([
  ['v1', 1, '{"type":"HEARTBEAT"}'],
  ['v2', 2, '{"type":"HEARTBEAT"}'],
  ['v2, with messages of unknown type', 2, '{"type":"NEVER_HEARD_OF"}'],
] as const)('a flood of %s is cut off, and told to come back later', async (_, protocol, frame) => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const bad = await shop.join('Bad', { protocol })
    for (let at = 0; at < FLOOD && bad.isOpen; at++) bad.sendRaw(frame)
    expect((await bad.closing(10_000)).code).toBe(4005)
    expect(bad.seen('HEARTBEAT_OK').length).toBeLessThan(FLOOD / 2)
  })
})

test('a burst below the limit is answered, frame by frame', async () => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const busy = await shop.join('Busy')
    for (let at = 0; at < 1_500; at++) busy.send({ type: 'HEARTBEAT' })
    for (let at = 0; at < 1_500; at++) await busy.next('HEARTBEAT_OK')
    expect(busy.isOpen).toBe(true)
  })
})

test('the limit of frames a second can be set', async () => {
  await using shop = await Shop.open({ HUB_FRAMES_PER_SECOND_MAX: '500' })
  await undisturbed(shop, async () => {
    const bad = await shop.join('Bad')
    for (let at = 0; at < 1_500; at++) bad.send({ type: 'HEARTBEAT' })
    expect((await bad.closing()).code).toBe(4005)
  })
})

test(`${IDLE} idle sockets harm nobody, and are closed when their time to sign in is over`, async () => {
  await using shop = await Shop.open()
  await undisturbed(shop, async () => {
    const wires = Array.from({ length: IDLE }, () => new Wire(shop.hub.url))
    await Promise.all(wires.map((wire) => wire.opened))
    const extra = await shop.join('Between them')
    await extra.lease('order between them')
    const closings = await Promise.all(wires.map((wire) => wire.closing(15_000)))
    expect(new Set(closings.map(({ code }) => code))).toEqual(new Set([4004]))
    await extra.caughtUp()
  })
})

test(`${IDLE} terminals that sign in and do nothing harm nobody`, async () => {
  await using shop = await Shop.open()
  const token = await tokenFor({ name: 'Idle' })
  // A first crowd makes the room that such a crowd needs: what a second one adds would be lost for good.
  await Promise.all((await crowd(shop, token)).map((wire) => wire.close()))
  await undisturbed(shop, async () => {
    const wires = await crowd(shop, token)
    const extra = await shop.join('Between them')
    await extra.lease('order between them')
    await Promise.all(wires.map((wire) => wire.close()))
    await extra.caughtUp()
  })
})

async function crowd(shop: Shop, token: string): Promise<Wire[]> {
  const wires = Array.from({ length: IDLE }, () => new Wire(shop.hub.url, { ignored: ['HUB_STATUS'] }))
  await Promise.all(wires.map((wire) => wire.opened))
  for (const [at, wire] of wires.entries()) wire.send({ type: 'AUTH', token, deviceId: `idle ${at}`, protocol: 2 })
  await Promise.all(wires.map((wire) => wire.next('SYNC_INIT', { withinMs: 15_000 })))
  return wires
}

test.each(['HUB_SOCKETS_PER_ADDRESS_MAX', 'HUB_SOCKETS_MAX'])(
  'no more sockets are taken than %s says, and a closed one makes room',
  async (name) => {
    await using shop = await Shop.open({ [name]: '5' })
    await undisturbed(shop, async () => {
      const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2')]
      const last = await shop.join('Till 3')
      const refused = await RawSocket.open(shop.hub.port)
      // Either the upgrade is refused, or the socket is closed with the code for it.
      if (refused.status === 101) expect(await refused.closing()).toBe(4006)
      else expect([429, 503]).toContain(refused.status)
      await last.close()
      await shop.join('Till 4')
      for (const terminal of [a, b]) await terminal.caughtUp()
    })
  },
)

test('a reader that never reads is cut with a code that says come back, and is then brought up to date', async () => {
  await using shop = await Shop.open()
  const writer = await shop.join('Writer')
  await writer.lease('large')
  const token = await tokenFor({ name: 'Deaf' })
  const text = 'x'.repeat(200_000)
  let version = 0
  await undisturbed(shop, async () => {
    const deaf = await RawSocket.open(shop.hub.port)
    const { auth, init } = await deaf.signIn(token, 'deaf', { protocol: 2 })
    await deaf.stopReading()
    const cut = async () =>
      JSON.stringify((await get(`${shop.hub.http}/health`)).body).includes('"connectedTerminals":3')
    while (!(await cut())) {
      if (version > 500) throw new Error('100 MB were kept for a reader that never reads')
      await writer.write('large', version, { version, text })
      version++
    }
    await deaf.readAgain()
    expect(await deaf.closing()).toBe(4002)
    deaf.check()
    const { sessionId = '', epoch = '' } = auth
    const again = await RawSocket.open(shop.hub.port)
    const resume = { sessionId, epoch, seq: init.seq }
    const back = await again.signIn(token, 'deaf', { protocol: 2, resume })
    expect(back.auth.terminalId).toBe(auth.terminalId)
    expect(back.init.mode).toBe('delta')
    const large = back.init.orders.find(({ posReference }) => posReference === 'large')
    expect(large).toMatchObject({ version })
    again.check()
    await again.drop()
  })
})
