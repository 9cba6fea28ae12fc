import { createDemoOdoo, type DemoOdoo, type DemoOptions } from '../../src/demo/mod.ts'

/** Callers of the stand-in for tests: by its `fetch`, or by a server's address. */

export const ACCESS = {
  password: 'secret-of-admin',
  apiKey: 'key-of-admin',
  staffPassword: 'secret-of-staff',
  tokenSecret: 'signs-tokens-0123456789-0123456789',
} as const

export type Heard = {
  /** 0: the connection dropped. */
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly text: string
  /** Undefined where the body is not JSON. */
  readonly body: unknown
}

export type Stand = {
  readonly odoo: DemoOdoo
  /** The stand-in's clock, in milliseconds since 1970; it moves only by hand and by sleeping. */
  readonly clock: { now: number }
  post(path: string, body: unknown, headers?: { readonly [name: string]: string }): Promise<Heard>
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Heard>
}

export const NOON = Date.UTC(2026, 10, 22, 12)

/** Sleeping takes no time but that of the stand-in's clock. */
export function createStand(options: Partial<DemoOptions> = {}): Stand {
  const clock = { now: NOON }
  const sleep = (ms: number) => {
    clock.now += ms
    return Promise.resolve()
  }
  const odoo = createDemoOdoo({ ...ACCESS, seed: 7, now: () => clock.now, sleep, ...options })
  const ask = async (path: string, init: RequestInit) => {
    const answer = await odoo.fetch(new Request(`http://odoo.test${path}`, init))
    if (answer.kind === 'drop') return { status: 0, headers: {}, text: '', body: undefined }
    return { status: answer.status, headers: answer.headers, text: answer.body, body: parse(answer.body) }
  }
  return {
    odoo,
    clock,
    post: (path, body, headers = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return ask(path, { method: 'POST', body: text, headers: { 'Content-Type': 'application/json', ...headers } })
    },
    get: (path, headers = {}) => ask(path, { headers }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The body of a JSON-RPC call to a model, as the user admin. */
export function rpc(method: string, args: readonly unknown[], more: RpcMore = {}): object {
  const { model = 'pos.order', kwargs = {}, uid = 2, password = ACCESS.password } = more
  const all = ['demo', uid, password, model, method, args, kwargs]
  return { jsonrpc: '2.0', method: 'call', id: 1, params: { service: 'object', method: 'execute_kw', args: all } }
}

type RpcMore = {
  readonly model?: string
  readonly kwargs?: object
  readonly uid?: number
  readonly password?: string
}

export function rpcCommon(service: string, method: string, args: readonly unknown[]): object {
  return { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } }
}

/** Makes the order of a paid snapshot by `/jsonrpc`, and gives the add-on's answer. */
export async function finalize(stand: Pick<Stand, 'post'>, snapshot: unknown): Promise<unknown> {
  const { body } = await stand.post('/jsonrpc', rpc('hub_finalize_snapshot', [snapshot]))
  return resultOf(body)
}

export function resultOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'result' in body ? body.result : undefined
}

/** Reads along a path of keys; undefined where it ends. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let found: unknown = value
  for (const key of keys) {
    found =
      typeof found === 'object' && found !== null
        ? Object.entries(found).find(([name]) => name === key)?.[1]
        : undefined
  }
  return found
}

export const BEARER = { Authorization: `bearer ${ACCESS.apiKey}` }

export const SALE = {
  posReference: 'Order 00001-001-0001',
  configId: 1,
  lines: [{ id: 'L1', productId: 5, qty: 2, priceUnit: 50 }],
  payments: [{ method: 'cash', amount: 100 }],
  totals: { total: 100 },
}

export function saleOf(posReference: string): typeof SALE {
  return { ...SALE, posReference }
}
