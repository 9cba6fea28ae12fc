/**
 * Tokens that Odoo found good.
 *
 * K1  A "yes" is remembered by the token's digest, a "no" forgets it; the oldest check is forgotten first.
 */
import type { Command } from './command.ts'
import { TOKENS_KNOWN_MAX } from './limits.ts'
import { createOutcome, type Outcome } from './outcome.ts'
import type { Hub } from './state.ts'

export function tokenChecked(hub: Hub, command: Extract<Command, { kind: 'token_checked' }>): Outcome {
  const out = createOutcome()
  const { digest, token } = command
  const isKnown = hub.signIns.has(digest)
  if (token === null) {
    if (isKnown) out.changes.push({ kind: 'token_forgotten', digest })
    return out
  }
  const [oldest] = hub.signIns.keys()
  if (!isKnown && oldest !== undefined && hub.signIns.size >= TOKENS_KNOWN_MAX) {
    out.changes.push({ kind: 'token_forgotten', digest: oldest })
  }
  out.changes.push({ kind: 'token_kept', token })
  return out
}
