import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { askHub } from '../../src/bun/desk_client.ts'
import { deskPathOf, openDesk } from '../../src/bun/desk_socket.ts'
import { EXIT } from '../../src/bun/exit_codes.ts'
import { openHub } from '../../src/bun/open_hub.ts'
import { FakeLog } from '../engine/house.ts'
import { configFor } from '../support/clock.ts'
import { openFolder } from '../support/folder.ts'

setDefaultTimeout(15_000)

const BODY_BYTES_MAX = 64 * 1_024
const PATH_BYTES_MAX = 100

function createApp(name: string): Hono {
  const app = new Hono()
  app.get('/name', (c) => c.json({ name }))
  app.get('/text', (c) => c.text('no JSON'))
  app.post('/length', async (c) => c.json({ length: (await c.req.text()).length }))
  app.onError((_, c) => c.text('', 413))
  return app
}

/** A socket, its log, and the question by which it is known. */
function open(dbPath: string, name = 'hub') {
  const log = new FakeLog()
  const desk = openDesk({ dbPath }, createApp(name), log)
  const ask = (path = '/name', init: RequestInit = {}) => askHub({ dbPath }, path, init)
  return { log, ask, path: deskPathOf({ dbPath }), [Symbol.asyncDispose]: () => desk.close() }
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** What a killed hub leaves: a socket on which nobody listens. */
async function leaveSocket(path: string): Promise<void> {
  const program = `Bun.serve({ unix: ${JSON.stringify(path)}, fetch: () => new Response('') }); process.stdout.write('up')`
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit' })
  await child.stdout.getReader().read()
  child.kill('SIGKILL')
  await child.exited
}

describe('the socket', () => {
  test('is beside the file, for its user alone, whatever the mask is; and goes', async () => {
    await using folder = await openFolder()
    const before = process.umask(0)
    try {
      await using desk = open(join(folder.path, 'hub.sqlite'))
      expect([desk.path, modeOf(desk.path)]).toEqual([join(folder.path, 'hub.sqlite.sock'), 0o600])
      expect(process.umask()).toBe(0)
      expect(await desk.ask()).toMatchObject({ ok: true, status: 200, body: { name: 'hub' } })
      expect(desk.log.lines).toEqual([])
    } finally {
      process.umask(before)
    }
    expect(existsSync(join(folder.path, 'hub.sqlite.sock'))).toBe(false)
  })

  test('takes the place of one that a killed hub has left', async () => {
    await using folder = await openFolder()
    const dbPath = join(folder.path, 'hub.sqlite')
    await leaveSocket(deskPathOf({ dbPath }))
    expect(existsSync(deskPathOf({ dbPath }))).toBe(true)
    expect(await askHub({ dbPath }, '/name')).toMatchObject({ ok: false })
    await using desk = open(dbPath)
    expect([await desk.ask(), modeOf(desk.path), desk.log.lines]).toMatchObject([{ ok: true }, 0o600, []])
  })

  test('takes no place of a file that is none: the hub runs without it, and says so', async () => {
    await using folder = await openFolder()
    const dbPath = join(folder.path, 'hub.sqlite')
    writeFileSync(deskPathOf({ dbPath }), 'precious')
    {
      await using desk = open(dbPath)
      expect(desk.log.of('warn')).toEqual([expect.stringContaining('cannot reach this hub')])
      expect(await desk.ask()).toMatchObject({ ok: false })
    }
    expect(readFileSync(deskPathOf({ dbPath }), 'utf8')).toBe('precious')
  })

  test('where it cannot be made, the hub runs without it, and says so', async () => {
    await using folder = await openFolder()
    await using nowhere = open(join(folder.path, 'no folder', 'hub.sqlite'))
    expect(nowhere.log.of('warn')).toEqual([expect.stringContaining('cannot reach this hub')])
    mkdirSync(join(folder.path, 'hub.sqlite.sock'))
    await using taken = open(join(folder.path, 'hub.sqlite'))
    expect(taken.log.of('warn')).toEqual([expect.stringContaining('cannot reach this hub')])
  })

  test('that cannot be removed at the end does not keep the hub from ending', async () => {
    await using folder = await openFolder()
    const desk = open(join(folder.path, 'hub.sqlite'))
    rmSync(desk.path)
    mkdirSync(desk.path)
    await desk[Symbol.asyncDispose]()
    expect(desk.log.of('warn')).toEqual(['the socket file stays'])
  })

  test.each(['x', 'é'])('has a path of a hundred bytes at most, counted in bytes: made of %s', async (letter) => {
    await using folder = await openFolder()
    const bytes = new TextEncoder().encode(letter).length
    const room = PATH_BYTES_MAX - `${folder.path}/.sock`.length
    const name = letter.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes)
    {
      await using desk = open(join(folder.path, name))
      expect([Buffer.byteLength(desk.path), await desk.ask()]).toMatchObject([PATH_BYTES_MAX, { ok: true }])
    }
    await using desk = open(join(folder.path, `${name}x`))
    expect(desk.log.of('warn')).toEqual([expect.stringContaining('too long')])
    expect(await desk.ask()).toMatchObject({ ok: false, problem: expect.stringContaining('shorter path') })
  })
})

describe('what is asked there', () => {
  test('a body of 64 kB is taken, a larger one is not', async () => {
    await using folder = await openFolder()
    await using desk = open(join(folder.path, 'hub.sqlite'))
    const send = (length: number) => desk.ask('/length', { method: 'POST', body: 'x'.repeat(length) })
    expect(await send(BODY_BYTES_MAX)).toMatchObject({ status: 200, body: { length: BODY_BYTES_MAX } })
    expect(await send(BODY_BYTES_MAX + 1)).toMatchObject({ status: 413 })
    // In pieces, it does not say its length beforehand.
    const pieces = new Blob([new Uint8Array(BODY_BYTES_MAX + 1)]).stream()
    expect(await desk.ask('/length', { method: 'POST', body: pieces })).not.toMatchObject({ status: 200 })
  })

  test('an answer that is not JSON has no fields', async () => {
    await using folder = await openFolder()
    await using desk = open(join(folder.path, 'hub.sqlite'))
    expect(await desk.ask('/text')).toEqual({ ok: true, status: 200, text: 'no JSON', body: {} })
  })

  test('where no hub runs, that is said, and what to do', async () => {
    await using folder = await openFolder()
    const asked = await askHub({ dbPath: join(folder.path, 'hub.sqlite') }, '/name')
    expect(asked).toMatchObject({ ok: false, problem: expect.stringMatching(/^no hub runs on .*--db-path FILE/) })
  })
})

describe('two hubs in one folder', () => {
  test('on two files: each is asked by its own', async () => {
    await using folder = await openFolder()
    await using one = open(join(folder.path, 'one.sqlite'), 'one')
    {
      await using two = open(join(folder.path, 'two.sqlite'), 'two')
      for (const desk of [one, two]) expect(await desk.ask()).toMatchObject({ body: { name: expect.any(String) } })
      expect((await Promise.all([one.ask(), two.ask()])).map((asked) => asked.ok && asked.body['name'])).toEqual([
        'one',
        'two',
      ])
    }
    expect(await one.ask()).toMatchObject({ body: { name: 'one' } })
  })

  test('on one file: the second one ends, and does not take the socket of the first', async () => {
    await using folder = await openFolder()
    const config = configFor(folder.path, {})
    const hub = await openHub(config, { log: new FakeLog() })
    const second = openHub(config, { log: new FakeLog() })
    expect(await second.catch((error) => error)).toMatchObject({ exitCode: EXIT.otherHub })
    expect(await askHub(config, '/orders')).toMatchObject({ ok: true, status: 200, body: { orders: [] } })
    expect(modeOf(deskPathOf(config))).toBe(0o600)
    await hub.close()
    expect(existsSync(deskPathOf(config))).toBe(false)
    expect(await askHub(config, '/orders')).toMatchObject({ ok: false })
  })
})
