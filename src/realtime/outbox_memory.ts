import type { OutboxEntry } from './outbox.ts'
import { type Draft, NO_TOTALS, type OutboxLimits, planAdd, planChange, type Row } from './outbox_entry.ts'
import type { OutboxStorage } from './outbox_storage.ts'
import { sameLease, type TabLease } from './tab_lease.ts'

/** Entries that a reload forgets: where the browser keeps nothing, or has stopped to. `from` is what it begins with. */
export function createMemoryStorage(options: {
  readonly limits: OutboxLimits
  readonly from?: readonly OutboxEntry[]
}): OutboxStorage {
  const rows = new Map<string, Row>()
  let totals = NO_TOTALS
  let lastMark = ''
  let lease: TabLease | null = null
  for (const entry of options.from ?? []) {
    const bytes = JSON.stringify(entry).length
    rows.set(entry.id, { n: entry.n, id: entry.id, bytes, entry })
    totals = { n: entry.n, count: totals.count + 1, bytes: totals.bytes + bytes, revision: 1 }
  }
  const add = (drafts: readonly Draft[], mark?: string) => {
    if (mark !== undefined && mark !== '' && mark === lastMark) return { kind: 'added', entries: [] } as const
    const plan = planAdd(drafts, { totals, known: rows, limits: options.limits })
    if (plan.kind === 'full') return plan
    for (const row of plan.rows) rows.set(row.id, row)
    totals = plan.totals
    lastMark = mark ?? lastMark
    return { kind: 'added', entries: plan.entries } as const
  }
  return {
    kind: 'memory',
    load: async (seen) => {
      if (seen === totals.revision) return { kind: 'same' }
      return { kind: 'loaded', entries: [...rows.values()].map((row) => row.entry), revision: totals.revision }
    },
    add: async (drafts, mark) => add(drafts, mark),
    change: async (id, change) => {
      const plan = planChange(rows.get(id) ?? null, change, totals)
      totals = plan.totals
      if (plan.row === null) rows.delete(id)
      else rows.set(id, plan.row)
      return { kind: 'changed', entry: plan.row?.entry ?? null }
    },
    swapLease: async ({ expected, next }) => {
      if (sameLease(lease, expected)) lease = next
      return { kind: 'swapped', lease }
    },
    mend: async () => false,
    close: () => undefined,
  }
}
