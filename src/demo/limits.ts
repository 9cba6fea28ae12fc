/** Bounds of the stand-in. */

/** A call's body, in bytes: a batch of a hundred large orders fits. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024

/** Orders in the database, open ones too: fifty days of a busy shop, or the longest load test. */
export const ORDERS_MAX = 50_000

/** Orders that a file keeps from one start to the next: a week of a shop that tries the hub. */
export const KEPT_ORDERS_MAX = 5_000

/** Calls on record, the newest: a load test of 1,000 sales with many repetitions makes some 10,000. */
export const CALLS_MAX = 100_000

/** The oldest that go at once when the record is full, so that not each call moves the whole list. */
export const CALLS_FORGOTTEN = 10_000

/** Orders in one `hub_batch_sync`: ten times the largest batch of a hub. */
export const BATCH_ORDERS_MAX = 1_000

/** Orders in one answer to a terminal on the direct road, which asks again from the last one. */
export const PAGE_ORDERS_MAX = 500

/** Web sessions: more people than a shop has in years. */
export const WEB_SESSIONS_MAX = 1_000

/** A `pos_reference`, in characters: the hub's own are shorter than 64. */
export const REFERENCE_CHARACTERS_MAX = 256

/** Faults waiting for their call, and references that are refused: a test orders a handful. */
export const ORDERED_FAULTS_MAX = 10_000

/** Orders on the page for people: one screen. */
export const LISTED_ORDERS_MAX = 50
