import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import type { Clock, Log, Odoo } from '../engine/ports.ts'
import type { HttpFetch } from '../upstream/http.ts'
import { createOdoo } from '../upstream/odoo.ts'
import { ODOO_DEFAULTS, type OdooSettings } from '../upstream/settings.ts'
import { HUB_VERSION } from './cli_version.ts'
import { EXIT } from './exit_codes.ts'
import { createOdooFetch, readAuthority } from './odoo_fetch.ts'
import { readSecretFile } from './secret_file.ts'
import { StartProblem } from './start_problem.ts'

/** What leads to Odoo; null where none is configured. */
export type RoadToOdoo = { readonly odoo: Odoo; readonly fetch: HttpFetch; readonly settings: OdooSettings }

/** Throws a `StartProblem` where a file that a setting names cannot be used. */
export function createRoadToOdoo(
  config: Config,
  parts: { readonly clock: Clock; readonly log: Log },
): RoadToOdoo | null {
  const settings = odooSettingsOf(config)
  if (settings === null) return null
  const fetch = createOdooFetch({
    certificates: config.odooCaFile === null ? null : readCertificates(config.odooCaFile),
  })
  return { odoo: createOdoo({ ...parts, settings, fetch }), fetch, settings }
}

/** With the secrets from their files. */
export function odooSettingsOf(config: Config): OdooSettings | null {
  const { odooUrl: url, odooDb: db, odooUser: user } = config
  if (url === null) return null
  const { odooPasswordFile, odooApiKeyFile } = config
  return {
    ...{ url, db, user },
    api: config.odooApi,
    password: odooPasswordFile === null ? config.odooPassword : readSecret(odooPasswordFile),
    apiKey: odooApiKeyFile === null ? config.odooApiKey : readSecret(odooApiKeyFile),
    restPrefix: config.odooRestPrefix,
    model: config.odooModel,
    finalizeMethod: config.odooFinalizeMethod,
    batchMethod: config.odooBatchMethod,
    connectTimeoutMs: config.odooConnectTimeoutMs,
    answerTimeoutMs: config.odooTimeoutMs,
    answerBytesMax: ODOO_DEFAULTS.answerBytesMax,
    deviceId: `pos-hub-${hostname()}`,
    appVersion: HUB_VERSION,
  }
}

function readSecret(path: string): string {
  const file = readSecretFile(path)
  if (!file.ok) throw new StartProblem(EXIT.usage, file.problem)
  return file.text
}

function readCertificates(path: string): string {
  const authority = readAuthority(path)
  if (!authority.ok) throw new StartProblem(EXIT.usage, authority.problem)
  return authority.certificates
}
