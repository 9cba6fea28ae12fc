import { Hono } from 'hono'
import * as z from 'zod'
import type { OrderStory, View } from '../engine/view.ts'
import { type GroupId, type Opaque, PosReference } from '../protocol/mod.ts'

/** What people ask of the hub from its own machine; the socket that leads here is its user's alone. */
export type DeskParts = {
  readonly view: View
  ask(wish: DeskWish): Promise<DeskAnswer>
  /** `since` in milliseconds since 1970. */
  reconcile(since: number): Promise<DeskAnswer>
}

export type DeskWish = {
  readonly person: string
  readonly group: GroupId
  readonly posReference: PosReference
  readonly wish:
    | { readonly kind: 'retry' }
    | { readonly kind: 'entered'; readonly note: string; readonly orderId: number }
    | { readonly kind: 'payments_settled'; readonly note: string }
}

/** `code` names what is in the way, `text` says it to people. */
export type DeskAnswer = { readonly ok: true } | { readonly ok: false; readonly code?: string; readonly text: string }

/** More than a person reads, and bounded. */
const LIST_MAX = 1_000

const Person = z.string().min(1).max(64)
const Note = z.string().trim().min(1).max(1_000)
const WishBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('retry'), person: Person }),
  z.object({ kind: z.literal('entered'), person: Person, note: Note, orderId: z.int().nonnegative().default(0) }),
  z.object({ kind: z.literal('payments_settled'), person: Person, note: Note }),
])

export function createDesk(parts: DeskParts): Hono {
  const { view } = parts
  const app = new Hono()
  app.get('/status', (c) =>
    c.json({ readiness: view.readiness(), counts: view.counts(), odoo: view.odoo(), ageing: view.ageing() }),
  )
  app.get('/orders', (c) => {
    const found = view.orders(LIST_MAX)
    return found.ok ? c.json({ orders: found.value }) : c.json({ text: found.failure.text }, 503)
  })
  app.get('/attention', (c) => {
    const found = view.attention(LIST_MAX)
    return found.ok ? c.json({ orders: found.value }) : c.json({ text: found.failure.text }, 503)
  })
  app.get('/order', (c) => {
    const place = placeOf(view, c.req.query('reference'), c.req.query('group'))
    if (!place.ok) return c.json({ text: place.text }, place.status)
    const story = view.story(place.group, place.posReference)
    if (!story.ok) return c.json({ text: story.failure.text }, 503)
    return story.value === null
      ? c.json({ text: 'There is no such order.' }, 404)
      : c.body(storyText(story.value), 200, { 'Content-Type': 'application/json' })
  })
  app.post('/order', async (c) => {
    const place = placeOf(view, c.req.query('reference'), c.req.query('group'))
    if (!place.ok) return c.json({ ok: false, text: place.text }, place.status)
    const body = WishBody.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return c.json({ ok: false, text: z.prettifyError(body.error) }, 400)
    const { person, ...wish } = body.data
    const { group, posReference } = place
    return c.json(await parts.ask({ person, group, posReference, wish }))
  })
  app.get('/reconcile', async (c) => {
    const since = Number(c.req.query('since') ?? 0)
    if (!Number.isSafeInteger(since) || since < 0) return c.json({ ok: false, text: 'since is not a time.' }, 400)
    // Without its orders the hub would find no difference.
    const { ready, reasons } = view.readiness()
    if (!ready) return c.json({ ok: false, text: reasons.join(' ') }, 503)
    return c.json(await parts.reconcile(since))
  })
  app.notFound((c) => c.json({ text: 'The hub does not know this; it is another version than this program.' }, 404))
  return app
}

type Place =
  | { readonly ok: true; readonly group: GroupId; readonly posReference: PosReference }
  | { readonly ok: false; readonly status: 404 | 503; readonly text: string }

function placeOf(view: View, reference: string | undefined, group: string | undefined): Place {
  const parsed = PosReference.safeParse(reference)
  if (!parsed.success) return { ok: false, status: 404, text: 'Say which order: its reference, 1 to 128 characters.' }
  const posReference = parsed.data
  const found = view.groupsOf(posReference)
  if (!found.ok) return { ok: false, status: 503, text: found.failure.text }
  const groups = group === undefined ? found.value : found.value.filter((one) => one === group)
  const [only, ...others] = groups
  if (only === undefined) {
    return { ok: false, status: 404, text: `The hub has no order ${JSON.stringify(posReference)}.` }
  }
  if (others.length === 0) return { ok: true, group: only, posReference }
  const text = `Several groups have that order; say one of them by --group: ${groups.join(', ')}.`
  return { ok: false, status: 404, text }
}

/** Snapshots go out as the text that they came in. */
function storyText(story: OrderStory): string {
  const { snapshot, fiscal, refusal, versions, secondPayments, outbox, ...plain } = story
  const fields = [
    ...Object.entries({
      ...plain,
      outbox: outbox === null ? null : { ...outbox, verdict: outbox.verdict?.text ?? null },
    }).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`),
    `"snapshot":${snapshot.json}`,
    `"fiscal":${textOf(fiscal)}`,
    `"refusal":${refusal === null ? 'null' : withText({ code: refusal.code, text: refusal.text }, 'theirs', refusal.theirs)}`,
    `"versions":[${versions.map(({ snapshot: content, ...entry }) => withText(entry, 'snapshot', content)).join(',')}]`,
    `"secondPayments":[${secondPayments.map(({ snapshot: content, ...payment }) => withText(payment, 'snapshot', content)).join(',')}]`,
  ]
  return `{${fields.join(',')}}`
}

function textOf(value: Opaque | null): string {
  return value === null ? 'null' : value.json
}

function withText(plain: { readonly [key: string]: unknown }, key: string, value: Opaque | null): string {
  const head = JSON.stringify(plain).slice(0, -1)
  return `${head}${head === '{' ? '' : ','}${JSON.stringify(key)}:${textOf(value)}}`
}
