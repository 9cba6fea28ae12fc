/** Every bound of signing in with Odoo, each with its reason. */

/** An `AUTH` frame has at most 4 kB, the token in it less. */
export const TOKEN_CHARACTERS_MAX = 4_096

/** Odoo's own ids have 40 characters (12 to 16) or 84 (17 and later); shorter ones could be guessed. */
export const WEB_SESSION_CHARACTERS_MIN = 20
export const WEB_SESSION_CHARACTERS_MAX = 512

/** Calls at once: Odoo has few workers, and sales need them too. */
export const CALLS_MAX = 8

/** Checks that wait for one of these: all tills of a large shop that come back together. */
export const WAITING_MAX = 200

/** Unknown tokens that Odoo is asked about in a second: it is no oracle for whoever guesses. */
export const STRANGERS_PER_SECOND_MAX = 20

/** Who waits is a person before a till. */
export const CONNECT_MS = 5_000
export const ANSWER_MS = 5_000

/** What Odoo says of a session with all its translations and menus is some 100 kB. */
export const ANSWER_BYTES_MAX = 2 * 1024 * 1024

/** After this time a good answer is asked for again. */
export const FRESH_MS = 24 * 3_600_000

/** While Odoo gave no sign of life just now, known tokens do not wait for the next attempt: 40 tills would, in rows. */
export const SILENCE_MS = 10_000

/** More points of sale than a chain has. */
export const CONFIGS_MAX = 200

/** What terminals are told of a name: two lines. */
export const NAME_CHARACTERS_MAX = 64

/** As long as the subject of a token of the hub. */
export const SUBJECT_CHARACTERS_MAX = 128

/** Before 2026, when this was written: no clock that is set shows it. */
export const CLOCK_SET_SINCE_MS = 1_767_225_600_000
