/** What a setting's value may be: how it is read from text and from JSON, and how it is shown again. */

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

export interface Kind<T> {
  /** Stands for the value in the help: `--http-port PORT`. */
  readonly placeholder: string
  /** A flag of this kind may stand alone. */
  readonly isBoolean: boolean
  /** From a flag or the environment. */
  fromText(text: string): Parsed<T>
  /** From the JSON file, where a number is a number. */
  fromJson(value: unknown): Parsed<T>
  /** As it would be written in the environment. */
  print(value: T): string
}

/** Longer than the longest sensible list; keeps the work on a hostile environment small. */
export const VALUE_CHARACTERS_MAX = 16_384

/** More than a shop has tills, names and origins together. */
export const LIST_ENTRIES_MAX = 1_000

export function right<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function wrong(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}

/** In the place of what is not shown. */
export const MASK = '********'

/**
 * A refused value as it may stand in a sentence: quoted, so that blanks and line ends show, and cut. With an @ in it,
 * it may be an address that holds a password.
 */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'a JSON array'
  if (typeof value === 'object' && value !== null) return 'a JSON object'
  const text = JSON.stringify(value) ?? String(value)
  if (text.includes('@')) return MASK
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}

/** A kind whose JSON form is a string that reads like the text. */
export function textual<T>(
  placeholder: string,
  fromText: (text: string) => Parsed<T>,
  print: (value: T) => string = String,
): Kind<T> {
  const bounded = (text: string): Parsed<T> => {
    if (text === '') return wrong('it must not be empty')
    if (text.length > VALUE_CHARACTERS_MAX) return wrong(`it must be at most ${VALUE_CHARACTERS_MAX} characters long`)
    return fromText(text)
  }
  const fromJson = (value: unknown) => (typeof value === 'string' ? bounded(value) : wrong('it must be a JSON string'))
  return { placeholder, isBoolean: false, fromText: bounded, fromJson, print }
}

/** A whole number, strictly: "8766x", "1e3", "+1", " 1", "007" and 2^60 are not. */
export function whole(placeholder: string, min: number, max: number): Kind<number> {
  const form = `it must be a whole number from ${min} to ${max}`
  const fromJson = (value: unknown): Parsed<number> => {
    if (typeof value === 'string') return wrong(`${form}, without quotes`)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrong(form)
    return value >= min && value <= max ? right(value) : wrong(form)
  }
  const fromText = (text: string) => (/^(0|[1-9][0-9]{0,15})$/.test(text) ? fromJson(Number(text)) : wrong(form))
  return { placeholder, isBoolean: false, fromText, fromJson, print: String }
}

export function port(): Kind<number> {
  return whole('PORT', 0, 65_535)
}

/** Milliseconds. */
export function duration(minMs: number, maxMs: number): Kind<number> {
  return whole('MS', minMs, maxMs)
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
])

/** `true` or `false`; what people write in its place (1, 0, yes, no, on, off) is understood. */
export function truth(): Kind<boolean> {
  const form = 'it must be true or false'
  return {
    placeholder: 'true|false',
    isBoolean: true,
    fromText: (text) => {
      const value = TRUTHS.get(text.toLowerCase())
      return value === undefined ? wrong(form) : right(value)
    },
    fromJson: (value) => (typeof value === 'boolean' ? right(value) : wrong(`${form}, without quotes`)),
    print: String,
  }
}

export function choice<const T extends string>(...choices: readonly T[]): Kind<T> {
  return textual(choices.join('|'), (text) => {
    const found = choices.find((one) => one === text)
    return found === undefined ? wrong(`it must be one of ${choices.join(', ')}`) : right(found)
  })
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

export function freeText(placeholder = 'TEXT'): Kind<string> {
  return textual(placeholder, (text) =>
    hasControlCharacter(text) ? wrong('it must be one line without control characters') : right(text),
  )
}

/** For a setting that has no effect: whatever it says, it is no reason to refuse to start. */
export function unused(placeholder: string): Kind<string> {
  const fromText = (text: string): Parsed<string> => right(text)
  return { placeholder, isBoolean: false, fromText, fromJson: (value) => right(JSON.stringify(value)), print: String }
}

/** The path of a file, as given: the porch knows what it is relative to. */
export function filePath(): Kind<string> {
  return textual('FILE', (text) => {
    if (hasControlCharacter(text)) return wrong('it must be one line without control characters')
    if (/[/\\]\.{0,2}$|^\.{1,2}$/.test(text)) return wrong('it names a folder; give the path of a file')
    return right(text)
  })
}

/** Text that is never shown. */
export function secretText(charactersMin: number): Kind<string> {
  return textual('SECRET', (text) => {
    if (text.length < charactersMin) return wrong(`it must be at least ${charactersMin} characters long`)
    return text.isWellFormed() ? right(text) : wrong('it must be well-formed Unicode')
  })
}

/** Separated by commas in text, an array of strings in JSON. */
export function listOf(placeholder: string, entry: (text: string) => Parsed<string>): Kind<readonly string[]> {
  const readAll = (texts: readonly string[]): Parsed<readonly string[]> => {
    if (texts.length > LIST_ENTRIES_MAX) return wrong(`it must have at most ${LIST_ENTRIES_MAX} entries`)
    const values = new Set<string>()
    for (const text of texts) {
      const parsed = entry(text)
      if (!parsed.ok) return wrong(`its entry ${quote(text)} is wrong: ${parsed.why}`)
      values.add(parsed.value)
    }
    return right([...values])
  }
  return {
    ...textual(placeholder, (text) => readAll(text.split(',').map((one) => one.trim()))),
    fromJson: (value) => (isTexts(value) ? readAll(value) : wrong('it must be a JSON array of strings')),
    print: (values) => values.join(','),
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
