import { type Kind, LIST_ENTRIES_MAX, type Parsed, quote, right, textual, wrong } from './kind.ts'

/** Kinds of the shop: its groups of points of sale, its business day, its time zone. */

/** `pos.config` id to the name of its group. */
export type Groups = ReadonlyMap<number, string>

/** Minutes since midnight, 0 to 1439. */
export type MinutesOfDay = number

/** `main=1,2,3;terrace=4`. */
export function groups(): Kind<Groups> {
  return textual('GROUPS', readGroups, printGroups)
}

function readGroups(text: string): Parsed<Groups> {
  const found = new Map<number, string>()
  const names = new Set<string>()
  for (const part of text.split(';')) {
    const [, name, ids] = /^\s*([\w-]{1,64})\s*=([\d,\s]+)$/.exec(part) ?? []
    if (name === undefined || ids === undefined) {
      return wrong(`${quote(part.trim())} is not like main=1,2,3 (groups are separated by ;)`)
    }
    if (names.has(name)) return wrong(`the group ${quote(name)} stands in it twice`)
    names.add(name)
    const why = addIds(found, name, ids)
    if (why !== null) return wrong(why)
  }
  return found.size > LIST_ENTRIES_MAX ? wrong(`it must have at most ${LIST_ENTRIES_MAX} configurations`) : right(found)
}

function addIds(found: Map<number, string>, name: string, ids: string): string | null {
  for (const text of ids.split(',').map((one) => one.trim())) {
    const id = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(id)) return `${quote(text)} in the group ${quote(name)} is not a configuration id`
    const other = found.get(id)
    if (other === name) return `configuration ${id} stands in the group ${quote(name)} twice`
    if (other !== undefined) return `configuration ${id} is in two groups, ${quote(other)} and ${quote(name)}`
    found.set(id, name)
  }
  return null
}

function printGroups(value: Groups): string {
  const lists = new Map<string, number[]>()
  for (const [id, name] of value) lists.set(name, [...(lists.get(name) ?? []), id])
  return [...lists].map(([name, ids]) => `${name}=${ids.join(',')}`).join(';')
}

/** `05:00`. */
export function timeOfDay(): Kind<MinutesOfDay> {
  return textual('HH:MM', readTimeOfDay, printTimeOfDay)
}

function readTimeOfDay(text: string): Parsed<MinutesOfDay> {
  const [, hours, minutes] = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text) ?? []
  if (hours === undefined || minutes === undefined) return wrong('it must be a time from 00:00 to 23:59, like 05:00')
  return right(Number(hours) * 60 + Number(minutes))
}

function printTimeOfDay(value: MinutesOfDay): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(Math.floor(value / 60))}:${two(value % 60)}`
}

/** A name like Europe/Madrid. A plain offset is refused: it would be an hour wrong for half the year. */
export function timeZone(): Kind<string> {
  return textual('ZONE', (text) =>
    isTimeZone(text) ? right(text) : wrong('it must be the name of a time zone, like Europe/Madrid'),
  )
}

function isTimeZone(text: string): boolean {
  if (!/^[a-z]/i.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

/** The zone of the machine; UTC where the machine does not know. */
export function systemTimeZone(): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return isTimeZone(zone) ? zone : 'UTC'
}
