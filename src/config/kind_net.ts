import { type Kind, listOf, type Parsed, right, textual, wrong } from './kind.ts'

/** Kinds of the network: addresses to listen on, names and origins to let in, the address of Odoo. */

/** An address or name to listen on. */
export function hostName(): Kind<string> {
  return textual('HOST', (text) =>
    isHost(text) ? right(text) : wrong('it must be an IP address or a host name, without scheme, port or path'),
  )
}

/** Whether only programs of this machine can reach it: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  return isIpv4(host) ? host.startsWith('127.') : canonicalIpv6(host) === '[::1]'
}

/** An `Origin` header to let in, or `*` for all. */
export function origins(): Kind<readonly string[]> {
  const form = 'it must be * or like https://pos.example.com, with a scheme and without a path'
  return listOf('LIST', (text): Parsed<string> => {
    if (text === '*') return right(text)
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+$/i.test(text)) return wrong(form)
    if (!/^https?:/i.test(text)) return right(text.toLowerCase())
    // Browsers leave the standard port out and write names in lower case: so must what is compared with them.
    return URL.canParse(text) ? right(new URL(text).origin) : wrong(form)
  })
}

/** A name in the `Host` header to let in, or `*` for all; in lower case, without its port. */
export function hostNames(): Kind<readonly string[]> {
  return listOf('LIST', (text) => {
    if (text === '*' || isHost(text)) return right(text.toLowerCase())
    return wrong('it must be * or a host name, without scheme, port or path')
  })
}

/** An http address without a name and password in it; kept as browsers write it, without slashes at its end. */
export function webAddress(): Kind<string> {
  return textual('URL', (text) => {
    if (text.includes('@')) return wrong('it must not hold a user name or password: there are settings for those')
    if (!/^https?:\/\/[^\s?#]+$/i.test(text) || !URL.canParse(text)) {
      return wrong('it must be an address like https://odoo.example.com')
    }
    // Scheme and name in small letters: others look at how it begins.
    return right(new URL(text).href.replace(/\/+$/, ''))
  })
}

function isHost(text: string): boolean {
  if (text.length > 253) return false
  if (/^[0-9.]+$/.test(text)) return isIpv4(text)
  return text.includes(':') ? canonicalIpv6(text) !== null : /^[\w-]+(\.[\w-]+)*$/.test(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
}

function canonicalIpv6(text: string): string | null {
  const address = `http://[${text}]/`
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(address) ? new URL(address).hostname : null
}

/** The path of an address: it begins with a slash, and has no query. */
export function urlPath(): Kind<string> {
  return textual('PATH', (text) =>
    /^\/[\w./~-]*$/.test(text)
      ? right(text.replace(/\/+$/, ''))
      : wrong('it must be a path like /pos-api/v1, without a query'),
  )
}
