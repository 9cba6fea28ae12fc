import type { Token } from './reader.ts'

/** A breach of a rule: where, which rule, and what to do about it. */
export type Finding = {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly remedy: string
}

export function finding(path: string, at: Token | number, says: { rule: string; remedy: string }): Finding {
  return { path, line: typeof at === 'number' ? at : at.line, ...says }
}

/** One finding, one line, for the failure message. */
export function say(found: Finding): string {
  return `${found.path}:${found.line}: ${found.rule}. ${found.remedy}`
}
