/** A broken assertion: something that cannot be, is. Nobody catches it; the porch logs it and ends with code 70. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Broken(what)
}

/** For switches that must name every kind: the compiler proves that this is never reached. */
export function never(value: never): never {
  throw new Broken(`no branch for ${JSON.stringify(value)}`)
}
