import type { Clock } from '../../src/engine/ports.ts'

type Timer = { readonly time: number; readonly wake: () => void }

/** A clock that goes only when a test says so. */
export class FakeClock implements Clock {
  #now: number
  #wall: number
  readonly #timers = new Set<Timer>()

  constructor(now = 1_000, wall = 1_795_000_000_000) {
    this.#now = now
    this.#wall = wall
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#wall
  }

  at(time: number, wake: () => void): () => void {
    const timer = { time, wake }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** When anybody is to be woken, the soonest first. */
  get planned(): number[] {
    return [...this.#timers].map(({ time }) => time).toSorted((left, right) => left - right)
  }

  /** Lets time go by: whoever wants to be woken in it is, at the very moment. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#soonest(end); next !== undefined; next = this.#soonest(end)) {
      this.stall(Math.max(0, next.time - this.#now))
      this.#timers.delete(next)
      next.wake()
    }
    this.stall(end - this.#now)
  }

  /** Time goes by and nobody is woken: the process stood still. */
  stall(ms: number): void {
    this.#now += ms
    this.#wall += ms
  }

  /** Wakes whoever should have been woken by now. */
  catchUp(): void {
    this.advance(0)
  }

  /** Somebody sets the wall clock. */
  setWall(wall: number): void {
    this.#wall = wall
  }

  #soonest(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ time }) => time <= end)
    return due.toSorted((left, right) => left.time - right.time)[0]
  }
}
