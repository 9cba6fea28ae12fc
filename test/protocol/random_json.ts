import type { Random } from '../support/random.ts'

/** JSON as text, with everything that the grammar allows: any blanks, any escapes, keys that stand twice. */

const KEYS = [
  'snapshot',
  'finalSnapshot',
  'tables',
  'type',
  '__proto__',
  'a',
  '',
  'ñ🍕',
  'constructor',
  '"',
  '\\',
  '}{',
]
const NUMBERS = [
  '0',
  '-0',
  '7',
  '-1.5',
  '1e3',
  '2E-7',
  '9007199254740991',
  '9007199254740993',
  '123456789012345678901234567890',
]
const TEXTS = [
  '',
  'a',
  '"',
  '\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\u0000',
  'ñ',
  '日本',
  '🍕',
  '\ud83c',
  '\u2028',
  '/',
]
const BLANKS = ['', '', '', ' ', '\n', '\t', '\r\n', '   ']

function blank(random: Random): string {
  return one(random, BLANKS)
}

function one(random: Random, list: readonly string[]): string {
  return list[random.below(list.length)] ?? ''
}

/** Any JSON value as text, at most `depth` levels deep, without blanks around it. */
export function randomJson(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 9 : 5)
  if (kind === 0) return one(random, ['null', 'true', 'false'])
  if (kind <= 2) return one(random, NUMBERS)
  if (kind <= 4) return randomString(random, `${one(random, TEXTS)}${one(random, TEXTS)}${one(random, TEXTS)}`)
  const length = random.below(5)
  if (kind <= 6)
    return bracketed(
      random,
      '[]',
      Array.from({ length }, () => randomJson(random, depth - 1)),
    )
  return bracketed(
    random,
    '{}',
    Array.from({ length }, () => randomMember(random, depth).text),
  )
}

/** An object as text, and the text of each member's value; of a key that stands twice, the last. */
export function randomObject(random: Random): { readonly text: string; readonly members: ReadonlyMap<string, string> } {
  const members = Array.from({ length: random.below(7) }, () => randomMember(random, 5))
  return {
    text: `${blank(random)}${bracketed(
      random,
      '{}',
      members.map((member) => member.text),
    )}${blank(random)}`,
    members: new Map(members.map((member) => [member.key, member.value])),
  }
}

function randomMember(
  random: Random,
  depth: number,
): { readonly key: string; readonly value: string; readonly text: string } {
  const key = one(random, KEYS)
  const value = randomJson(random, depth - 1)
  return { key, value, text: `${randomString(random, key)}${blank(random)}:${blank(random)}${value}` }
}

function bracketed(random: Random, brackets: string, parts: readonly string[]): string {
  const inner = parts.map((part) => `${blank(random)}${part}${blank(random)}`).join(',')
  return `${brackets[0]}${inner}${blank(random)}${brackets[1]}`
}

/** A string as JSON may write it: every character plain, where it may be, or as an escape. */
function randomString(random: Random, text: string): string {
  const characters = Array.from(text, (character) => {
    const isPlain = character >= ' ' && !'"\\'.includes(character) && character.isWellFormed()
    if (isPlain && random.below(4) > 0) return character
    if ('"\\/'.includes(character) && random.below(2) > 0) return `\\${character}`
    return Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join('')
  })
  return `"${characters.join('')}"`
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
