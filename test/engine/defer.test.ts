import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { createCalendar } from '../../src/engine/calendar.ts'
import { createDefer } from '../../src/engine/defer.ts'
import { Engine } from '../../src/engine/engine.ts'
import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'
import { ANSWER_MS, within } from '../support/wait.ts'
import { signIn, ticket } from './commands.ts'
import { FakeClock } from './fake_clock.ts'
import { FakeLog, SETTINGS } from './house.ts'

const MODULE = resolve(import.meta.dir, '../../src/engine/defer.ts')

/** An engine with the real turn of the loop, and how many effects each of its turns performed. */
function openEngine() {
  const { defer, close } = createDefer()
  const turns: number[] = []
  let told: () => void = () => undefined
  const engine = new Engine({
    clock: new FakeClock(),
    log: new FakeLog(),
    store: createStore(createMemoryFile('epoch-1')),
    defer,
    settings: SETTINGS,
    dayOf: createCalendar('UTC', 300),
    perform(effects) {
      turns.push(effects.length)
      told()
    },
    onDown: () => undefined,
    onUp: () => undefined,
  })
  engine.start()
  const turn = () => {
    const { promise, resolve: done } = Promise.withResolvers<void>()
    told = done
    return within(promise, ANSWER_MS, () => 'a turn of the engine')
  }
  return { engine, turns, turn, [Symbol.dispose]: close }
}

describe('a turn of the real loop', () => {
  test('takes all that was submitted in one task, also behind promises', async () => {
    using opened = openEngine()
    const first = opened.turn()
    opened.engine.submit(signIn(1))
    await first
    opened.turns.length = 0
    const second = opened.turn()
    for (let at = 0; at < 10; at++) {
      opened.engine.submit(ticket(1))
      await Promise.resolve()
      opened.engine.submit(ticket(1))
    }
    expect(opened.turns).toEqual([])
    await second
    expect(opened.turns).toEqual([20])
  })

  test('comes again for what is submitted later', async () => {
    using opened = openEngine()
    for (const line of [1, 2, 3]) {
      const turn = opened.turn()
      opened.engine.submit(signIn(line))
      await turn
    }
    expect(opened.turns).toHaveLength(3)
  })
})

describe('deferred work', () => {
  test('is done once each, in its order, and never at once', async () => {
    const { defer, close } = createDefer()
    const { promise, resolve: done } = Promise.withResolvers<void>()
    const seen: string[] = []
    defer(() => {
      seen.push('first')
      defer(() => {
        seen.push('from within')
        done()
      })
    })
    defer(() => void seen.push('second'))
    expect(seen).toEqual([])
    await within(promise, ANSWER_MS, () => 'the deferred work')
    expect(seen).toEqual(['first', 'second', 'from within'])
    close()
  })

  test('is not done after it was closed, and closing twice is fine', async () => {
    const { defer, close } = createDefer()
    const other = createDefer()
    const seen: string[] = []
    defer(() => void seen.push('too late'))
    close()
    close()
    defer(() => void seen.push('much too late'))
    const { promise, resolve: done } = Promise.withResolvers<void>()
    other.defer(() => other.defer(done))
    await within(promise, ANSWER_MS, () => 'the other deferred work')
    other.close()
    expect(seen).toEqual([])
  })

  test('keeps no process alive when it was closed', async () => {
    const script = `
      import { createDefer } from ${JSON.stringify(MODULE)}
      const { defer, close } = createDefer()
      defer(() => { process.stdout.write('done'); close() })`
    const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
    try {
      expect(await within(child.exited, 4_000, () => 'the process to end')).toBe(0)
      expect(await new Response(child.stdout).text()).toBe('done')
    } finally {
      child.kill('SIGKILL')
    }
  })
})
