import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { LEGACY_KEY } from '../../src/realtime/outbox_legacy.ts'
import { Browser, type PageServer, servePage } from '../support/browser.ts'
import { until } from '../support/wait.ts'
import type { Till } from './outbox_page.ts'

/** Real pages, a real disk, a real `kill -9`. Each test has a browser with a profile of its own. */

setDefaultTimeout(60_000)

let server: PageServer

beforeAll(async () => {
  server = await servePage(`${import.meta.dir}/outbox_page.ts`)
})
afterAll(() => server[Symbol.asyncDispose]())

type Answer<K extends keyof Till> = Awaited<ReturnType<Till[K]>>

/** Calls `till` of a page by name. */
function ask<K extends keyof Till>(page: Page, name: K, ...what: Parameters<Till[K]>): Promise<Answer<K>> {
  return page.evaluate<Answer<K>>(`till.${name}(...${JSON.stringify(what)})`)
}

async function openTill(browser: Browser, address: string, opening: Parameters<Till['open']>[0] = {}): Promise<Page> {
  const page = await browser.openTab(address)
  await ask(page, 'open', opening)
  return page
}

function toSend(page: Page): Promise<void> {
  return until(() => ask(page, 'isMine'), { withinMs: 20_000, what: 'it is the turn of this tab' })
}

/** What a page says on its console, as long as it lives. */
function listen(page: Page): string[] {
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  return said
}

const flood = Array.from({ length: 400 }, (_, place) => `a-${place}`)

describe.each(['secure', 'plain'] as const)('on a page that is %s', (kind) => {
  test('entries, their roads and refusals are there after a reload, in their order', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server[kind])
    expect(await page.evaluate<boolean>('isSecureContext')).toBe(kind === 'secure')
    for (const id of ['a', 'b', 'c', 'd']) expect(await ask(page, 'add', id)).toBe(true)
    expect(await ask(page, 'begin', 'a', 'hub')).toBe(true)
    await ask(page, 'refuse', 'b')
    await ask(page, 'done', 'c')
    const before = await ask(page, 'entries')
    await page.reload()
    expect(await ask(page, 'open')).toBe('durable')
    expect(await ask(page, 'entries')).toEqual(before)
    expect(before.map(({ id, road, refused }) => [id, road, refused?.code])).toEqual([
      ['a', 'hub', undefined],
      ['b', null, 'MALFORMED'],
      ['d', null, undefined],
    ])
  })

  test('an entry is kept when its transaction is complete, and that is when it is on the disk', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server[kind])
    expect(await ask(page, 'watchAdd', 'a')).toEqual(['strict, complete'])
  })

  test('nothing that was kept is lost when the page crashes in the middle of adding', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server[kind])
    const said = listen(page)
    page.evaluate(`till.flood('a', ${flood.length})`).catch(() => undefined)
    await until(() => said.length >= 20, { what: 'twenty entries are kept' })
    page.goto('chrome://crash').catch(() => undefined)
    await new Promise((resolve) => page.on('crash', resolve))
    const kept = await ask(await openTill(browser, server[kind]), 'ids')
    expect(kept.length).toBeLessThan(flood.length)
    expect(kept).toEqual(flood.slice(0, kept.length))
    expect(said.map((line) => line.slice('kept '.length)).filter((id) => !kept.includes(id))).toEqual([])
  })

  test('nothing that was kept is lost when the browser is killed, three times over', async () => {
    await using browser = await Browser.start()
    for (const name of ['a', 'b', 'c']) {
      const page = await openTill(browser, server[kind])
      const before = (await ask(page, 'ids')).length
      const said = listen(page)
      page.evaluate(`till.flood('${name}', ${flood.length})`).catch(() => undefined)
      await until(() => said.length >= 20, { what: 'twenty entries are kept' })
      await browser.kill()
      await browser.start()
      const after = await openTill(browser, server[kind])
      const kept = (await ask(after, 'ids')).slice(before)
      expect(kept.length).toBeLessThan(flood.length)
      expect(kept).toEqual(flood.slice(0, kept.length).map((id) => id.replace('a', name)))
      expect(said.map((line) => line.slice('kept '.length)).filter((id) => !kept.includes(id))).toEqual([])
    }
  })

  test('one tab sends; the next one when it is closed, and when it crashes', async () => {
    await using browser = await Browser.start()
    const pages: Page[] = []
    for (let tab = 0; tab < 3; tab += 1) {
      const page = await openTill(browser, server[kind], { speed: 10 })
      await ask(page, 'contend')
      pages.push(page)
      if (tab === 0) await toSend(page)
    }
    const [first, second, third] = pages
    if (first === undefined || second === undefined || third === undefined) throw new Error('three tabs')
    const mine = () => Promise.all(pages.filter((page) => !page.isClosed()).map((page) => ask(page, 'isMine')))
    // The word about this makes all of them look for their turn once more.
    await ask(second, 'add', 'x')
    await until(async () => (await ask(first, 'ids')).includes('x'), { what: 'the sending tab sees the new entry' })
    expect(await mine()).toEqual([true, false, false])
    await first.close()
    await until(async () => (await mine()).includes(true), { withinMs: 20_000, what: 'another tab took over' })
    const [secondIs, thirdIs] = await mine()
    expect([secondIs, thirdIs].filter(Boolean)).toEqual([true])
    const [sender, waiter] = secondIs ? [second, third] : [third, second]
    sender.goto('chrome://crash').catch(() => undefined)
    await toSend(waiter)
    expect(await ask(waiter, 'turns')).toBe(1)
    expect(await ask(waiter, 'ids')).toEqual(['x'])
  })

  test('a reload gives the turn back at once, with the clock of the page as slow as it is', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server[kind])
    await ask(page, 'contend')
    await toSend(page)
    await page.reload()
    // So slow that a lease left behind would run out in a quarter of an hour.
    await ask(page, 'open', { speed: 0.01 })
    await ask(page, 'contend')
    await toSend(page)
  })

  test('two tabs write at the same time: one order for both, and each entry once', async () => {
    await using browser = await Browser.start()
    const pages = [await openTill(browser, server[kind]), await openTill(browser, server[kind])]
    await Promise.all(pages.map((page, tab) => ask(page, 'flood', `t${tab}`, 50)))
    const [left, right] = pages
    if (left === undefined || right === undefined) throw new Error('two tabs')
    for (const page of pages) {
      await until(async () => (await ask(page, 'ids')).length === 100, { what: 'a tab sees what both wrote' })
    }
    const entries = await ask(left, 'entries')
    expect(await ask(right, 'entries')).toEqual(entries)
    expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, place) => place + 1))
    for (const tab of ['t0', 't1']) {
      const own = entries.filter(({ id }) => id.startsWith(tab)).map(({ id }) => id)
      expect(own).toEqual(Array.from({ length: 50 }, (_, place) => `${tab}-${place}`))
    }
  })

  test('places grow on after everything was sent, over a reload too', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server[kind])
    await ask(page, 'add', 'a')
    await ask(page, 'add', 'b')
    await ask(page, 'done', 'a')
    await ask(page, 'done', 'b')
    await page.reload()
    await ask(page, 'open')
    await ask(page, 'add', 'c')
    expect((await ask(page, 'entries')).map(({ id, n }) => [id, n])).toEqual([['c', 3]])
  })
})

describe('what the earlier till left', () => {
  const left = [
    { posReference: 'Order 1', type: 'ORDER_SNAPSHOT', version: 3, snapshot: { lines: [1] } },
    { pos_reference: 'Order 1', kind: 'finalize', config_id: 7, payload: { lines: [1, 2] } },
    { type: 'DRAWER_OPENED' },
  ]

  test('is taken over once by two tabs that open together, and then removed', async () => {
    await using browser = await Browser.start()
    const pages = [await browser.openTab(server.plain), await browser.openTab(server.plain)]
    const [page] = pages
    if (page === undefined) throw new Error('two tabs')
    await page.evaluate(`localStorage.setItem('${LEGACY_KEY}', ${JSON.stringify(JSON.stringify(left))})`)
    await Promise.all(pages.map((one) => ask(one, 'open')))
    expect(await page.evaluate<string | null>(`localStorage.getItem('${LEGACY_KEY}')`)).toBeNull()
    for (const one of pages) {
      await until(async () => (await ask(one, 'ids')).length === 3, { what: 'a tab shows what was taken over' })
    }
    const entries = await ask(page, 'entries')
    expect(entries.map(({ kind, refused }) => [kind, refused?.code])).toEqual([
      ['snapshot', undefined],
      ['finalize', undefined],
      ['snapshot', 'OLD_ENTRY_UNREADABLE'],
    ])
    await page.reload()
    await ask(page, 'open')
    expect(await ask(page, 'entries')).toEqual(entries)
  })

  test('is taken over once, even if the page died before it could be removed', async () => {
    await using browser = await Browser.start()
    const page = await browser.openTab(server.plain)
    const put = `localStorage.setItem('${LEGACY_KEY}', ${JSON.stringify(JSON.stringify(left))})`
    await page.evaluate(put)
    await ask(page, 'open')
    for (const id of await ask(page, 'ids')) await ask(page, 'done', id)
    await page.evaluate(put)
    await page.reload()
    await ask(page, 'open')
    expect(await ask(page, 'ids')).toEqual([])
    expect(await page.evaluate<string | null>(`localStorage.getItem('${LEGACY_KEY}')`)).toBeNull()
  })
})

describe('a browser that keeps nothing', () => {
  test('says so, and works until the page is gone', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server.secure, { database: 'none' })
    expect(await ask(page, 'state')).toBe('memory')
    expect(await ask(page, 'add', 'a')).toBe(true)
    await ask(page, 'contend')
    await toSend(page)
    await page.reload()
    await ask(page, 'open', { database: 'none' })
    expect(await ask(page, 'ids')).toEqual([])
  })

  test('and then does: what was in memory moves to the disk', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server.secure, { database: 'broken' })
    expect(await ask(page, 'state')).toBe('memory')
    await ask(page, 'add', 'a')
    await ask(page, 'add', 'b')
    await ask(page, 'repair')
    await ask(page, 'show')
    await until(async () => (await ask(page, 'state')) === 'durable', { what: 'the disk is in use again' })
    await page.reload()
    await ask(page, 'open')
    expect(await ask(page, 'ids')).toEqual(['a', 'b'])
  })

  test('a newer till may change the database under an older one, which goes on in memory and says so', async () => {
    await using browser = await Browser.start()
    const page = await openTill(browser, server.secure)
    await ask(page, 'add', 'a')
    const newer = await browser.openTab(server.secure)
    expect(await ask(newer, 'upgrade')).toBe('done')
    expect(await ask(page, 'add', 'b')).toBe(true)
    expect(await ask(page, 'state')).toBe('memory')
    expect(await ask(page, 'ids')).toEqual(['a', 'b'])
  })
})

test('a full disk drops nothing: adding says no, what is kept can be sent, and then there is room', async () => {
  await using browser = await Browser.start()
  const page = await browser.openTab(server.secure)
  const remote = await page.context().newCDPSession(page)
  const origin = new URL(server.secure).origin
  await remote.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 500_000 })
  await ask(page, 'open')
  for (const id of ['a', 'b', 'c']) expect(await ask(page, 'add', id)).toBe(true)
  expect(await ask(page, 'pay', 'd')).toBe(true)
  const kept = await ask(page, 'fill')
  expect(await ask(page, 'state')).toBe('full')
  expect(kept.slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
  expect(kept.length).toBeGreaterThan(6)

  // A sale stays on its road even when that could not be written; and what was sent can leave.
  expect(await ask(page, 'begin', 'd', 'hub')).toBe(true)
  expect(await ask(page, 'begin', 'd', 'direct')).toBe(false)
  await ask(page, 'refuse', 'a')
  await ask(page, 'done', 'b')
  const [first, second] = await ask(page, 'entries')
  expect([first?.id, first?.refused?.code, second?.id]).toEqual(['a', 'MALFORMED', 'c'])

  await remote.send('Storage.overrideQuotaForOrigin', { origin })
  expect(await ask(page, 'add', 'e')).toBe(true)
  expect(await ask(page, 'state')).toBe('durable')
  await page.reload()
  await ask(page, 'open')
  expect(await ask(page, 'ids')).toEqual([...kept.filter((id) => id !== 'b'), 'e'])
})

test('where tabs cannot hear each other, the sending tab looks for itself, and the others when they are shown', async () => {
  await using browser = await Browser.start()
  const sender = await openTill(browser, server.plain, { channel: 'none' })
  await ask(sender, 'contend')
  await toSend(sender)
  const other = await openTill(browser, server.plain, { channel: 'none' })
  await ask(other, 'add', 'a')
  await until(async () => (await ask(sender, 'ids')).length === 1, { what: 'the sending tab sees the entry' })
  await ask(sender, 'done', 'a')
  await ask(other, 'show')
  await until(async () => (await ask(other, 'ids')).length === 0, { what: 'the other tab sees it gone' })
})
