import type { SchemaModule } from 'kysely'
import type { Migration, MigrationProvider } from 'kysely/migration'

/**
 * Numbered and forward-only. `bigint` is an integer in SQLite and 64 bits in PostgreSQL. Statements
 * stand here as they were released: a change is a new migration.
 */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-people-and-sites': { up: async (db) => peopleAndSites(db.schema) },
  '0002-journal-and-fleet': { up: async (db) => journalAndFleet(db.schema) },
  '0003-work': { up: async (db) => work(db.schema) },
  '0004-operation-of-an-act': {
    up: async (db) => db.schema.alterTable('acts').addColumn('operation', 'text').execute(),
  },
  '0005-boot-traces': { up: async (db) => bootTraces(db.schema) },
  '0006-sealed-logins': { up: async (db) => sealedLogins(db.schema) },
  '0007-intake': {
    up: async (db) => db.schema.alterTable('sleds').addColumn('intake', 'text').execute(),
  },
  '0008-console-records': { up: async (db) => consoleRecords(db.schema) },
  '0009-sealing-key': {
    up: async (db) => db.schema.alterTable('sites').addColumn('sealing_key', 'text').execute(),
  },
}

export const migrationProvider: MigrationProvider = { getMigrations: async () => MIGRATIONS }

async function peopleAndSites(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('counters')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createTable('users')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('owner', 'text')
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .execute()
  await schema
    .createTable('sessions')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('user', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createTable('sites')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('latitude_e6', 'bigint')
    .addColumn('longitude_e6', 'bigint')
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('rack', 'text')
    .addColumn('wanted_generation', 'bigint', (c) => c.notNull())
    .addColumn('held_generation', 'bigint')
    .addColumn('applied_generation', 'bigint')
    .addColumn('conflict_generation', 'bigint')
    .addColumn('whole_below_generation', 'bigint', (c) => c.notNull())
    .addColumn('certified_spki', 'text')
    .addColumn('agent_version', 'text')
    .addColumn('epoch', 'text')
    .addColumn('boot_id', 'text')
    .addColumn('last_seq', 'bigint')
    .addColumn('last_seen_ms', 'bigint')
    .execute()
  await schema
    .createTable('enrolment_tokens')
    .addColumn('secret_hash', 'text', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('used_at_ms', 'bigint')
    .execute()
}

async function journalAndFleet(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('journals')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('acked_seq', 'bigint', (c) => c.notNull())
    .addColumn('lost', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('journals_key', ['site', 'epoch'])
    .execute()
  await schema
    .createTable('events')
    .addColumn('id', 'bigint', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('sled', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('readable', 'integer', (c) => c.notNull())
    .addUniqueConstraint('events_name', ['site', 'epoch', 'seq'])
    .execute()
  await schema.createIndex('events_by_sled').on('events').columns(['site', 'sled', 'id']).execute()
  await schema
    .createTable('sleds')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('declared', 'integer', (c) => c.notNull())
    .addColumn('declaration', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('state_reason', 'text')
    .addColumn('state_since_ms', 'bigint')
    .addColumn('state_deadline_ms', 'bigint')
    .addColumn('power', 'text', (c) => c.notNull())
    .addColumn('power_as_of_ms', 'bigint')
    .addColumn('facts', 'text')
    .addColumn('firmware', 'text')
    .addColumn('place_grade', 'text', (c) => c.notNull())
    .addColumn('witnesses', 'text')
    .addColumn('operation', 'text')
    .addPrimaryKeyConstraint('sleds_key', ['site', 'name'])
    .execute()
  await schema
    .createTable('operations')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('assignment', 'text')
    .addColumn('started_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('record', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('operations_key', ['site', 'id'])
    .execute()
  await schema
    .createIndex('operations_by_start')
    .on('operations')
    .columns(['started_at_ms', 'id'])
    .execute()
  await schema.createIndex('operations_by_state').on('operations').column('state').execute()
  await schema
    .createTable('notices')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('sled', 'text')
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('first_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('notices_key', ['site', 'key'])
    .execute()
  await schema
    .createTable('work_orders')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('work_orders_key', ['site', 'id'])
    .execute()
}

async function work(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('images')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('raw_check', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('images_key', ['tenant', 'sha256'])
    .execute()
  await schema
    .createTable('deployments')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('decision', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('image', 'text', (c) => c.notNull())
    .addColumn('image_name', 'text', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('placement', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute()
  await schema
    .createTable('assignments')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('deployment', 'text', (c) => c.notNull())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('wanted', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('operation', 'text')
    .addColumn('hostname', 'text', (c) => c.notNull())
    .addColumn('changed_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('document', 'text', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('assignments_by_site')
    .on('assignments')
    .columns(['site', 'state'])
    .execute()
  await schema
    .createIndex('assignments_by_deployment')
    .on('assignments')
    .column('deployment')
    .execute()
  await schema
    .createTable('wanted_documents')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('body', 'text')
    .addColumn('generation', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('wanted_documents_key', ['site', 'key'])
    .execute()
  await schema
    .createTable('acts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .execute()
  await schema.createIndex('acts_by_state').on('acts').columns(['state', 'site']).execute()
  await schema
    .createTable('idempotency')
    .addColumn('user', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('request_hash', 'text', (c) => c.notNull())
    .addColumn('deployment', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('idempotency_key', ['user', 'key'])
    .execute()
}

async function bootTraces(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('boot_traces')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('machine', 'text', (c) => c.notNull())
    .addColumn('received_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('document', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('boot_traces_key', ['site', 'machine'])
    .execute()
}

async function sealedLogins(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('sealed_logins')
    .addColumn('event', 'bigint', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('user', 'text', (c) => c.notNull())
    .addColumn('box', 'text', (c) => c.notNull())
    .addColumn('sealed_at_ms', 'bigint', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('sealed_logins_by_sled')
    .on('sealed_logins')
    .columns(['site', 'sled', 'event'])
    .execute()
}

async function consoleRecords(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('console_records')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('sled', 'text', (c) => c.notNull())
    .addColumn('began_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('last_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('cut', 'integer', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('console_records_by_sled')
    .on('console_records')
    .columns(['site', 'sled', 'began_at_ms'])
    .execute()
  await schema
    .createTable('console_parts')
    .addColumn('record', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('by_whom', 'text')
    .addColumn('ring', 'text')
    .addColumn('first_byte', 'bigint')
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('console_parts_key', ['record', 'number'])
    .execute()
}
