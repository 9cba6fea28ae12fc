import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** The tables as drizzle sees them; the SQL beside this file makes them, and says what they mean. */

export const meta = sqliteTable('meta', { key: text().primaryKey(), value: text().notNull() })

export const groups = sqliteTable('groups', { id: text().primaryKey(), seq: integer().notNull() })

export const terminals = sqliteTable('terminals', {
  terminalId: text('terminal_id').primaryKey(),
  groupId: text('group_id').notNull(),
  deviceId: text('device_id').notNull(),
  subject: text().notNull(),
  protocol: integer().notNull(),
  sessionKey: text('session_key'),
  foreignEpoch: integer('foreign_epoch').notNull(),
  name: text().notNull(),
  role: text().notNull(),
  configId: integer('config_id'),
  lastActiveAt: integer('last_active_at').notNull(),
})

export const orders = sqliteTable(
  'orders',
  {
    groupId: text('group_id').notNull(),
    posReference: text('pos_reference').notNull(),
    state: text().notNull(),
    closed: integer().notNull(),
    version: integer().notNull(),
    seq: integer().notNull(),
    tableId: integer('table_id'),
    status: text(),
    author: text().notNull(),
    at: integer().notNull(),
    paidAt: integer('paid_at'),
    paidDigest: text('paid_digest'),
    configId: integer('config_id'),
    finalizeMsgId: text('finalize_msg_id'),
    settledOrderId: integer('settled_order_id'),
    refusalCode: text('refusal_code'),
    refusalText: text('refusal_text'),
    refusalTheirs: text('refusal_theirs'),
    orderId: integer('order_id'),
    lineIdMap: text('line_id_map'),
    fiscal: text(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.posReference] })],
)

export const orderVersions = sqliteTable(
  'order_versions',
  {
    groupId: text('group_id').notNull(),
    posReference: text('pos_reference').notNull(),
    version: integer().notNull(),
    baseVersion: integer('base_version'),
    kind: text().notNull(),
    author: text().notNull(),
    authorName: text('author_name').notNull(),
    at: integer().notNull(),
    snapshot: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.posReference, table.version] })],
)

export const orderMessages = sqliteTable('order_messages', {
  n: integer().primaryKey(),
  groupId: text('group_id').notNull(),
  posReference: text('pos_reference').notNull(),
  msgId: text('msg_id').notNull(),
  kind: text().notNull(),
  digest: text().notNull(),
  version: integer().notNull(),
  seq: integer().notNull(),
})

export const secondPayments = sqliteTable(
  'second_payments',
  {
    groupId: text('group_id').notNull(),
    posReference: text('pos_reference').notNull(),
    digest: text().notNull(),
    msgId: text('msg_id'),
    configId: integer('config_id').notNull(),
    author: text().notNull(),
    authorName: text('author_name').notNull(),
    at: integer().notNull(),
    snapshot: text().notNull(),
    settledAt: integer('settled_at'),
    settledNote: text('settled_note'),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.posReference, table.digest] })],
)

export const outbox = sqliteTable(
  'outbox',
  {
    groupId: text('group_id').notNull(),
    posReference: text('pos_reference').notNull(),
    kind: text().notNull(),
    configId: integer('config_id'),
    version: integer().notNull(),
    sinceAt: integer('since_at').notNull(),
    attempts: integer().notNull(),
    sentVersion: integer('sent_version'),
    sentAt: integer('sent_at'),
    unansweredAt: integer('unanswered_at'),
    verdictCode: text('verdict_code'),
    verdictText: text('verdict_text'),
    verdictTheirs: text('verdict_theirs'),
    troubleCode: text('trouble_code'),
    troubleText: text('trouble_text'),
    parked: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.posReference] })],
)

export const knownTokens = sqliteTable('known_tokens', {
  digest: text().primaryKey(),
  subject: text().notNull(),
  name: text().notNull(),
  role: text().notNull(),
  configIds: text('config_ids').notNull(),
  checkedAt: integer('checked_at').notNull(),
})

export const grants = sqliteTable(
  'grants',
  {
    groupId: text('group_id').notNull(),
    kind: text().notNull(),
    key: text().notNull(),
    holder: text().notNull(),
    fence: integer().notNull(),
    at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.kind, table.key] })],
)

export const tables = sqliteTable(
  'tables',
  {
    groupId: text('group_id').notNull(),
    tableId: integer('table_id').notNull(),
    status: text().notNull(),
    posReference: text('pos_reference'),
    author: text().notNull(),
    seq: integer().notNull(),
    at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.tableId] })],
)

export const floors = sqliteTable(
  'floors',
  {
    groupId: text('group_id').notNull(),
    floorId: integer('floor_id').notNull(),
    tables: text().notNull(),
    layoutMode: text('layout_mode'),
    author: text().notNull(),
    seq: integer().notNull(),
    at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.floorId] })],
)

export const tickets = sqliteTable(
  'tickets',
  {
    groupId: text('group_id').notNull(),
    day: text().notNull(),
    orderType: text('order_type').notNull(),
    number: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.day, table.orderType] })],
)

export const ticketMessages = sqliteTable('ticket_messages', {
  n: integer().primaryKey(),
  groupId: text('group_id').notNull(),
  deviceId: text('device_id').notNull(),
  msgId: text('msg_id').notNull(),
  orderType: text('order_type').notNull(),
  number: integer().notNull(),
})

export const audit = sqliteTable('audit', {
  n: integer().primaryKey(),
  groupId: text('group_id').notNull(),
  at: integer().notNull(),
  what: text().notNull(),
  actor: text().notNull(),
  actorName: text('actor_name').notNull(),
  actorSubject: text('actor_subject').notNull(),
  subject: text().notNull(),
  loser: text(),
  loserName: text('loser_name'),
  reason: text(),
})
