/** The words about order leases: what holders, losers and those who ask in vain are told. */
import { ERRORS, type ErrorCode, type MsgId, type Opaque, type PosReference } from '../protocol/mod.ts'
import { type Asker, endGrant, holderName, isHolder, noteDenied } from './grant.ts'
import { type Outcome, tell } from './outcome.ts'
import { type Grant, orderOf } from './state.ts'

/** Takes a lease from its holder and tells it why, with what is stored now. */
export function revokeLease(out: Outcome, asker: Asker, lease: Grant, why: Revocation): void {
  endGrant(out, asker.hub, asker.group, lease)
  tellRevoked(out, asker, lease, why)
}

export type Revocation = {
  readonly reason: string
  /** What is stored by this very command; else what was stored before it. */
  readonly snapshot?: Opaque
}

export function tellRevoked(out: Outcome, where: Pick<Asker, 'hub' | 'group'>, lease: Grant, why: Revocation): void {
  const { reason } = why
  const posReference = lease.key as PosReference
  const snapshot = why.snapshot ?? orderOf(where.group, posReference)?.snapshot
  const words = { type: 'LEASE_REVOKED', posReference, reason } as const
  tell(out, where.hub.terminals.get(lease.holder), snapshot === undefined ? words : { ...words, snapshot })
}

export type Denial = {
  readonly code: ErrorCode
  readonly reason: string
  /** Whose grant stands in the way; nobody's where it is missing. */
  readonly grant?: Grant
  readonly msgId?: MsgId
}

export function denyLease(out: Outcome, asker: Asker, posReference: PosReference, denial: Denial): void {
  const { hub, terminal } = asker
  const { code, reason, grant, msgId } = denial
  if (grant?.kind === 'lease' && grant.holder !== terminal.terminalId) noteDenied(out, asker, grant)
  const holder = grant?.holder ?? ''
  const name = grant === undefined ? '' : holderName(hub, grant)
  const words = { type: 'LEASE_DENIED', posReference, holder, holderName: name, reason, code } as const
  tell(out, terminal, msgId === undefined ? words : { ...words, msgId })
}

/** Why a write without a good lease is refused ([L2], [G1]). */
export function noLease(asker: Asker, lease: Grant | undefined, msgId?: MsgId): Denial {
  const told = msgId === undefined ? {} : { msgId }
  if (lease === undefined) return { code: 'NO_LEASE', reason: ERRORS.NO_LEASE.meaning, ...told }
  if (isHolder(lease, asker.terminal))
    return { code: 'STALE_FENCE', reason: ERRORS.STALE_FENCE.meaning, grant: lease, ...told }
  return { code: 'LEASE_HELD', reason: `Held by ${holderName(asker.hub, lease)}`, grant: lease, ...told }
}
