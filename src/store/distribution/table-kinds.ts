/**
 * The place of a table's rows on a distributed database.
 *
 * `distributed`: each row on the machine of its bucket, together with the other rows of the bucket. `reference`: a copy
 * on every machine, so that distributed tables can join it and refer to it. `local`: on the coordinator only, because no
 * statement joins it with distributed rows. A write of a local table waits for no other machine, so tokens are issued
 * while one is down.
 */
export type TableKind = 'distributed' | 'reference' | 'local'

/** The kind of every table of the schema. Distributed tables have a `bucket`. */
export const TABLE_KINDS: Readonly<Record<string, TableKind>> = {
  access_tokens: 'local',
  account_logos: 'reference',
  accounts: 'reference',
  // Its triggers keep its rows unchanged. Citus allows triggers on local tables only.
  audit_log: 'local',
  authorization_codes: 'local',
  balance_transactions: 'distributed',
  bank_transfers: 'distributed',
  clients: 'local',
  connected_accounts: 'reference',
  customers: 'distributed',
  disputes: 'distributed',
  idempotency_keys: 'distributed',
  installation: 'local',
  ledger_balances: 'local',
  ledger_check_runs: 'local',
  ledger_checks: 'local',
  ledger_postings: 'distributed',
  mandate_debits: 'distributed',
  mandate_notifications: 'distributed',
  mandates: 'distributed',
  messages: 'distributed',
  operator_passkeys: 'local',
  saved_searches: 'local',
  operator_sessions: 'local',
  operators: 'local',
  payment_attempts: 'distributed',
  payment_count_runs: 'local',
  payment_counts: 'local',
  payment_links: 'distributed',
  payment_method_sessions: 'distributed',
  payment_methods: 'distributed',
  payment_sessions: 'distributed',
  payout_runs: 'reference',
  payout_transactions: 'reference',
  payouts: 'reference',
  processor_feeds: 'local',
  refresh_tokens: 'local',
  refund_approvals: 'distributed',
  refunds: 'distributed',
  sandbox_charges: 'distributed',
  sandbox_mandates: 'distributed',
  sandbox_refunds: 'distributed',
  sandbox_saves: 'distributed',
  schema_migrations: 'local',
  search_turns: 'local',
  sign_in_counts: 'local',
  transfer_reversals: 'distributed',
  transfers: 'distributed',
  used_challenges: 'local',
  virtual_accounts: 'distributed',
  webhook_deliveries: 'distributed',
  webhook_delivery_attempts: 'distributed',
  webhook_endpoints: 'reference',
  webhook_events: 'distributed',
}

/** The distributed table with which all others share their machines. */
export const FIRST_DISTRIBUTED = 'payment_sessions'

/** The number of shards of a new distribution. Each machine needs at least one, so these are enough for 32 machines. */
export const SHARD_COUNT_DEFAULT = 32
/** The largest number of shards. There are 256 buckets, so further shards would be empty. */
export const SHARD_COUNT_MAX = 256

/** The sentence for an operator who wants to distribute an embedded database. */
export const EMBEDDED_DATABASE_REFUSAL =
  'The embedded database stays on one machine. Name a Citus database with --database-url.'
