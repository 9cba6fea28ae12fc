/** Commands that may wait for a turn: two seconds of the fastest shop; more is refused with "come back". */
export const QUEUE_MAX = 20_000

/** Text of those commands, in UTF-16 units: frames may be a megabyte each. */
export const QUEUE_CHARS_MAX = 64 * 1024 * 1024

/** Commands of one turn: their commit and their broadcasts must not keep the sockets waiting for long. */
export const TURN_COMMANDS_MAX = 1_000

/** While anything has a deadline the engine looks at the clock this often, to see that it was not stopped itself. */
export const PULSE_MS = 500

/** A longer gap than this between two looks means that the hub itself stood still. */
export const STALL_MS = 1_000

/** After a failed commit the disk is tried again after this, then twice as long, up to the second. */
export const RECOVER_FIRST_MS = 250
export const RECOVER_LONGEST_MS = 5_000

/** How far the wall clock may be behind the newest stored time before people are told that it is not set. */
export const CLOCK_SLACK_MS = 60_000
