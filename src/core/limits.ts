/** Every bound of what the hub remembers, each with its reason. */

/** Active orders a group: ten times what the largest shop has open, and a full SYNC_INIT of them still fits a frame. */
export const ORDERS_ACTIVE_MAX = 10_000

/**
 * Text of all active snapshots, in UTF-16 units: a week without Odoo in a large shop (5,000 sales of 5 kB) takes half.
 * All of it must fit into one SYNC_INIT, and the hub lives in 1 GB beside other programs.
 */
export const SNAPSHOT_CHARS_MAX = 48 * 1024 * 1024

/** The same with payments: money that was taken is written down when nothing else is. */
export const SNAPSHOT_CHARS_WITH_PAYMENTS_MAX = 64 * 1024 * 1024

/** Text of all floor plans of a group, in UTF-16 units: 200 of 40 kB. */
export const FLOOR_CHARS_MAX = 8 * 1024 * 1024

/** msgIds an order remembers (PROTOCOL.md, Versions). */
export const MESSAGES_PER_ORDER_MAX = 256

/** Versions an order's story keeps: an evening of edits at a large table is about 100. */
export const VERSIONS_PER_ORDER_MAX = 256

/** Closed orders a delta can name: about two busy days; an older terminal gets a full SYNC_INIT. */
export const CLOSED_KEPT_MAX = 2_000

/** Closed orders kept whole in memory, for resends soon after; older ones are read from the disk when asked for. */
export const CLOSED_WHOLE_MAX = 200

/** Text of those, in UTF-16 units: a few orders of a megabyte must not stay for long. */
export const CLOSED_WHOLE_CHARS_MAX = 8 * 1024 * 1024

/** Tables a group: the largest restaurants have a few hundred. */
export const TABLES_MAX = 2_000

/** Floor plans a group. */
export const FLOORS_MAX = 200

/** Locks and leases a terminal: a waiter has a few, a program that cleans up old orders some hundred. */
export const GRANTS_PER_TERMINAL_MAX = 200

/** Ended v1 terminals that are remembered, so that a device that returns is the same terminal. */
export const TERMINALS_ENDED_MAX = 1_000

/** Second payments kept an order; more than two is already a mistake of a program. */
export const SECOND_PAYMENTS_MAX = 50

/** Ticket requests whose msgId is remembered, a group. */
export const TICKET_MESSAGES_MAX = 256

/** Business days whose ticket counters are remembered, a group. */
export const TICKET_DAYS_MAX = 1_000

/** How far a v1 terminal's version may be ahead of ours (PROTOCOL.md, Versions): it counted alone while it was away. */
export const VERSION_AHEAD_MAX = 1_000

/** v1 terminals waiting for the answer to one finalize. */
export const WAITERS_MAX = 50

/** Calls to Odoo at once: one a session, and its workers serve people too. */
export const CALLS_MAX = 4

/** Between two calls: at most 200 a second, more than any Odoo does, so that a week's sales do not come as one blow. */
export const CALL_GAP_MS = 5

/** First and longest wait before something is tried again, before it is spread by chance. */
export const RETRY_FIRST_MS = 1_000
export const RETRY_LONGEST_MS = 60_000

/** Longest wait that a server may ask of us. */
export const RETRY_AFTER_MAX_MS = 600_000

/** Calls in a row that brought no answer before Odoo is thought to be away: one is lost now and then. */
export const MISSES_MAX = 2

/** Without traffic Odoo is asked this often whether it is there: people read on their screens that it is. */
export const CHECK_EVERY_MS = 60_000

/** How often references of active orders are looked up: v1 terminals tell nobody that they paid directly. */
export const SWEEP_EVERY_MS = 60_000

/** References a look-up: a page of them is one quick query. */
export const SWEEP_MAX = 200

/** How long a snapshot that says "paid" waits for its ORDER_FINALIZE before it is forwarded. */
export const PAID_PATIENCE_MS = 60_000

/** Rows on their way to Odoo a group; beyond it drafts and discards are not forwarded, payments are. */
export const OUTBOX_MAX = 50_000

/** Tokens that Odoo found good: every person and device of a large shop for two weeks. */
export const TOKENS_KNOWN_MAX = 2_000

/** Configurations whose session's state is remembered: more than a hub ever serves; a number is a terminal's word. */
export const LANES_MAX = 1_000

/** Where a look-up was refused, it is tried again after this time: rights are mended, servers upgraded. */
export const LOOK_AGAIN_MS = 600_000

/** Tries of one order that took the server for away before others go first: three are no outage of that order alone. */
export const SUSPECT_ATTEMPTS = 3

/** Failed look-ups in a row after which one does without: half a minute of them. */
export const LOOK_MISSES_MAX = 5
