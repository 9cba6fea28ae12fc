import { readConfig, readFlags, SETTING_FLAGS } from '../../src/config.ts'
import type { Clock, Log, LogFields } from '../../src/engine/ports.ts'
import { type Environment, hubEnvironment } from './hub_process.ts'

/** The real monotonic clock beside a wall clock that a test sets as a Pi's is set: in jumps. */
export class JumpingClock implements Clock {
  #wallAhead: number

  constructor(wall: string | number) {
    this.#wallAhead = new Date(wall).getTime() - this.now()
  }

  now(): number {
    return Math.floor(performance.now())
  }

  wall(): number {
    return this.now() + this.#wallAhead
  }

  at(time: number, wake: () => void): () => void {
    const timer = setTimeout(wake, Math.max(0, time - this.now()))
    return () => clearTimeout(timer)
  }

  /** The wall clock shows another time from now on. */
  set(wall: string | number): void {
    this.#wallAhead = new Date(wall).getTime() - this.now()
  }

  jump(ms: number): void {
    this.#wallAhead += ms
  }
}

/** A log that keeps what it is told. */
export class KeptLog implements Log {
  readonly #lines: string[] = []

  get text(): string {
    return this.#lines.join('\n')
  }

  debug = (event: string, fields?: LogFields) => this.#keep(event, fields)
  info = (event: string, fields?: LogFields) => this.#keep(event, fields)
  warn = (event: string, fields?: LogFields) => this.#keep(event, fields)
  error = (event: string, fields?: LogFields) => this.#keep(event, fields)
  fatal = (event: string, fields?: LogFields) => this.#keep(event, fields)

  #keep(event: string, fields: LogFields = {}): void {
    this.#lines.push(`${event} ${JSON.stringify(fields)}`)
  }
}

/** The configuration of a hub that runs in the process of the test. */
export function configFor(folder: string, env: Environment) {
  const environment = hubEnvironment(folder, { HUB_DEV_AUTH: 'true', ...env })
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment, file: null })
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  return reading.config
}
