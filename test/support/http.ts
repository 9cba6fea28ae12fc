import { RawSocket } from './raw_socket.ts'
import { type Until, until } from './wait.ts'

export type Answer = { readonly status: number; readonly body: unknown }

/** One GET whose answer is JSON, or nothing. */
export async function get(url: string, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
  const response = await fetch(url, { headers })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

/** The hub answers `/readyz` with this status. */
export function untilReadyIs(http: string, status: 200 | 503, options: Partial<Until> = {}): Promise<void> {
  const what = `/readyz of the hub answers ${status}`
  return until(async () => (await get(`${http}/readyz`)).status === status, { what, ...options })
}

/** What the hub answers to an upgrade with these headers: 101, or something else. */
export async function upgradeStatus(port: number, headers: { readonly [name: string]: string }): Promise<number> {
  const raw = await RawSocket.open(port, { headers })
  const { status } = raw
  if (status === 101) await raw.drop()
  return status
}
