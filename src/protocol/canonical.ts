import { isJsonObject } from './opaque.ts'

/**
 * Whether two JSON texts hold the same value: key order, spaces and the spelling of numbers do not count. Used where
 * two terminals paid one order, to tell a repetition from a second payment.
 */
export function sameJson(left: string, right: string): boolean {
  return left === right || canonical(JSON.parse(left)) === canonical(JSON.parse(right))
}

/**
 * JSON with sorted keys; a number too large for a double is spelled `Infinity`, where JSON would say `null` and two
 * payments would look the same. Frames nest at most `DEPTH_MAX` deep, so the recursion is bounded.
 */
export function canonical(value: unknown): string {
  if (value === Infinity || value === -Infinity) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null'
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${fields.join(',')}}`
}
