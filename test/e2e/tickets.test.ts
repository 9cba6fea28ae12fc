import { expect, setDefaultTimeout, test } from 'bun:test'
import { dayAwayFromNow } from '../support/day.ts'
import { Shop } from '../support/shop.ts'
import { freshMsgId, type Terminal } from '../support/terminal.ts'

setDefaultTimeout(30_000)

const DAY = dayAwayFromNow()

type OrderType = 'takeout' | 'delivery'

async function ticket(terminal: Terminal, orderType: OrderType): Promise<number> {
  const msgId = freshMsgId()
  terminal.send({ type: 'TICKET_NUMBER_REQUEST', orderType, ...(terminal.protocol === 2 ? { msgId } : {}) })
  const assigned = await terminal.next('TICKET_NUMBER_ASSIGNED', {
    where: (message) => message.orderType === orderType && (terminal.protocol === 1 || message.msgId === msgId),
  })
  return assigned.ticketNumber
}

test('each type has its own numbers, from 1, whoever asks in whichever protocol', async () => {
  await using shop = await Shop.open(DAY)
  const [a, b] = [await shop.join('Till 1'), await shop.join('Till 2', { protocol: 1 })]
  expect([await ticket(a, 'takeout'), await ticket(b, 'takeout'), await ticket(a, 'takeout')]).toEqual([1, 2, 3])
  expect([await ticket(b, 'delivery'), await ticket(a, 'delivery')]).toEqual([1, 2])
  expect(await ticket(b, 'takeout')).toBe(4)
})

test('numbers asked for all at once are all different, and none is left out', async () => {
  await using shop = await Shop.open(DAY)
  const terminals = await Promise.all(Array.from({ length: 10 }, (_, at) => shop.join(`Till ${at}`)))
  const asked = terminals.flatMap((terminal) => Array.from({ length: 20 }, () => ticket(terminal, 'takeout')))
  const numbers = await Promise.all(asked)
  expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
})

test.each(['SIGKILL', 'SIGTERM'] as const)('after %s and a new start the numbers go on', async (signal) => {
  await using shop = await Shop.open(DAY)
  const a = await shop.join('Till 1')
  expect([await ticket(a, 'takeout'), await ticket(a, 'takeout'), await ticket(a, 'delivery')]).toEqual([1, 2, 1])
  await shop.hub.restart(signal)
  const back = await shop.rejoin(a)
  expect([await ticket(back, 'takeout'), await ticket(back, 'delivery')]).toEqual([3, 2])
})

test('an order type that the protocol does not have gets no number', async () => {
  await using shop = await Shop.open(DAY)
  const a = await shop.join('Till 1')
  a.sendRaw(JSON.stringify({ type: 'TICKET_NUMBER_REQUEST', orderType: 'eat-in', msgId: 'm' }))
  expect(await a.next('ERROR')).toMatchObject({ code: 'MALFORMED', msgId: 'm' })
  expect(await ticket(a, 'takeout')).toBe(1)
})
