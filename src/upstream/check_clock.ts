import type { Ms } from '../protocol/mod.ts'
import { type Finding, fine, skipped, warning } from './check_step.ts'
import type { HttpReply } from './http.ts'

/** Further apart than this, sign-ins may end too early and days begin at different moments. */
const APART_MAX_MS = 60_000

/** Compares the server's clock, as the `Date` of an answer shows it, with `wall`, the hub's when that answer came. */
export function judgeClocks(reply: HttpReply, wall: Ms): Finding {
  const shown = Date.parse(reply.headers.get('date') ?? '')
  if (Number.isNaN(shown))
    return skipped({ en: 'The server does not show its clock.', es: 'El servidor no muestra su reloj.' })
  const aheadMs = wall - shown
  const amount = printAmount(Math.abs(aheadMs))
  if (Math.abs(aheadMs) <= APART_MAX_MS) {
    return fine({ en: 'Hub and server show the same time.', es: 'El hub y el servidor muestran la misma hora.' })
  }
  const found =
    aheadMs > 0
      ? {
          en: `The clock of the hub is ${amount} ahead of the server's.`,
          es: `El reloj del hub va ${amount} adelantado respecto al del servidor.`,
        }
      : {
          en: `The clock of the hub is ${amount} behind the server's.`,
          es: `El reloj del hub va ${amount} atrasado respecto al del servidor.`,
        }
  return warning(found, {
    en: 'See that automatic time (NTP) is on, first on this machine (timedatectl set-ntp true), then on the server. Time zones play no part.',
    es: 'Compruebe que la hora automática (NTP) está activada, primero en este equipo (timedatectl set-ntp true) y después en el servidor. Las zonas horarias no influyen.',
  })
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** The two largest units, which both languages write alike: `2 h 5 min`. */
function printAmount(ms: Ms): string {
  let seconds = Math.round(ms / 1_000)
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    if (seconds >= size) parts.push(`${Math.floor(seconds / size)} ${unit}`)
    seconds %= size
  }
  return parts.slice(0, 2).join(' ')
}
