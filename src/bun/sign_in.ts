import type { Config } from '../config.ts'
import type { Engine } from '../engine/engine.ts'
import type { Chance, Clock, Log, SignIn } from '../engine/ports.ts'
import { createDevelopmentSignIn } from '../signin/development.ts'
import { createTokenSignIn, TOKEN_ISSUER } from '../signin/token.ts'
import { createOdooSignIn } from '../upstream/auth.ts'
import { sortToken } from '../upstream/auth_token.ts'
import { EXIT } from './exit_codes.ts'
import type { RoadToOdoo } from './road_to_odoo.ts'
import { tokenSecret } from './secret.ts'
import { StartProblem } from './start_problem.ts'

type Parts = {
  readonly clock: Clock
  readonly log: Log
  readonly chance: Chance
  readonly engine: Engine
  /** Null: no Odoo is configured. */
  readonly road: RoadToOdoo | null
}

/** The doors for tokens, one behind the other: the hub's own, then Odoo's, and before them the one for a first look. */
export function createSignIn(config: Config, parts: Parts): SignIn {
  const { clock, log, road } = parts
  const secret = tokenSecret(config)
  if (!secret.ok) throw new StartProblem(EXIT.dataFolder, secret.problem)
  if (secret.warning !== null) log.warn(secret.warning)
  const own = createTokenSignIn({ secret: secret.secret, clock })
  const tokens = road === null || !config.odooSignIn ? own : createChain(own, odooSignIn(config, { ...parts, road }))
  return config.devAuth ? createDevelopmentSignIn(tokens) : tokens
}

function odooSignIn(config: Config, parts: Parts & { readonly road: RoadToOdoo }): SignIn {
  const { clock, log, chance, engine, road } = parts
  const { url, db, deviceId, appVersion } = road.settings
  const { tokenCheckPath: checkPath, odooTokenSecret: secret, signInHoldMs: holdMs } = config
  return createOdooSignIn({
    ...{ clock, log },
    fetch: road.fetch,
    settings: { url, db, deviceId, appVersion, checkPath, secret, holdMs },
    digest: (text) => chance.digest(text),
    known: (digest) => engine.state.hub?.signIns.get(digest) ?? null,
    // Where the hub takes nothing just now, Odoo is asked once more next time.
    learn: (digest, token) => void engine.submit({ kind: 'token_checked', digest, token }),
  })
}

/** Odoo hears of no token that says it is a hub's: of one that has expired it could only say that it is not its own. */
function createChain(own: SignIn, odoo: SignIn): SignIn {
  return {
    check: async (token) => {
      const checked = await own.check(token)
      if (checked.ok || checked.code !== 'TOKEN_REFUSED' || token === '' || isOfHub(token)) return checked
      return odoo.check(token)
    },
  }
}

function isOfHub(text: string): boolean {
  const token = sortToken(text)
  return token?.kind === 'addon' && token.claims['iss'] === TOKEN_ISSUER
}
