import { wireFailure } from './failure.ts'
import { hubHeaders, readReply } from './rest_reply.ts'
import { RestSignIn } from './rest_sign_in.ts'
import { addressOf, post, type Said, unsaid, type Way, type WayParts } from './way.ts'

/**
 * The add-on's own routes. Chosen, as they could not be recorded: the bodies {snapshot} and {snapshots}. More that is
 * chosen stands in rest_reply.ts and rest_sign_in.ts.
 */
export class Rest implements Way {
  readonly api = 'rest'
  /** These routes have no look-up. */
  readonly search = null
  readonly read = null
  readonly dry = null
  readonly #parts: WayParts
  readonly #signIn: RestSignIn

  constructor(parts: WayParts) {
    this.#parts = parts
    this.#signIn = new RestSignIn(parts)
  }

  secrets(): readonly string[] {
    return this.#signIn.secrets()
  }

  finalize(snapshot: string): Promise<Said> {
    return this.#call('/hub/finalize', `{"snapshot":${snapshot}}`)
  }

  batch(snapshots: string): Promise<Said> {
    return this.#call('/hub/batch-sync', `{"snapshots":${snapshots}}`)
  }

  /** A token that is not good any longer is renewed once; a call that was not let in was not carried out. */
  async #call(path: string, body: string): Promise<Said> {
    const token = await this.#signIn.token()
    if (!token.ok) return unsaid(token.failure)
    const first = await this.#send(path, { body, token: token.access })
    if (first.ok || first.failure.code !== 'SIGN_IN') return first
    const renewed = await this.#signIn.token(token.access)
    if (!renewed.ok) return unsaid(renewed.failure)
    const second = await this.#send(path, { body, token: renewed.access })
    if (!second.ok && second.failure.code === 'SIGN_IN') this.#signIn.forget()
    return second
  }

  async #send(path: string, { body, token }: { readonly body: string; readonly token: string }): Promise<Said> {
    const { settings, clock } = this.#parts
    const headers = { ...hubHeaders(settings), Authorization: `Bearer ${token}` }
    const whole = `${settings.restPrefix}${path}`
    const reply = await post(this.#parts, { path: whole, headers, body })
    if (!reply.ok) return unsaid(wireFailure(reply))
    const asked = { url: addressOf(settings, whole), missing: 'ADDON_MISSING', wall: clock.wall() } as const
    return readReply(reply, asked)
  }
}
