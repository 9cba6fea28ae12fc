/**
 * What came of a call to Odoo.
 *
 * E1  An answer to a call that is not known any more changes nothing.
 * E2  A failure of the server stops all calls but one probe; a lost answer does so when it happens twice in a row.
 */
import type { OdooAnswered } from './command.ts'
import { forwardsAnswered } from './forward.ts'
import { MISSES_MAX } from './limits.ts'
import { looked, swept } from './look.ts'
import type { FinalizeAnswer, OdooAnswer, OdooFailure } from './odoo.ts'
import { createOutcome, type Outcome } from './outcome.ts'
import { askedMs, backoffMs, paidOf, rest, type Site, waitForSession } from './retry.ts'
import { judge, NO_LINES, type Paid, park, settle } from './settle.ts'
import type { Hub, Moment } from './state.ts'

export function answered(hub: Hub, command: OdooAnswered, moment: Moment): Outcome {
  const out = createOutcome()
  const call = hub.road.calls.get(command.call)
  if (call === undefined || call.what !== command.result.what) return out
  const { result, chance } = command
  const site: Site = { hub, moment, call, chance }
  out.changes.push({ kind: 'call_ended', call: call.id })
  if (result.what === 'probe') probed(out, site, result.answer.failure)
  else {
    heard(out, site, failureOf(result.answer))
    meant(out, site, result)
  }
  return out
}

function meant(out: Outcome, site: Site, result: Exclude<OdooAnswer, { readonly what: 'probe' }>): void {
  switch (result.what) {
    case 'finalize':
      return finalizeAnswered(out, site, result.answer)
    case 'batch':
      return forwardsAnswered(out, site, result.answer)
    case 'look':
      return looked(out, site, result.answer)
    case 'sweep':
      return swept(out, site, result.answer)
  }
}

function failureOf(answer: { readonly kind: string; readonly failure?: OdooFailure }): OdooFailure | null {
  return answer.failure ?? null
}

function probed(out: Outcome, { hub, moment, chance }: Site, failure: OdooFailure | null): void {
  const { now, wall } = moment
  const { road, odoo } = hub
  if (failure !== null) {
    const probes = road.probes + 1
    const probeAt = now + Math.max(backoffMs(probes, chance), askedMs(failure))
    const { code, text } = failure
    const isNews = odoo === 'online' || road.trouble?.code !== code
    const trouble = { code, text, since: odoo === 'online' ? wall : (road.trouble?.since ?? wall) }
    out.changes.push({ kind: 'road_set', values: { probeAt, probes, trouble }, odoo: 'offline' })
    if (isNews) out.effects.push({ kind: 'note', event: 'Odoo is away', fields: { code, text } })
    return
  }
  const values = { probeAt: null, probes: 0, misses: 0, heardAt: now, trouble: null }
  out.changes.push({ kind: 'road_set', values, odoo: 'online' })
  if (odoo === 'online') return
  // It may be another version now, with other abilities.
  out.changes.push({ kind: 'odoo_back', now }, { kind: 'road_set', values: { sweepAt: now, canLook: true } })
  out.effects.push({ kind: 'note', event: 'Odoo answers', fields: {} })
}

/** [E2] */
function heard(out: Outcome, { hub, moment }: Site, failure: OdooFailure | null): void {
  const { road } = hub
  const { now } = moment
  if (failure === null || (failure.scope === 'call' && failure.kind !== 'ambiguous')) {
    out.changes.push({ kind: 'road_set', values: { heardAt: now, misses: 0 } })
    return
  }
  const misses = failure.kind === 'ambiguous' ? road.misses + 1 : MISSES_MAX
  out.changes.push({ kind: 'road_set', values: { misses } })
  if (misses < MISSES_MAX || road.probeAt !== null) return
  out.changes.push({ kind: 'road_set', values: { probeAt: now + askedMs(failure) } })
}

function finalizeAnswered(out: Outcome, site: Site, answer: FinalizeAnswer): void {
  const paid = paidOf(site)
  if (paid === null) return
  const { configId } = paid.item.row
  // A definite answer of the add-on, a refusal too: there is a session to sell in.
  const isDefinite = answer.kind !== 'failed' || answer.failure.kind === 'refused'
  const lane = { notBefore: Number.NEGATIVE_INFINITY, waits: 0 }
  if (isDefinite) out.changes.push({ kind: 'lane_timed', configId, times: lane })
  if (answer.kind === 'failed') return failed(out, site, paid, answer.failure)
  switch (answer.kind) {
    case 'made': {
      const { orderId, lineIdMap, fiscal, created } = answer
      const tellsCreated = created !== null
      if (tellsCreated !== site.hub.road.tellsCreated) out.changes.push({ kind: 'add_on_known', tellsCreated })
      return settle(out, site, paid, { orderId, lineIdMap, fiscal })
    }
    case 'conflict':
      return park(out, site, paid, { text: answer.text, theirs: answer.theirs })
    case 'no_order':
      return judge(out, site, paid, { code: 'PARKED', text: answer.text, theirs: answer.theirs })
  }
}

function failed(out: Outcome, site: Site, paid: Paid, failure: OdooFailure): void {
  const { code, text } = failure
  const { foundId } = paid.item
  // Odoo has it: that it does not tell more of it just now makes it no less paid.
  if (foundId !== null && failure.kind === 'waiting') {
    return settle(out, site, paid, { orderId: foundId, lineIdMap: NO_LINES, fiscal: null })
  }
  if (failure.kind === 'refused') {
    const refusal = code === 'CLIENT_OUTDATED' ? code : 'ODOO_REFUSED'
    return judge(out, site, paid, { code: refusal, text, theirs: null })
  }
  if (failure.kind === 'waiting') waitForSession(out, site, paid, failure)
  rest(out, site, paid, failure)
}
