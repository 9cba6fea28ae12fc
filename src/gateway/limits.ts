/** What may wait for a terminal that does not read, in bytes, beyond its last SYNC_INIT: some seconds of a busy shop. */
export const SLOW_BYTES_MAX = 4 * 1024 * 1024

/** A peer that does not answer a closing is cut after this. */
export const CLOSE_PATIENCE_MS = 3_000

/** A v1 terminal has no word for a bad frame; this many close its socket. */
export const V1_MALFORMED_MAX = 3

/** Lines a second in the log about terminals that were not let in; the rest is counted. */
export const REFUSALS_LOGGED_MAX = 5

/** Frames that may wait while a token is checked: a terminal asks for all it held at once, but frames of nothing add up. */
export const EARLY_FRAMES_MAX = 256
