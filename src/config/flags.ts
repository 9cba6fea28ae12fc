import { quote } from './kind.ts'
import { nearestName } from './nearest.ts'

/** A flag that may be given: its name without dashes, and what stands behind it. */
export type FlagShape = {
  readonly name: string
  /** `boolean`: `--x`, `--x=false` or `--no-x`. `nothing`: only `--x`. */
  readonly takes: 'value' | 'boolean' | 'nothing'
  readonly isSecret?: boolean
}

/** What was given, each flag at most once; and everything that is wrong with how it was given. */
export type Flags = {
  readonly values: ReadonlyMap<string, string>
  /** What stands there without a flag, where the verb takes that. */
  readonly words: readonly string[]
  readonly problems: readonly string[]
}

/** More than anybody types; the rest is one problem, not thousands. */
const ARGUMENTS_MAX = 1_000

/**
 * Reads what stands behind the verb; at most `wordsMax` of it may stand without a flag. Values are not judged here,
 * except that one must be there.
 */
export function readFlags(argv: readonly string[], shapes: readonly FlagShape[], { wordsMax = 0 } = {}): Flags {
  const reader = new Reader(argv.slice(0, ARGUMENTS_MAX), shapes, wordsMax)
  if (argv.length > ARGUMENTS_MAX) reader.problems.push(`There are more than ${ARGUMENTS_MAX} arguments.`)
  reader.readAll()
  return { values: reader.values, words: reader.words, problems: reader.problems }
}

class Reader {
  readonly values = new Map<string, string>()
  readonly problems: string[] = []
  readonly words: string[] = []
  readonly #wordsMax: number
  readonly #argv: readonly string[]
  readonly #shapes: ReadonlyMap<string, FlagShape>
  #at = 0
  /** A stray word behind a secret or an unknown flag may be a part of a secret: "my pass phrase". */
  #mayShowStray = true

  constructor(argv: readonly string[], shapes: readonly FlagShape[], wordsMax: number) {
    this.#argv = argv
    this.#wordsMax = wordsMax
    this.#shapes = new Map(shapes.map((shape) => [shape.name, shape]))
  }

  readAll(): void {
    for (;;) {
      const word = this.#argv[this.#at++]
      if (word === undefined) return
      if (word === '--' && this.#wordsMax > 0) return this.#words()
      if (/^-[^-]|^--./.test(word)) this.#flag(word)
      else if (this.words.length < this.#wordsMax) this.words.push(word)
      else this.problems.push(this.#strayProblem(word))
    }
  }

  /** Behind `--` nothing is a flag: a reference may begin with a hyphen. */
  #words(): void {
    for (const word of this.#argv.slice(this.#at)) {
      if (this.words.length < this.#wordsMax) this.words.push(word)
      else this.problems.push(this.#strayProblem(word))
    }
  }

  #strayProblem(word: string): string {
    const shown = this.#mayShowStray ? `the argument ${quote(word)}` : 'an argument (not shown: it may be a secret)'
    return `Nothing takes ${shown}: a value stands right behind its flag or after =, with quotes around blanks; true and false only after =.`
  }

  #flag(word: string): void {
    const equals = word.indexOf('=')
    const written = equals < 0 ? word : word.slice(0, equals)
    const text = equals < 0 ? undefined : word.slice(equals + 1)
    const shape = this.#shapeOf(written, '--')
    const negated = shape === undefined ? this.#shapeOf(written, '--no-') : undefined
    this.#mayShowStray = (shape ?? negated) !== undefined && shape?.isSecret !== true
    if (shape !== undefined) this.#known(shape, text)
    else if (negated?.takes === 'boolean') this.#negated(negated, text)
    else this.#unknown(written, text)
  }

  #shapeOf(written: string, before: string): FlagShape | undefined {
    return written.startsWith(before) ? this.#shapes.get(written.slice(before.length)) : undefined
  }

  #known(shape: FlagShape, text: string | undefined): void {
    if (shape.takes === 'value') this.#keep(shape, text ?? this.#nextValue())
    else if (shape.takes === 'boolean') this.#keep(shape, text ?? 'true')
    else if (text === undefined) this.#keep(shape, 'true')
    else this.problems.push(`--${shape.name} takes no value; write it alone.`)
  }

  #negated(shape: FlagShape, text: string | undefined): void {
    if (text === undefined) this.#keep(shape, 'false')
    else this.problems.push(`--no-${shape.name} takes no value; write it alone, or --${shape.name}=true.`)
  }

  #keep(shape: FlagShape, text: string | undefined): void {
    if (text === undefined || text === '') {
      this.problems.push(`--${shape.name} has no value; write --${shape.name}=VALUE, or leave it out.`)
    } else if (this.values.has(shape.name)) {
      this.problems.push(
        `--${shape.name} is given twice; give it once${shape.takes === 'value' ? ' (lists take commas)' : ''}.`,
      )
    } else this.values.set(shape.name, text)
  }

  /** The next word, unless it is a flag: `-1` is a (wrong) value, `--x` is not. */
  #nextValue(): string | undefined {
    const next = this.#argv[this.#at]
    if (next === undefined || next.startsWith('--')) return undefined
    this.#at++
    return next
  }

  #unknown(written: string, text: string | undefined): void {
    const negations = [...this.#shapes.values()]
      .filter((shape) => shape.takes === 'boolean')
      .map(({ name }) => `no-${name}`)
    const names = [...this.#shapes.keys(), ...(written.startsWith('--no-') ? negations : [])]
    const near = nearestName(written, names)
    const advice = near === null ? '--help lists those there are.' : `did you mean --${near}?`
    this.problems.push(`There is no flag ${quote(written).slice(1, -1)}; ${advice}`)
    // What follows was most likely meant as its value: one slip, one problem.
    if (text === undefined && this.#argv[this.#at]?.startsWith('-') === false) this.#at++
  }
}
