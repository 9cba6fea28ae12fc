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
