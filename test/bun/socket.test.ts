import { describe, expect, test } from 'bun:test'
import { createHall, createSocketHandler, type SocketData } from '../../src/bun/socket.ts'
import type { Hall, Line } from '../../src/engine/ports.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import { ERRORS, FRAME_BYTES_MAX, type HubWords } from '../../src/protocol/mod.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { FakeLog } from '../engine/house.ts'
import { RawSocket } from '../support/raw_socket.ts'
import { until } from '../support/wait.ts'
import { Wire } from '../support/wire.ts'

/** Real sockets, seen from where the gateway stands. */

const TOPIC = '1/shop'
const TEXT = 0x81
const BINARY = 0x82

/** A gateway that only remembers what it is told of lines. */
class Listener extends Gateway {
  readonly lines: Line[] = []
  readonly told: string[] = []
  readonly frames: (string | null)[] = []

  constructor() {
    super({
      clock: new FakeClock(),
      log: new FakeLog(),
      hall: { publish: () => undefined },
      signIn: { check: () => Promise.reject(new Error('nobody signs in here')) },
      chance: { secret: () => '', name: () => '', digest: () => '', fraction: () => 0 },
      submit: () => true,
      groupOf: () => {
        throw new Error('nobody signs in here')
      },
      ...{ authTimeoutMs: 5_000, framesPerSecondMax: 1, socketsMax: 1, socketsPerAddressMax: 1 },
    })
  }

  override opened(line: Line): void {
    this.lines.push(line)
    this.told.push(`opened ${this.lines.length}`)
  }

  override received(line: Line, frame: string | null): void {
    this.frames.push(frame)
    this.told.push(`received ${this.#at(line)}`)
  }

  override ponged(line: Line): void {
    this.told.push(`ponged ${this.#at(line)}`)
  }

  override drained(line: Line): void {
    this.told.push(`drained ${this.#at(line)}`)
  }

  override closed(line: Line): void {
    this.told.push(`closed ${this.#at(line)}`)
  }

  async hears(word: string): Promise<void> {
    await until(() => this.told.includes(word), { what: `the gateway was told "${word}": ${this.told.join(', ')}` })
  }

  #at(line: Line): number {
    return this.lines.indexOf(line) + 1
  }
}

type Place = {
  readonly listener: Listener
  readonly hall: Hall
  readonly port: number
  connect(): Promise<{ readonly line: Line; readonly raw: RawSocket }>
  [Symbol.asyncDispose](): Promise<void>
}

function openPlace(address = '10.0.0.1'): Place {
  const listener = new Listener()
  const server = Bun.serve<SocketData>({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, own) =>
      own.upgrade(request, { data: { address, line: null } }) ? undefined : new Response('no', { status: 400 }),
    websocket: createSocketHandler(() => listener),
  })
  const port = server.port ?? 0
  return {
    listener,
    port,
    hall: createHall(() => server),
    async connect() {
      const raw = await RawSocket.open(port)
      await listener.hears(`opened ${listener.lines.length}`)
      const line = listener.lines.at(-1)
      if (line === undefined) throw new Error('no line was opened')
      return { line, raw }
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

function status(pendingForward: number): HubWords {
  return { type: 'HUB_STATUS', connectedTerminals: 1, odoo: 'offline', pendingForward, oldestPendingMs: 0 }
}

const frame = (at: number) => JSON.stringify(status(at))

async function heard(raw: RawSocket, last: number): Promise<number[]> {
  await raw.next('HUB_STATUS', { where: ({ pendingForward }) => pendingForward === last })
  return raw.seen('HUB_STATUS').map(({ pendingForward }) => pendingForward)
}

describe('a line', () => {
  test('has a number that no other has had, and the address that it came from', async () => {
    await using place = openPlace('192.168.1.9')
    const first = await place.connect()
    await first.raw.drop()
    await place.listener.hears('closed 1')
    const second = await place.connect()
    await using other = openPlace()
    const third = await other.connect()
    const lines = [first.line, second.line, third.line]
    expect(new Set(lines.map(({ id }) => id)).size).toBe(3)
    expect(lines.map(({ address }) => address)).toEqual(['192.168.1.9', '192.168.1.9', '10.0.0.1'])
  })

  test('keeps what is sent, published and published by all in the order in which it was said', async () => {
    await using place = openPlace()
    const [one, two] = [await place.connect(), await place.connect()]
    for (const { line } of [one, two]) line.join(TOPIC)
    one.line.send(frame(1))
    place.hall.publish(TOPIC, frame(2))
    one.line.send(frame(3))
    two.line.publish(TOPIC, frame(4))
    one.line.send(frame(5))
    one.line.publish(TOPIC, frame(6))
    two.line.send(frame(7))
    place.hall.publish(TOPIC, frame(8))
    expect(await heard(one.raw, 8)).toEqual([1, 2, 3, 4, 5, 8])
    expect(await heard(two.raw, 8)).toEqual([2, 6, 7, 8])
  })

  test('hears a topic from the moment it joined, and no other', async () => {
    await using place = openPlace()
    const [one, two] = [await place.connect(), await place.connect()]
    two.line.join('2/shop')
    place.hall.publish(TOPIC, frame(1))
    one.line.join(TOPIC)
    place.hall.publish(TOPIC, frame(2))
    place.hall.publish('2/shop', frame(3))
    for (const { line } of [one, two]) line.send(frame(9))
    expect(await heard(one.raw, 9)).toEqual([2, 9])
    expect(await heard(two.raw, 9)).toEqual([3, 9])
  })

  test('gets all that was said before it is closed, and why', async () => {
    await using place = openPlace()
    const { line } = await place.connect()
    const wire = new Wire(`ws://127.0.0.1:${place.port}/`)
    await wire.opened
    await place.listener.hears('opened 2')
    const [, second] = place.listener.lines
    second?.join(TOPIC)
    line.publish(TOPIC, frame(1))
    second?.send(frame(2))
    second?.close(4002, ERRORS.SLOW_READER.meaning)
    expect(await wire.closing()).toMatchObject({ code: 4002, reason: ERRORS.SLOW_READER.meaning })
    expect(wire.seen('HUB_STATUS').map(({ pendingForward }) => pendingForward)).toEqual([1, 2])
    await place.listener.hears('closed 2')
  })

  test('that is cut is gone without a word', async () => {
    await using place = openPlace()
    const { line, raw } = await place.connect()
    line.cut()
    expect(await raw.closing()).toBeUndefined()
    await place.listener.hears('closed 1')
  })

  test('that is gone takes every call and does nothing', async () => {
    await using place = openPlace()
    const [gone, other] = [await place.connect(), await place.connect()]
    for (const { line } of [gone, other]) line.join(TOPIC)
    await gone.raw.drop()
    await place.listener.hears('closed 1')
    const { line } = gone
    line.send(frame(1))
    line.join(TOPIC)
    line.publish(TOPIC, frame(2))
    line.ping()
    line.close(4001, 'gone')
    line.close(4001, 'gone')
    line.cut()
    expect(line.bufferedBytes()).toBe(0)
    place.hall.publish(TOPIC, frame(3))
    expect(await heard(other.raw, 3)).toContain(3)
    expect(place.listener.told.filter((word) => word === 'closed 1')).toHaveLength(1)
  })
})

describe('what comes', () => {
  test('is text, or null for what is binary', async () => {
    await using place = openPlace()
    const { raw } = await place.connect()
    await raw.sendFrame(TEXT, Buffer.from('日本語 🍕'))
    await raw.sendFrame(BINARY, Buffer.from([1, 2, 3]))
    await raw.sendFrame(TEXT, Buffer.alloc(0))
    await until(() => place.listener.frames.length === 3, { what: 'three frames came' })
    expect(place.listener.frames).toEqual(['日本語 🍕', null, ''])
  })

  test('may be larger than the protocol allows, so that it can be refused; but not without end', async () => {
    await using place = openPlace()
    const { raw } = await place.connect()
    const large = Buffer.alloc(FRAME_BYTES_MAX + 1, 'x')
    await raw.sendFrame(TEXT, large)
    await until(() => place.listener.frames.length === 1, { what: 'the frame came' })
    expect(place.listener.frames[0]?.length).toBe(large.length)
    await raw.sendFrame(TEXT, Buffer.alloc(2 * FRAME_BYTES_MAX, 'x'))
    await raw.closing()
    await place.listener.hears('closed 1')
    expect(place.listener.frames).toHaveLength(1)
  })

  test('and is no text is not taken for one', async () => {
    await using place = openPlace()
    const { raw } = await place.connect()
    await raw.sendFrame(TEXT, Buffer.from([0xff, 0xfe, 0xc0]))
    await raw.closing()
    await place.listener.hears('closed 1')
    expect(place.listener.frames).toEqual([])
  })

  test('as a pong is told, asked for or not', async () => {
    await using place = openPlace()
    const { raw } = await place.connect()
    await raw.pong()
    await place.listener.hears('ponged 1')
    const wire = new Wire(`ws://127.0.0.1:${place.port}/`)
    await wire.opened
    await place.listener.hears('opened 2')
    place.listener.lines[1]?.ping()
    await place.listener.hears('ponged 2')
  })
})

describe('a peer that does not read', () => {
  test('shows in the bytes that wait, and is told when they go', async () => {
    await using place = openPlace()
    const { line, raw } = await place.connect()
    await raw.stopReading()
    const text = JSON.stringify({ ...status(1), more: 'x'.repeat(1_000_000) })
    for (let time = 0; time < 12; time++) line.send(text)
    const waiting = line.bufferedBytes()
    expect(waiting).toBeGreaterThan(1_000_000)
    expect(waiting).toBeLessThanOrEqual(12 * (text.length + 14))
    expect(place.listener.told).not.toContain('drained 1')
    await raw.readAgain()
    await place.listener.hears('drained 1')
    await until(() => line.bufferedBytes() === 0, { what: 'nothing waits any more' })
    await until(() => raw.seen('HUB_STATUS').length === 12, { what: 'all has come' })
  })

  test('and is closed for it hears why, if it reads again soon', async () => {
    await using place = openPlace()
    const { line, raw } = await place.connect()
    await raw.stopReading()
    const text = JSON.stringify({ ...status(1), more: 'x'.repeat(1_000_000) })
    for (let time = 0; time < 12; time++) line.send(text)
    line.close(4002, ERRORS.SLOW_READER.meaning)
    await raw.readAgain()
    expect(await raw.closing()).toBe(4002)
    expect(raw.seen('HUB_STATUS')).toHaveLength(12)
  })
})
