-- Milliseconds since 1970 in every column that ends in "at"; JSON text in snapshot, tables, line_id_map, fiscal.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE terminals (
  terminal_id TEXT PRIMARY KEY,
  group_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  protocol INTEGER NOT NULL,
  session_key TEXT,
  foreign_epoch INTEGER NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  last_active_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row an order, for good. Its content is the newest row of order_versions.
CREATE TABLE orders (
  group_id TEXT NOT NULL,
  pos_reference TEXT NOT NULL,
  state TEXT NOT NULL,
  closed INTEGER NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  table_id INTEGER,
  status TEXT,
  author TEXT NOT NULL,
  at INTEGER NOT NULL,
  paid_at INTEGER,
  paid_digest TEXT,
  config_id INTEGER,
  finalize_msg_id TEXT,
  settled_order_id INTEGER,
  refusal_code TEXT,
  refusal_text TEXT,
  order_id INTEGER,
  line_id_map TEXT,
  fiscal TEXT,
  PRIMARY KEY (group_id, pos_reference)
) STRICT, WITHOUT ROWID;

-- Both indexes are partial, so that a snapshot of an open order touches neither.
CREATE INDEX orders_active ON orders (closed, group_id) WHERE closed = 0;
CREATE INDEX orders_closed ON orders (group_id, seq) WHERE closed = 1;

CREATE TABLE order_versions (
  group_id TEXT NOT NULL,
  pos_reference TEXT NOT NULL,
  version INTEGER NOT NULL,
  base_version INTEGER,
  kind TEXT NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  at INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  PRIMARY KEY (group_id, pos_reference, version)
) STRICT;

-- In the order of n: the newest 256 of an order are kept.
CREATE TABLE order_messages (
  n INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL,
  pos_reference TEXT NOT NULL,
  msg_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  UNIQUE (group_id, pos_reference, msg_id)
) STRICT;

-- Payments for an order that was paid already, with other content: money may have been taken twice.
CREATE TABLE second_payments (
  group_id TEXT NOT NULL,
  pos_reference TEXT NOT NULL,
  digest TEXT NOT NULL,
  msg_id TEXT,
  config_id INTEGER NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  at INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  PRIMARY KEY (group_id, pos_reference, digest)
) STRICT;

-- Table locks and order leases that run. Their deadlines live in memory: an SD card wears out.
CREATE TABLE grants (
  group_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (group_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tables (
  group_id TEXT NOT NULL,
  table_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  pos_reference TEXT,
  author TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (group_id, table_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE floors (
  group_id TEXT NOT NULL,
  floor_id INTEGER NOT NULL,
  tables TEXT NOT NULL,
  layout_mode TEXT,
  author TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (group_id, floor_id)
) STRICT;

-- The last number given, by business day and type.
CREATE TABLE tickets (
  group_id TEXT NOT NULL,
  day TEXT NOT NULL,
  order_type TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (group_id, day, order_type)
) STRICT, WITHOUT ROWID;

-- In the order of n: the newest 256 of a group are kept.
CREATE TABLE ticket_messages (
  n INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  msg_id TEXT NOT NULL,
  order_type TEXT NOT NULL,
  number INTEGER NOT NULL,
  UNIQUE (group_id, device_id, msg_id)
) STRICT;

CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_subject TEXT NOT NULL,
  subject TEXT NOT NULL,
  loser TEXT,
  loser_name TEXT,
  reason TEXT
) STRICT;
