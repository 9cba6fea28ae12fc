import type { KnownToken } from '../core/state.ts'
import type { Identity, Log, SignIn, SignInResult } from '../engine/ports.ts'
import type { Ms } from '../protocol/mod.ts'
import { askAddon } from './auth_addon.ts'
import type { AskParts } from './auth_ask.ts'
import { Gate } from './auth_gate.ts'
import { SILENCE_MS } from './auth_limits.ts'
import { TokenMemory, type TokenShelf } from './auth_memory.ts'
import { importSecret, verifyHere } from './auth_signature.ts'
import { expiryOf, type ForeignToken, sortToken, stablePartOf } from './auth_token.ts'
import { type No, refused, resultOf, unavailable, type Verdict, type Yes } from './auth_verdict.ts'
import { askWebSession } from './auth_web.ts'

export type OdooSignInParts = {
  readonly clock: AskParts['clock']
  readonly fetch: AskParts['fetch']
  readonly log: Log
  readonly settings: AskParts['settings'] & {
    /** By which the add-on signs its tokens; null: Odoo is asked about each. */
    readonly secret: string | null
    /** How long a good answer holds while Odoo is away. */
    readonly holdMs: Ms
  }
  /** Of at least 128 bits, and the same on every start: it is kept. */
  digest(text: string): string
} & TokenShelf

/** Signs terminals in with tokens of Odoo: of the add-on, or of a web session. Never rejects, and never logs a token. */
export function createOdooSignIn(parts: OdooSignInParts): SignIn {
  const door = new OdooDoor(parts)
  return { check: (text) => door.check(text) }
}

type Case = {
  readonly token: ForeignToken
  /** Under which the memory has it. */
  readonly digest: string
  readonly known: KnownToken | null
  /** What the hub found by itself; null where it cannot judge. */
  readonly own: No | null
}

class OdooDoor {
  readonly #parts: OdooSignInParts
  readonly #memory: TokenMemory
  readonly #gate: Gate
  readonly #key: Promise<CryptoKey | null> | null
  /** One call for all that ask about the same token at once; as many as the gate has room for. */
  readonly #asking = new Map<string, Promise<SignInResult>>()
  #silentSince: Ms = Number.NEGATIVE_INFINITY
  #trouble: string | null = null

  constructor(parts: OdooSignInParts) {
    this.#parts = parts
    this.#memory = new TokenMemory(parts, { clock: parts.clock, holdMs: parts.settings.holdMs })
    this.#gate = new Gate(parts.clock)
    this.#key = parts.settings.secret === null ? null : importSecret(parts.settings.secret)
  }

  async check(text: string): Promise<SignInResult> {
    const token = sortToken(text)
    if (token === null) return resultOf(refused('The token is neither one of this hub nor one of Odoo.'))
    const digest = this.#parts.digest(stablePartOf(token))
    const own = await this.#judge(token)
    if (own === 'unusable')
      return unavailable('The hub cannot check tokens of Odoo: HUB_ODOO_TOKEN_SECRET is unusable.')
    const known = this.#memory.find(digest)
    if (own?.kind === 'yes') return this.#accept(digest, own, known)
    // Found good before, and over by its own date: only Odoo knows whether that still counts, if it can be asked.
    if (own !== null && (own.code !== 'TOKEN_EXPIRED' || known === null)) return this.#refuse(digest, own)
    if (known !== null && this.#isFresh(token, known)) return resultOf(yesOf(known))
    return this.#share(this.#parts.digest(text), { token, digest, known, own })
  }

  /** By the secret, where there is one. */
  async #judge(token: ForeignToken): Promise<Yes | No | null | 'unusable'> {
    if (this.#key === null || token.kind !== 'addon') return null
    const key = await this.#key
    return key === null ? 'unusable' : verifyHere(token, key, this.#parts.clock.wall())
  }

  /** A token that says itself that it is over is not fresh, whenever it was asked about. */
  #isFresh(token: ForeignToken, known: KnownToken): boolean {
    const expiry = expiryOf(token) ?? Number.POSITIVE_INFINITY
    return this.#memory.isFresh(known) && expiry > this.#parts.clock.wall()
  }

  #share(name: string, asked: Case): Promise<SignInResult> {
    const asking = this.#asking.get(name)
    if (asking !== undefined) return asking
    const begun = this.#ask(asked).finally(() => this.#asking.delete(name))
    this.#asking.set(name, begun)
    return begun
  }

  async #ask(asked: Case): Promise<SignInResult> {
    const { token, digest, known, own } = asked
    const isHeld = known !== null && this.#memory.holds(known)
    const verdict = await this.#gate.run(known === null, async (): Promise<Verdict | 'silent'> => {
      if (isHeld && this.#parts.clock.now() - this.#silentSince < SILENCE_MS) return 'silent'
      return this.#note(await this.#send(token))
    })
    if (verdict === null || verdict === 'silent') {
      if (isHeld) return resultOf(yesOf(known))
      return unavailable('Too many sign-ins wait for Odoo. The terminal tries again by itself.')
    }
    if (verdict.kind === 'yes') return this.#accept(digest, verdict, null)
    if (verdict.kind === 'no') return this.#refuse(digest, verdict)
    // Odoo is there and has no such check: then the hub's own judgement stands.
    if (own !== null && verdict.failure.code === 'ADDON_MISSING') return this.#refuse(digest, own)
    if (isHeld) return resultOf(yesOf(known))
    return unavailable('Odoo cannot be asked about this sign-in just now. The terminal tries again by itself.')
  }

  #send(token: ForeignToken): Promise<Verdict> {
    return token.kind === 'addon' ? askAddon(this.#parts, token) : askWebSession(this.#parts, token)
  }

  /** Says once what is wrong, and once that it is over. */
  #note(verdict: Verdict): Verdict {
    const { clock, log } = this.#parts
    this.#silentSince = verdict.kind === 'away' && verdict.isSilent ? clock.now() : Number.NEGATIVE_INFINITY
    const failure = verdict.kind === 'away' ? verdict.failure : null
    const { code = null, text = '' } = failure ?? {}
    if (code === this.#trouble) return verdict
    if (code === null) log.info('Odoo answers about sign-ins again')
    else log.warn('Odoo cannot be asked about sign-ins; those that it found good before hold', { code, text })
    this.#trouble = code
    return verdict
  }

  /** Written down only where it was not known today: each line on the disk wears it. */
  #accept(digest: string, verdict: Yes, known: KnownToken | null): SignInResult {
    if (known === null || !this.#memory.isFresh(known)) this.#memory.keep(digest, verdict.identity)
    return resultOf(verdict)
  }

  #refuse(digest: string, verdict: No): SignInResult {
    this.#memory.forget(digest)
    return resultOf(verdict)
  }
}

function yesOf({ subject, name, role, configIds }: KnownToken): Yes {
  const identity: Identity = { subject, name, role, configIds }
  return { kind: 'yes', identity }
}
