import type { ServerVersion } from './detect.ts'
import type { OdooSettings } from './settings.ts'
import type { WayParts } from './way.ts'

/** `reason`: what the system said. */
export type Resolved =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: string }

export type CheckParts = WayParts & {
  /** The addresses of a name. Never rejects. */
  resolve(host: string): Promise<Resolved>
}

/** What was seen of the server before the sign-in. */
export type Server = ServerVersion & {
  /** `/jsonrpc` answers. */
  readonly speaksRpc: boolean
  /** It asks which database, and says nothing else. */
  readonly isSelecting: boolean
}

export function secretsOf({ password, apiKey }: OdooSettings): readonly (string | null)[] {
  return [password, apiKey]
}
