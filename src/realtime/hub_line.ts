import type { Words } from './hub_words.ts'
import type { Socket, Surroundings } from './surroundings.ts'

/** Asked for a sign of life, a hub that lives gives one within this. */
export const PROBE_MS = 5_000

/** An ordinary answer takes milliseconds; a hub that writes to a worn SD card, a second. */
export const EXPECT_MS = 2_500

/** Heartbeats without a frame after which a line counts as dead: the hub counts the same. */
const BEATS_UNHEARD_MAX = 3

export type LineEnd = { readonly code: number; readonly reason: string }

/** No close frame came: the line dropped, or was given up. */
export const DROPPED: LineEnd = { code: 1006, reason: '' }

export type LineParts = {
  readonly surroundings: Pick<Surroundings, 'now' | 'at' | 'openSocket'>
  readonly url: string
  opened(): void
  /** A frame as JSON; undefined for one that is none. */
  heard(value: unknown): void
  /** A heartbeat is about to be sent. */
  beating(): void
  /** Once, as the last; not after `end`. */
  closed(end: LineEnd): void
}

/** One WebSocket from its opening to its end. Whatever a socket says after its end is not heard. */
export class Line {
  readonly #parts: LineParts
  #socket: Socket | null = null
  #isOver = false
  #beatMs = 0
  /** An old hub does not answer heartbeats: its silence says nothing. */
  #isAnswered = true
  #unheard = 0
  #cancelBeat: () => void = () => undefined
  #cancelProbe: (() => void) | null = null
  #cancelOpening: () => void = () => undefined

  constructor(parts: LineParts) {
    this.#parts = parts
  }

  /** `patienceMs`: until `keep`. */
  open(patienceMs: number): void {
    const { surroundings, url } = this.#parts
    this.#cancelOpening = surroundings.at(surroundings.now() + patienceMs, () => this.#lose())
    this.#socket = surroundings.openSocket(url, {
      opened: () => this.#isOver || this.#parts.opened(),
      heard: (data) => this.#hear(data),
      closed: (code, reason) => this.#close({ code, reason }),
    })
    if (this.#socket === null) this.#close({ code: 1006, reason: 'This browser does not connect to that address.' })
  }

  /** False: the line is not open. */
  say(words: Words): boolean {
    return !this.#isOver && this.#socket !== null && this.#socket.send(JSON.stringify(words))
  }

  /** Heartbeats from now on, each `beatMs`. */
  keep(beatMs: number, isAnswered: boolean): void {
    this.#beatMs = beatMs
    this.#isAnswered = isAnswered
    this.#cancelOpening()
    this.#cancelBeat()
    this.#planBeat()
  }

  /** Asks for a sign of life now; without one in time the line is dead. One question at a time. */
  probe(): void {
    if (this.#isOver || this.#beatMs === 0 || !this.#isAnswered || this.#cancelProbe !== null) return
    this.#beat()
    this.#unlessHeard(PROBE_MS, () => this.#lose())
  }

  /** Something was said: where not a word comes for a while, asks for a sign of life. */
  expect(): void {
    if (this.#cancelProbe === null) this.#unlessHeard(EXPECT_MS, () => this.probe())
  }

  /** Closes it, and tells nobody. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelBeat()
    this.#cancelProbe?.()
    this.#cancelOpening()
    this.#socket?.close()
  }

  /** Any frame calls it off. */
  #unlessHeard(ms: number, act: () => void): void {
    const { surroundings } = this.#parts
    this.#cancelProbe = surroundings.at(surroundings.now() + ms, () => {
      this.#cancelProbe = null
      act()
    })
  }

  #planBeat(): void {
    const { surroundings } = this.#parts
    this.#cancelBeat = surroundings.at(surroundings.now() + this.#beatMs, () => {
      // Counted in heartbeats and not in time: a device that slept has heard nothing for hours, and its line may live.
      if (this.#isAnswered && this.#unheard >= BEATS_UNHEARD_MAX) return this.#lose()
      this.#beat()
      this.#planBeat()
    })
  }

  #beat(): void {
    this.#unheard++
    this.#parts.beating()
    this.say({ type: 'HEARTBEAT' })
  }

  #hear(data: unknown): void {
    if (this.#isOver) return
    this.#unheard = 0
    this.#cancelProbe?.()
    this.#cancelProbe = null
    this.#parts.heard(parse(data))
  }

  #lose(): void {
    this.#close(DROPPED)
  }

  #close(end: LineEnd): void {
    if (this.#isOver) return
    this.end()
    this.#parts.closed(end)
  }
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
