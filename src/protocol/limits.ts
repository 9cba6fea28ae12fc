/** Bounds of the wire, known to both sides. */

/** A frame of a terminal, in bytes of UTF-8: an order of 2,000 lines fits. */
export const FRAME_BYTES_MAX = 1024 * 1024

/** All that a socket may send before it is signed in, in bytes: a token of 3 kB and a few frames fit. */
export const UNSIGNED_BYTES_MAX = 4096

/** Nesting of a frame; real snapshots nest less than 20 deep, and a recursive reader must survive it. */
export const DEPTH_MAX = 64
