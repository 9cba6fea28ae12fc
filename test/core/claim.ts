/** Something that must never be is: what, and where to look. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** Holds an invariant; cheaper than `expect` where it is asked a million times. */
export function claim(isTrue: boolean, what: () => string): asserts isTrue {
  if (!isTrue) throw new Violation(what())
}
