import { createOutbox, type Outbox, type OutboxEntry, type StoreState } from '../../src/realtime/outbox.ts'
import { browserDevice, type OutboxDevice, type OutboxSurroundings } from '../../src/realtime/outbox_device.ts'
import type { OutboxLimits } from '../../src/realtime/outbox_entry.ts'
import { browserSurroundings } from '../../src/realtime/surroundings.ts'

/** What a page of the outbox tests can do, as `till`; the test calls it by name. */

type Opening = {
  /** How many times faster its clock goes. */
  readonly speed?: number
  /** `none`: this browser keeps nothing. `broken`: it throws when asked, until `repair`. */
  readonly database?: 'none' | 'broken'
  readonly channel?: 'none'
  readonly limits?: OutboxLimits
}

const DATABASE = 'outbox'
let outbox: Outbox | undefined
let turns = 0
let isMine = false
let leave: () => void = () => undefined
let isBroken = false
let shown: () => void = () => undefined

function surroundingsAt(speed: number): OutboxSurroundings {
  const page = browserSurroundings()
  const now = () => page.now() * speed
  return {
    ...page,
    now,
    at: (time, wake) => page.at(time / speed, wake),
    onVisible: (handler) => {
      shown = handler
      return () => undefined
    },
  }
}

function deviceOf(opening: Opening): OutboxDevice {
  const device = browserDevice()
  const { indexedDB } = device
  if (opening.database === 'none') return { ...device, indexedDB: undefined }
  isBroken = opening.database === 'broken'
  const open = (name: string, version?: number) => {
    if (isBroken) throw new Error('this browser keeps nothing')
    return globalThis.indexedDB.open(name, version)
  }
  const factory = indexedDB === undefined ? undefined : new Proxy(indexedDB, { get: () => open })
  return { ...device, indexedDB: factory, ...(opening.channel === 'none' ? { openChannel: () => undefined } : {}) }
}

function opened(): Outbox {
  if (outbox === undefined) throw new Error('open it first')
  return outbox
}

const till = {
  open: async (opening: Opening = {}): Promise<StoreState> => {
    const surroundings = surroundingsAt(opening.speed ?? 1)
    const { limits } = opening
    outbox = await createOutbox({ name: DATABASE, surroundings, device: deviceOf(opening), ...(limits && { limits }) })
    return outbox.state
  },
  add: (id: string, posReference = 'Order 1', text = ''): Promise<boolean> =>
    opened().add({ id, kind: 'snapshot', posReference, payload: { baseVersion: 1, snapshot: { text } } }),
  /** How the transactions stood that had written when an entry was said to be kept. */
  watchAdd: async (id: string): Promise<readonly string[]> => {
    const seen: { readonly durability: string; isComplete: boolean }[] = []
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (...what) {
      const opened = transaction.apply(this, what)
      const one = { durability: opened.durability, isComplete: false }
      opened.addEventListener('complete', () => {
        one.isComplete = true
      })
      if (opened.mode === 'readwrite') seen.push(one)
      return opened
    }
    await till.add(id)
    IDBDatabase.prototype.transaction = transaction
    return seen.map((one) => `${one.durability}, ${one.isComplete ? 'complete' : 'on its way'}`)
  },
  /** Many at once; each is said on the console as soon as it is kept. */
  flood: async (name: string, count: number): Promise<void> => {
    const add = async (id: string) =>
      (await till.add(id, 'Order 1', 'x'.repeat(2_000))) ? say(`kept ${id}`) : undefined
    await Promise.all(Array.from({ length: count }, (_, place) => add(`${name}-${place}`)))
  },
  /** Until not even a small entry has room. The texts are random, because browsers squeeze what they keep. */
  fill: async (): Promise<readonly string[]> => {
    for (const bytes of [50_000, 5_000, 500, 50, 5]) {
      const text = () => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16)).join('')
      for (let isRoom = true; isRoom; ) isRoom = await till.add(crypto.randomUUID(), 'Order 1', text())
    }
    return till.ids()
  },
  pay: (id: string): Promise<boolean> =>
    opened().add({ id, kind: 'finalize', posReference: 'Order 1', payload: { configId: 1, snapshot: {} } }),
  begin: (id: string, road: 'hub' | 'direct') => opened().begin(id, road),
  done: (id: string) => opened().done(id),
  refuse: (id: string) => opened().refuse(id, { code: 'MALFORMED', message: 'no' }),
  dismiss: (id: string) => opened().dismiss(id),
  entries: (): readonly OutboxEntry[] => opened().entries(),
  ids: (): readonly string[] =>
    opened()
      .entries()
      .map((entry) => entry.id),
  state: (): StoreState => opened().state,
  contend: (): void => {
    leave = opened().whileMine(
      () => {
        turns += 1
        isMine = true
      },
      () => {
        isMine = false
      },
    )
  },
  leave: (): void => leave(),
  isMine: (): boolean => isMine,
  turns: (): number => turns,
  show: (): void => shown(),
  close: (): void => opened().close(),
  repair: (): void => {
    isBroken = false
  },
  /** What a newer till would do with the database. `blocked`: somebody did not let go of it. */
  upgrade: (): Promise<'done' | 'blocked' | 'failed'> =>
    new Promise((resolve) => {
      const request = indexedDB.open(DATABASE, 2)
      request.onblocked = () => resolve('blocked')
      request.onerror = () => resolve('failed')
      request.onsuccess = () => resolve('done')
    }),
}

/** Goes to the test by the console of the page, which tells even what was said right before a crash. */
function say(text: string): void {
  Reflect.get(globalThis, 'console').info(text)
}

Object.assign(globalThis, { till })
export type Till = typeof till
