import type { Migrations } from '@brickyard/runtime/store'
import { LOGIN_TABLE } from '../credentials/login-book.ts'
import { BOOT_DISC_TABLE } from '../operations/boot-discs.ts'
import { LEASE_TABLES } from '../netboot/lease-store.ts'
import { BMC_INTAKE_TABLE } from '../bmc/bmc-intake.ts'
import { BMC_PIN_TABLE } from '../bmc/bmc-pins.ts'
import { BMC_RESTART_TABLE } from '../bmc/bmc-restarts.ts'
import { BMC_LOG_TABLE } from '../bmc/log-watch.ts'
import { REDFISH_SESSION_TABLE } from '../bmc/stored-sessions.ts'
import { BOOT_TABLES } from '../netboot/trace-book.ts'
import { WORK_ORDER_MIGRATION } from '../site-page/work-order-desk.ts'

/**
 * Tables of `site.db`. Forward-only: a released step is never edited, a change is a new step.
 * Columns named `document` hold JSON that only this program reads; what is queried has a column.
 */
export const SITE_MIGRATIONS: Migrations = [
  `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  acked_at_ms INTEGER
) STRICT;
CREATE TABLE sled (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE operation (
  id TEXT PRIMARY KEY,
  sled TEXT NOT NULL,
  running INTEGER NOT NULL CHECK (running IN (0, 1)),
  started_at_ms INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_by_age ON operation (running, started_at_ms);
CREATE TABLE assignment (
  id TEXT PRIMARY KEY,
  sled TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('installed', 'failed', 'released', 'release-failed')),
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE intent (
  token_sha256 TEXT PRIMARY KEY,
  operation TEXT NOT NULL,
  sled TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'closed')),
  opened_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE wanted (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE act (
  id TEXT PRIMARY KEY,
  received_at_ms INTEGER NOT NULL,
  ok INTEGER CHECK (ok IN (0, 1)),
  reason TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  used_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE credential (sled TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
${LEASE_TABLES};
${WORK_ORDER_MIGRATION}
`,
  BMC_LOG_TABLE,
  LOGIN_TABLE,
  BMC_RESTART_TABLE,
  BOOT_DISC_TABLE,
  BMC_INTAKE_TABLE,
  BMC_PIN_TABLE,
]

/** Tables of `readings.db`: latest values and traces, nothing that a site could not do without. */
export const READINGS_MIGRATIONS: Migrations = [
  `
CREATE TABLE reading (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  unit TEXT,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID
`,
  BOOT_TABLES,
  REDFISH_SESSION_TABLE,
]
