import type { Hall, Line } from '../../src/engine/ports.ts'

/** What was done to a line or the hall: `send AUTH_OK`, `join 1/shop`, `publish 1/shop ORDER_UPDATED`, `close 4001`. */
export type Deed = string

/** A socket that does nothing but remember. It closes when a test says so. */
export class FakeLine implements Line {
  readonly id: number
  readonly address: string
  readonly deeds: Deed[] = []
  /** Each frame as it was given, sent or published. */
  readonly frames: string[] = []
  buffered = 0
  /** Whether what is sent stays in the buffer: a peer that does not read. */
  isDeaf = false

  constructor(id: number, address = '10.0.0.1') {
    this.id = id
    this.address = address
  }

  send(frame: string): void {
    this.frames.push(frame)
    this.deeds.push(`send ${typeOf(frame)}`)
    if (this.isDeaf) this.buffered += Buffer.byteLength(frame)
  }

  join(topic: string): void {
    this.deeds.push(`join ${topic}`)
  }

  publish(topic: string, frame: string): void {
    this.frames.push(frame)
    this.deeds.push(`publish ${topic} ${typeOf(frame)}`)
  }

  ping(): void {
    this.deeds.push('ping')
  }

  close(code: number, reason: string): void {
    this.deeds.push(reason === '' ? `close ${code} for no reason` : `close ${code}`)
  }

  cut(): void {
    this.deeds.push('cut')
  }

  bufferedBytes(): number {
    return this.buffered
  }

  takeDeeds(): Deed[] {
    return this.deeds.splice(0)
  }

  /** The last frame, as JSON has it. */
  get lastSaid(): unknown {
    return JSON.parse(this.frames.at(-1) ?? 'null')
  }
}

export class FakeHall implements Hall {
  readonly deeds: Deed[] = []
  readonly frames: string[] = []

  publish(topic: string, frame: string): void {
    this.frames.push(frame)
    this.deeds.push(`publish ${topic} ${typeOf(frame)}`)
  }
}

function typeOf(frame: string): string {
  const words: unknown = JSON.parse(frame)
  return typeof words === 'object' && words !== null && 'type' in words ? String(words.type) : '?'
}
