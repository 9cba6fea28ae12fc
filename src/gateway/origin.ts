/**
 * Which pages may speak with the hub. A browser sends the page's `Origin`; a page of a stranger must not reach the hub
 * through a waiter's browser, and a stranger's name that is made to point at the hub (DNS rebinding) shows in `Host`.
 */
export type OriginPolicy = {
  /** Further origins; `*` for all. */
  readonly origins: readonly string[]
  /** Further host names; `*` for all. */
  readonly hosts: readonly string[]
  /** Of `ODOO_URL`: the page of the point of sale comes from there. */
  readonly odooOrigin: string | null
  /** Names of this machine. */
  readonly ownNames: readonly string[]
}

const APP_ORIGINS: readonly string[] = ['tauri://localhost', 'http://tauri.localhost', 'https://tauri.localhost']

/** Why a request is refused, for its answer; null if it may go on. `origin` and `host` are the headers. */
export function whyRefused(policy: OriginPolicy, origin: string | null, host: string | null): string | null {
  if (!isHostAllowed(policy, host)) {
    return `The hub does not answer under the name ${quote(host)}. If it is right, add it to HUB_HOSTS.`
  }
  if (!isOriginAllowed(policy, origin, host)) {
    return `Pages from ${quote(origin)} may not speak with the hub. If it is right, add it to HUB_ORIGINS.`
  }
  return null
}

function isHostAllowed(policy: OriginPolicy, host: string | null): boolean {
  if (policy.hosts.includes('*')) return true
  if (host === null) return false
  const name = hostName(host)
  return (
    name !== null &&
    (isNear(name) || policy.ownNames.includes(name) || policy.hosts.some((other) => other === name || other === host))
  )
}

function isOriginAllowed(policy: OriginPolicy, origin: string | null, host: string | null): boolean {
  if (origin === null || policy.origins.includes('*') || policy.origins.includes(origin)) return true
  if (APP_ORIGINS.includes(origin) || origin === policy.odooOrigin) return true
  const url = parse(origin)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false
  return url.host === host?.toLowerCase() || isNear(url.hostname)
}

/** A name or address that only this machine or its own network can have. */
function isNear(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name.endsWith('.local') || isPrivateAddress(name)
}

/** Loopback, link-local, private and shared (carrier and overlay) addresses, v4 and v6. */
export function isPrivateAddress(name: string): boolean {
  const bare = plainV4(name.replace(/^\[|\]$/g, ''))
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(bare)
  if (v4 !== null) return isPrivateV4(Number(v4[1]), Number(v4[2]))
  return bare.includes(':') && (bare === '::1' || /^f[cd][0-9a-f]{2}:/i.test(bare) || /^fe[89ab][0-9a-f]:/i.test(bare))
}

/** An IPv4 address inside an IPv6 one, which URLs write in hexadecimal: `::ffff:c0a8:114`. */
function plainV4(address: string): string {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address)
  if (mapped === null) return address.replace(/^::ffff:(?=\d+\.)/i, '')
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function isPrivateV4(first: number, second: number): boolean {
  if (first === 10 || first === 127) return true
  if (first === 172) return second >= 16 && second <= 31
  if (first === 100) return second >= 64 && second <= 127
  return (first === 192 && second === 168) || (first === 169 && second === 254)
}

function hostName(host: string): string | null {
  return parse(`http://${host}`)?.hostname ?? null
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null
}

function quote(header: string | null): string {
  return JSON.stringify((header ?? '').slice(0, 200))
}
