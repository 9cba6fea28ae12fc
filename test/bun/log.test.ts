import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import type { Config } from '../../src/config.ts'

const MODULE = resolve(import.meta.dir, '../../src/bun/log.ts')

/** What a process has written that logs all this and then ends at once, without waiting for anything. */
async function logged(config: Pick<Config, 'logLevel' | 'logFormat'>, statements: string): Promise<string[]> {
  const script = `
    import { createLog } from ${JSON.stringify(MODULE)}
    const log = createLog(${JSON.stringify(config)})
    ${statements}
    process.exit(0)`
  const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  const text = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

const ONE_OF_EACH = `
  log.debug('a detail')
  log.info('listening', { port: 8766, host: '0.0.0.0', devAuth: false })
  log.warn('careful', { why: 'a "reason"' })
  log.error('the disk refuses', { kind: 'full' })
  log.fatal('a bug')`

describe('the log as JSON', () => {
  test('is one object a line: level, time, event, fields', async () => {
    const lines = await logged({ logLevel: 'debug', logFormat: 'json' }, ONE_OF_EACH)
    const events = lines.map((line): unknown => JSON.parse(line))
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(events).toEqual([
      { level: 'debug', time, msg: 'a detail' },
      { level: 'info', time, port: 8766, host: '0.0.0.0', devAuth: false, msg: 'listening' },
      { level: 'warn', time, why: 'a "reason"', msg: 'careful' },
      { level: 'error', time, kind: 'full', msg: 'the disk refuses' },
      { level: 'fatal', time, msg: 'a bug' },
    ])
  })

  test('is what a pipe gets, unless it is told otherwise', async () => {
    const lines = await logged({ logLevel: 'info', logFormat: 'auto' }, `log.info('hello')`)
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ msg: 'hello' }])
  })

  test.each([
    ['debug', 5],
    ['info', 4],
    ['warn', 3],
    ['error', 2],
  ] as const)('at level %s has %p of the five', async (logLevel, count) => {
    expect(await logged({ logLevel, logFormat: 'json' }, ONE_OF_EACH)).toHaveLength(count)
  })

  test('loses none of its last lines when the process ends', async () => {
    const many = `for (let at = 0; at < 5_000; at++) log.info('event', { at, text: 'x'.repeat(100) })`
    const lines = await logged({ logLevel: 'info', logFormat: 'json' }, many)
    expect(lines).toHaveLength(5_000)
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ at: 4_999 })
  })
})

describe('the log as text', () => {
  test('is for a person: time, level, event, fields', async () => {
    const lines = await logged({ logLevel: 'info', logFormat: 'text' }, ONE_OF_EACH)
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'))).toEqual([
      'TIME  info   listening  port=8766  host=0.0.0.0  devAuth=false',
      'TIME  warn   careful  why=a "reason"',
      'TIME  error  the disk refuses  kind=full',
      'TIME  fatal  a bug',
    ])
  })
})

// A terminal chooses its own name, and the reason of a refusal may quote it.
test.each(['json', 'text'] as const)(
  'one event is one line as %s, whatever stands in its fields',
  async (logFormat) => {
    const nasty = `log.info('a terminal', { by: 'Till 1\\n12:00:00  fatal  a bug', reason: 'a\\r\\nb\\u2028c', list: ['x\\ny'] })`
    const lines = await logged({ logLevel: 'info', logFormat }, nasty)
    expect(lines).toHaveLength(1)
    expect(lines.join('')).not.toContain('\r')
  },
)
