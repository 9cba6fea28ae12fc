-- Milliseconds since 1970 in every column that ends in "at"; JSON text in verdict_theirs, refusal_theirs, config_ids.

-- What is on its way to Odoo, one row an order.
CREATE TABLE outbox (
  group_id TEXT NOT NULL,
  pos_reference TEXT NOT NULL,
  kind TEXT NOT NULL,
  config_id INTEGER,
  version INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  sent_version INTEGER,
  -- Written before a call is made, taken out by its answer: what stands here at a start has an unknown end.
  sent_at INTEGER,
  unanswered_at INTEGER,
  verdict_code TEXT,
  verdict_text TEXT,
  verdict_theirs TEXT,
  trouble_code TEXT,
  trouble_text TEXT,
  parked INTEGER NOT NULL,
  PRIMARY KEY (group_id, pos_reference)
) STRICT, WITHOUT ROWID;

INSERT INTO outbox (group_id, pos_reference, kind, config_id, version, since_at, attempts, parked)
SELECT group_id, pos_reference, 'finalize', config_id, version, paid_at, 0, 0
FROM orders WHERE state = 'finalizing';

INSERT INTO outbox (group_id, pos_reference, kind, config_id, version, since_at, attempts, parked)
SELECT group_id, pos_reference, 'forward', config_id, version, at, 0, 0
FROM orders WHERE state = 'open' AND status IN ('paid', 'done', 'invoiced', 'posted');

-- Tokens that Odoo found good, by digest: the token itself is never kept.
CREATE TABLE known_tokens (
  digest TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  config_ids TEXT NOT NULL,
  checked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What Odoo has under the reference of an order that it did not take.
ALTER TABLE orders ADD COLUMN refusal_theirs TEXT;

ALTER TABLE terminals ADD COLUMN config_id INTEGER;

-- When a person has looked at it, and what came of it.
ALTER TABLE second_payments ADD COLUMN settled_at INTEGER;
ALTER TABLE second_payments ADD COLUMN settled_note TEXT;
