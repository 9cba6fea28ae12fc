import type { OdooFailure } from '../core/odoo.ts'
import { readBatch } from './answer.ts'
import { harmless } from './failure.ts'
import type { Way } from './way.ts'

/**
 * The cheapest call that needs a sign-in. Chosen: a batch without orders, on every way, because it shows what the next
 * real call will meet: the address, the database, the user, and whether the add-on is there. Any answer of the add-on
 * will do, a refusal too: null says that Odoo is there.
 */
export async function probe(way: Way): Promise<OdooFailure | null> {
  const answer = await way.batch('[]')
  if (!answer.ok) return isAway(answer.failure) || answer.failure.kind === 'ambiguous' ? harmless(answer.failure) : null
  const read = readBatch(answer.json, new Set())
  return read.kind === 'failed' && isAway(read.failure) ? harmless(read.failure) : null
}

function isAway({ scope }: OdooFailure): boolean {
  return scope === 'server'
}
