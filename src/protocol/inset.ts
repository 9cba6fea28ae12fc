import { Opaque } from './opaque.ts'
import { scanTopLevel } from './scan.ts'

/** A top-level field, and its value as JSON text. */
export type Inset = readonly [key: string, json: string]

/**
 * Sets top-level fields of a JSON object in its text: the value is replaced where the key stands (of a key that stands
 * twice the last one, which is the one that readers take), else the field is put in front. All other text stays as it
 * was: big integers, `__proto__` and the order of the keys.
 */
export function inset(object: Opaque, fields: readonly Inset[]): Opaque {
  const { extents } = scanTopLevel(
    object.json,
    fields.map(([key]) => key),
  )
  const found = fields.flatMap(([key, json]) => {
    const extent = extents.get(key)
    return extent === undefined ? [] : [{ extent, json }]
  })
  let text = object.json
  // From the back, so that what was measured in front still holds.
  for (const { extent, json } of found.sort((left, right) => right.extent[0] - left.extent[0]))
    text = `${text.slice(0, extent[0])}${json}${text.slice(extent[1])}`
  const missing = fields.filter(([key]) => !extents.has(key))
  return new Opaque(missing.length === 0 ? text : putInFront(text, missing))
}

function putInFront(text: string, fields: readonly Inset[]): string {
  const open = text.indexOf('{') + 1
  const rest = text.slice(open)
  const added = fields.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')
  return `${text.slice(0, open)}${added}${/^\s*\}/.test(rest) ? '' : ','}${rest}`
}
