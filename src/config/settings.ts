import type { FlagShape } from './flags.ts'
import { choice, duration, filePath, freeText, type Kind, port, secretText, truth, unused, whole } from './kind.ts'
import { hostName, hostNames, origins, urlPath, webAddress } from './kind_net.ts'
import { type Groups, groups, systemTimeZone, timeOfDay, timeZone } from './kind_shop.ts'

export type Section = 'Network' | 'Data' | 'Sign-in' | 'Shop' | 'Timings' | 'Odoo' | 'Limits' | 'Log'

export type Setting<V> = {
  readonly env: string
  readonly section: Section
  /** The flag without its dashes: the environment name without `HUB_`, in small letters. */
  readonly flag: string
  readonly kind: Kind<V>
  readonly isSecret: boolean
  readonly fallback: V
  /** The default under `--try`. */
  readonly tryFallback: V
  readonly help: string
}

type More<V> = { readonly help: string; readonly tryFallback?: V; readonly isSecret?: boolean }

function declare(section: Section) {
  return <V>(env: string, kind: Kind<V>, fallback: V, more: More<V>): Setting<V> => ({
    env,
    section,
    flag: env.replace(/^HUB_/, '').toLowerCase().replaceAll('_', '-'),
    kind,
    isSecret: more.isSecret ?? false,
    fallback,
    tryFallback: more.tryFallback ?? fallback,
    help: more.help,
  })
}

/** A kind whose setting may also be missing. */
function optional<T>(kind: Kind<T>): Kind<T | null> {
  return { ...kind, print: (value) => (value === null ? '' : kind.print(value)) }
}

const network = declare('Network')
const data = declare('Data')
const signIn = declare('Sign-in')
const shop = declare('Shop')
const timing = declare('Timings')
const odoo = declare('Odoo')
const limit = declare('Limits')
const log = declare('Log')

const HOUR_MS = 3_600_000
const NO_GROUPS: Groups = new Map()
const NO_NAMES: readonly string[] = []

/** Long enough that a signature cannot be guessed: 32 characters of hexadecimal hold 128 bits. */
export const TOKEN_SECRET_CHARACTERS_MIN = 32

/** Every setting there is: its key (the same in the JSON file), its name in the environment, its flag and default. */
export const SETTINGS = {
  httpPort: network('HUB_HTTP_PORT', port(), 8766, { help: 'The port for terminals and people; 0 takes a free one.' }),
  port: network('HUB_PORT', optional(unused('PORT')), null, {
    help: 'Accepted, unused: terminals and people share the one port of HUB_HTTP_PORT.',
  }),
  host: network('HUB_HOST', hostName(), '::', {
    help: 'The address to listen on: :: for all of them, IPv4 and IPv6; 127.0.0.1 for this machine only.',
    tryFallback: '127.0.0.1',
  }),
  mdnsEnabled: network('HUB_MDNS_ENABLED', truth(), true, { help: 'Announce the hub in the local network.' }),
  origins: network('HUB_ORIGINS', origins(), NO_NAMES, {
    help: 'Further pages that may speak to the hub, like https://pos.example.com; * lets all in.',
  }),
  hosts: network('HUB_HOSTS', hostNames(), NO_NAMES, {
    help: 'Further names under which the hub is reached, like hub.example.com; * takes all.',
  }),

  dbPath: data('HUB_DB_PATH', filePath(), './hub.sqlite', {
    help: 'The SQLite file. Its folder is the data folder: all that the hub keeps is in there.',
    tryFallback: './data/hub.sqlite',
  }),
  configPath: data('HUB_CONFIG', optional(filePath()), null, { help: 'A JSON file with settings, by their keys.' }),

  tokenSecret: signIn('HUB_TOKEN_SECRET', optional(secretText(TOKEN_SECRET_CHARACTERS_MIN)), null, {
    help: 'Signs terminal tokens. Unless set, it is made once and kept in hub.secret in the data folder. Other users of a machine can see its flags: better put it in the environment.',
    isSecret: true,
  }),
  devAuth: signIn('HUB_DEV_AUTH', truth(), false, {
    help: 'Let everybody in without a token, as a manager. Only on loopback, unless said twice.',
    tryFallback: true,
  }),
  devAuthOnLan: signIn('HUB_DEV_AUTH_ON_LAN', truth(), false, { help: 'Says HUB_DEV_AUTH a second time.' }),
  odooSignIn: signIn('HUB_ODOO_SIGN_IN', truth(), true, {
    help: 'Terminals may also sign in with a token or a web session of Odoo, if ODOO_URL is set.',
  }),
  odooTokenSecret: signIn('HUB_ODOO_TOKEN_SECRET', optional(secretText(1)), null, {
    help: 'The secret by which the add-on signs its tokens; without it Odoo is asked about each.',
    isSecret: true,
  }),
  tokenCheckPath: signIn('HUB_TOKEN_CHECK_PATH', urlPath(), '/pos-api/v1/bootstrap', {
    help: "Where Odoo is asked about a terminal's token.",
  }),
  signInHoldMs: signIn('HUB_SIGN_IN_HOLD_MS', duration(0, 90 * 24 * HOUR_MS), 14 * 24 * HOUR_MS, {
    help: 'How long a token that Odoo found good is good while Odoo is away.',
  }),
  authTimeoutMs: signIn('HUB_AUTH_TIMEOUT_MS', duration(100, 60_000), 5_000, {
    help: 'A connection that has not signed in after this time is closed.',
  }),

  groups: shop('HUB_GROUPS', groups(), NO_GROUPS, {
    help: 'Points of sale that do not see each other, by configuration id: main=1,2,3;terrace=4. Unless set, all are one group.',
  }),
  dayStart: shop('HUB_DAY_START', timeOfDay(), 5 * 60, { help: 'When the business day begins.' }),
  timeZone: shop('HUB_TIME_ZONE', timeZone(), systemTimeZone(), {
    help: 'The time zone of the business day, like Europe/Madrid; the default is that of this machine.',
  }),

  leaseTtlMs: timing('HUB_LEASE_TTL_MS', duration(100, HOUR_MS), 60_000, { help: 'Time to live of an order lease.' }),
  heartbeatMs: timing('HUB_HEARTBEAT_MS', duration(10, HOUR_MS), 20_000, {
    help: 'How often an order lease is renewed.',
  }),
  tableLockTtlMs: timing('HUB_TABLE_LOCK_TTL_MS', duration(100, HOUR_MS), 45_000, {
    help: 'Time to live of a table lock.',
  }),
  tableLockHeartbeatMs: timing('HUB_TABLE_LOCK_HEARTBEAT_MS', duration(10, HOUR_MS), 15_000, {
    help: 'How often a table lock is renewed.',
  }),
  graceMs: timing('HUB_GRACE_MS', duration(0, 600_000), 10_000, {
    help: 'How long locks and leases are kept for a terminal that has dropped.',
  }),

  odooUrl: odoo('ODOO_URL', optional(webAddress()), null, {
    help: 'The address of Odoo, like https://odoo.example.com.',
  }),
  odooDb: odoo('ODOO_DB', optional(freeText()), null, { help: 'The database of Odoo.' }),
  odooUser: odoo('ODOO_USER', optional(freeText()), null, { help: 'The user of Odoo that the hub signs in as.' }),
  odooPassword: odoo('ODOO_PASSWORD', optional(secretText(1)), null, {
    help: 'Its password or API key. Better in the environment: other users of a machine can see its flags.',
    isSecret: true,
  }),
  odooPasswordFile: odoo('ODOO_PASSWORD_FILE', optional(filePath()), null, {
    help: 'A file with the password, readable by its owner alone (mode 600).',
  }),
  odooApiKey: odoo('ODOO_API_KEY', optional(secretText(1)), null, {
    help: 'An API key of that user, in place of its password; Odoo 19 wants one.',
    isSecret: true,
  }),
  odooApiKeyFile: odoo('ODOO_API_KEY_FILE', optional(filePath()), null, {
    help: 'A file with the API key, readable by its owner alone (mode 600).',
  }),
  odooApi: odoo('ODOO_API', choice('auto', 'rest', 'jsonrpc', 'json2'), 'auto', {
    help: 'The way to the server; auto finds it out.',
  }),
  odooRestPrefix: odoo('ODOO_REST_PREFIX', urlPath(), '/pos-api/v1', {
    help: "Where the add-on's own API stands; an older one has /pos-react/api.",
  }),
  odooModel: odoo('ODOO_MODEL', freeText('MODEL'), 'pos.order', { help: 'The model that has the two methods.' }),
  odooFinalizeMethod: odoo('ODOO_FINALIZE_METHOD', freeText('METHOD'), 'hub_finalize_snapshot', {
    help: 'The method that makes the order of a payment.',
  }),
  odooBatchMethod: odoo('ODOO_BATCH_METHOD', freeText('METHOD'), 'hub_batch_sync', {
    help: 'The method that takes a list of orders.',
  }),
  odooConnectTimeoutMs: odoo('ODOO_CONNECT_TIMEOUT_MS', duration(100, 60_000), 5_000, {
    help: 'How long a connection to Odoo may take.',
  }),
  odooTimeoutMs: odoo('ODOO_TIMEOUT_MS', duration(100, 600_000), 30_000, {
    help: 'How long Odoo may take to answer; after that nobody knows whether it has done it.',
  }),
  odooCallDeadMs: odoo('ODOO_CALL_DEAD_MS', duration(100, HOUR_MS), 150_000, {
    help: "After this time a call that was given up is surely over: more than Odoo's own limit_time_real.",
  }),
  odooCaFile: odoo('ODOO_CA_FILE', optional(filePath()), null, {
    help: 'A PEM file with the authority that signed the certificate of Odoo, if it is your own.',
  }),
  forward: odoo('HUB_FORWARD', choice('completed', 'all'), 'completed', {
    help: 'Which orders are sent to Odoo beside payments: completed ones, or all, drafts too.',
  }),
  forwardIntervalMs: odoo('HUB_FORWARD_INTERVAL_MS', duration(100, HOUR_MS), 5_000, {
    help: 'How often waiting orders are sent to Odoo.',
  }),
  forwardBatchSize: odoo('HUB_FORWARD_BATCH_SIZE', whole('N', 1, 1_000), 20, { help: 'How many orders at a time.' }),

  framesPerSecondMax: limit('HUB_FRAMES_PER_SECOND_MAX', whole('N', 1, 1_000_000), 2_000, {
    help: 'Frames a second that one connection may send.',
  }),
  socketsPerAddressMax: limit('HUB_SOCKETS_PER_ADDRESS_MAX', whole('N', 1, 100_000), 2_500, {
    help: 'Connections that one address may hold.',
  }),
  socketsMax: limit('HUB_SOCKETS_MAX', whole('N', 1, 100_000), 5_000, { help: 'Connections of all together.' }),

  logLevel: log('HUB_LOG_LEVEL', choice('debug', 'info', 'warn', 'error'), 'info', {
    help: 'The least important events that are logged.',
  }),
  logFormat: log('HUB_LOG_FORMAT', choice('auto', 'json', 'text'), 'auto', {
    help: 'auto: text on a terminal, else json.',
    tryFallback: 'text',
  }),
} as const satisfies { readonly [key: string]: Setting<unknown> }

export type SettingKey = keyof typeof SETTINGS

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[]

/** Every setting with its value, judged. Times are in milliseconds, `dayStart` in minutes since midnight. */
export type Config = {
  readonly [K in SettingKey]: (typeof SETTINGS)[K] extends Setting<infer V> ? V : never
}

/** `--try` changes defaults only: what is said in a flag, the environment or the file still wins. */
export const TRY_FLAG: FlagShape = { name: 'try', takes: 'nothing' }

/** The defaults of `--try`, and a stand-in for Odoo. */
export const DEMO_FLAG: FlagShape = { name: 'demo', takes: 'nothing' }

/** Flags that stand for settings, `--try` and `--demo`. */
export const SETTING_FLAGS: readonly FlagShape[] = [
  ...SETTING_KEYS.map((key) => shapeOf(SETTINGS[key])),
  TRY_FLAG,
  DEMO_FLAG,
]

function shapeOf(setting: Setting<unknown>): FlagShape {
  return { name: setting.flag, takes: setting.kind.isBoolean ? 'boolean' : 'value', isSecret: setting.isSecret }
}
