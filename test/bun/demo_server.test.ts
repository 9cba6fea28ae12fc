import { describe, expect, test } from 'bun:test'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO_ACCESS, type DemoServer, startDemoServer } from '../../src/bun/demo_server.ts'
import { openDemoShelf } from '../../src/bun/demo_shelf.ts'
import { at, resultOf, rpc, SALE, saleOf } from '../support/demo.ts'
import { openFolder } from '../support/folder.ts'
import { until } from '../support/wait.ts'

const PASSWORD = { password: DEMO_ACCESS.password }

/** What came of one call: its status and JSON, or the name of the failure. */
async function pay(server: DemoServer, posReference: string, signal?: AbortSignal) {
  const body = JSON.stringify(rpc('hub_finalize_snapshot', [saleOf(posReference)], PASSWORD))
  try {
    const response = await fetch(`${server.url}/jsonrpc`, { method: 'POST', body, ...(signal && { signal }) })
    return { status: response.status, headers: response.headers, answer: resultOf(JSON.parse(await response.text())) }
  } catch (error) {
    return { failure: error instanceof Error && 'code' in error ? error.code : 'unknown' }
  }
}

function fails(path: string): string {
  const opened = openDemoShelf(path, () => undefined)
  return opened.ok ? 'no problem' : opened.problem
}

describe('over a real connection', () => {
  test('a sale arrives, and no connection is kept', async () => {
    await using server = await startDemoServer()
    const { status, headers, answer } = await pay(server, 'a')
    expect([status, headers?.get('connection')]).toEqual([200, 'close'])
    expect(answer).toMatchObject({ status: 'ok', order_id: 1, created: true })
    expect(await (await fetch(server.url)).text()).toContain('E310000000001')
  })

  test('many at once make one order each', async () => {
    await using server = await startDemoServer()
    await Promise.all(Array.from({ length: 200 }, (_, at) => pay(server, `r${at % 20}`)))
    expect(server.odoo.paidOrders()).toHaveLength(20)
    expect(server.odoo.calls()).toHaveLength(200)
  })

  test('a dropped connection is one, before the order and after it', async () => {
    await using server = await startDemoServer()
    server.odoo.faults.next('drop_before')
    expect(await pay(server, 'a')).toEqual({ failure: 'ECONNRESET' })
    expect(server.odoo.orders()).toHaveLength(0)
    server.odoo.faults.next('drop_after')
    expect(await pay(server, 'a')).toEqual({ failure: 'ECONNRESET' })
    expect(server.odoo.paidOrders()).toHaveLength(1)
    expect(server.odoo.calls()).toHaveLength(2)
  })

  test('a caller who gives up is seen to leave, and the sale is made all the same', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using server = await startDemoServer({ sleep: () => promise })
    server.odoo.faults.next('slow')
    const left = new AbortController()
    const call = pay(server, 'a', left.signal)
    await until(() => server.odoo.calls().length === 1, { what: 'the call has begun' })
    left.abort()
    await call
    await until(() => server.odoo.calls()[0]?.ending === 'left', { what: 'the caller was seen to leave' })
    resolve()
    await until(() => server.odoo.paidOrders().length === 1, { what: 'the sale is made' })
  })

  test('a body beyond the bound is refused with an answer', async () => {
    await using server = await startDemoServer()
    const response = await fetch(`${server.url}/jsonrpc`, { method: 'POST', body: 'x'.repeat(6_000_000) })
    expect(response.status).toBe(413)
  })

  test('cookies and addresses come through', async () => {
    await using server = await startDemoServer()
    const params = { db: 'demo', login: 'admin', password: DEMO_ACCESS.password }
    const signedIn = await fetch(`${server.url}/web/session/authenticate`, {
      method: 'POST',
      body: JSON.stringify({ params }),
    })
    const headers = { Cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '' }
    const info = await fetch(`${server.url}/web/session/get_session_info`, { method: 'POST', body: '{}', headers })
    expect(at(await info.json(), 'result', 'uid')).toBe(2)
  })
})

describe('stopping', () => {
  test('hard resets calls in flight; the same port answers again, with what was committed', async () => {
    const never = new Promise<void>(() => undefined)
    await using server = await startDemoServer({ sleep: () => never })
    await pay(server, 'a')
    server.odoo.faults.next('slow')
    const call = pay(server, 'b')
    await until(() => server.odoo.calls().length === 2, { what: 'the call has begun' })
    const { url } = server
    await server.restart()
    expect(await call).toEqual({ failure: 'ECONNRESET' })
    expect(server.url).toBe(url)
    expect((await pay(server, 'a')).answer).toMatchObject({ order_id: 1, created: false })
    expect(server.odoo.orders()).toHaveLength(1)
  })

  test('nobody answers until it is started again', async () => {
    await using server = await startDemoServer()
    await server.stop({ hard: true })
    await server.stop({ hard: true })
    expect(await pay(server, 'a')).toEqual({ failure: 'ECONNREFUSED' })
    await server.restart()
    expect((await pay(server, 'a')).status).toBe(200)
  })

  test('not hard waits for calls in flight', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using server = await startDemoServer({ sleep: () => promise })
    server.odoo.faults.next('slow')
    const call = pay(server, 'a')
    await until(() => server.odoo.calls().length === 1, { what: 'the call has begun' })
    const stopped = server.stop({ hard: false })
    resolve()
    expect((await call).answer).toMatchObject({ status: 'ok' })
    await stopped
  })

  test('a port that is taken is an error', async () => {
    await using server = await startDemoServer()
    await expect(startDemoServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('a file', () => {
  function open(path: string, told: string[] = []) {
    const opened = openDemoShelf(path, (problem) => void told.push(problem))
    if (!opened.ok) throw new Error(opened.problem)
    return opened.shelf
  }

  test('keeps orders across starts, for the owner alone', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'demo', 'orders.jsonl')
    {
      await using server = await startDemoServer({ shelf: open(path) })
      await pay(server, 'a')
      await pay(server, 'b')
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    // The process was killed in the middle of a line.
    await writeFile(path, '{"id":3,"posRef', { flag: 'a' })
    await chmod(path, 0o644)
    await using server = await startDemoServer({ shelf: open(path) })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await pay(server, 'a')).answer).toMatchObject({ order_id: 1, created: false })
    expect((await pay(server, 'c')).answer).toMatchObject({ order_id: 3, fiscal: { ncf: 'E310000000003' } })
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(3)
  })

  test('holds the newest five thousand orders after a start', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'orders.jsonl')
    const lines = Array.from({ length: 6_000 }, (_, at) => JSON.stringify({ id: at + 1 }))
    await writeFile(path, lines.join('\n'))
    expect(open(path).load()).toEqual(lines.slice(1_000))
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(5_000)
  })

  test('that cannot be had is told in one line', async () => {
    await using folder = await openFolder()
    expect(fails(folder.path)).toBe(`The demo's orders cannot be kept in ${folder.path}: it is not a file.`)
    await writeFile(join(folder.path, 'file'), '')
    expect(fails(join(folder.path, 'file', 'orders'))).toContain('cannot be kept in')
  })

  test('that is lost later is told once, and sales go on', async () => {
    await using folder = await openFolder()
    const told: string[] = []
    const path = join(folder.path, 'demo', 'orders.jsonl')
    await using server = await startDemoServer({ shelf: open(path, told) })
    await pay(server, 'a')
    await rm(join(folder.path, 'demo'), { recursive: true })
    for (const reference of ['b', SALE.posReference]) expect((await pay(server, reference)).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(server.odoo.paidOrders()).toHaveLength(3)
  })
})
