/** Every bound of the road to Odoo, each with its reason. */

/** Longest wait that a server may ask of us: the hub is not put to sleep by a wrong header. */
export const RETRY_AFTER_MAX_MS = 600_000

/** Odoo's own reason in a text for people: a till shows two lines of it. */
export const REASON_CHARS_MAX = 500

/** Orders in one page of a list. */
export const LIST_ORDERS_MAX = 500

/** Orders in one look-up: five for each of the 200 references that are asked at once. */
export const LOOK_ORDERS_MAX = 1_000

/** A token in a header: servers take 8 kB of headers. */
export const TOKEN_CHARS_MAX = 6_000

/** How much of a page is read to tell what it is: login forms and selectors name themselves early. */
export const PAGE_CHARS_MAX = 65_536

/** First and longest time that a good probe is not believed after calls that failed all the same. */
export const DOUBT_FIRST_MS = 1_000
export const DOUBT_LONGEST_MS = 60_000

/** Line ids, fiscal data, or what Odoo has in our order's place: some kB. It goes to every terminal, and is remembered. */
export const PART_CHARS_MAX = 131_072
