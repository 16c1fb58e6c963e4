/**
 * Every column of the database, with the personal data of a customer that it can contain. `personal-columns.test.ts`
 * compares the table with the schema, so that no column is added without a decision.
 */

import type { ErasedKind } from '../domain/erasure.ts'
import { ERASED_TEXT, eraseAddress, eraseJson, eraseSavedFacts } from '../domain/erasure.ts'
import type { SqlValue } from './engine/engine.ts'

/**
 * Returns the value of a column after the erasure. `value`: the current value, which is not null. `eraseSealed`: erases
 * the personal data in a sealed answer.
 */
export type EraseValue = (value: string, eraseSealed: (sealedText: string) => string) => SqlValue

const absent: EraseValue = () => null
const replaceText: EraseValue = () => ERASED_TEXT
const inJson: EraseValue = eraseJson
const eraseSealedValue: EraseValue = (value, eraseSealed) => eraseSealed(value)
const savedFacts: EraseValue = (value) => JSON.stringify(eraseSavedFacts(JSON.parse(value)))
const address: EraseValue = (value) => JSON.stringify(eraseAddress(JSON.parse(value)))

/** A reason why an erasure keeps a column. */
export type KeptReason = keyof typeof KEPT_REASONS

/** The reasons, in a sentence for the report. */
export const KEPT_REASONS = {
  merchant_reference:
    'the merchant’s own number, which identifies the payment in the merchant’s books and in the processor’s reports',
  instrument:
    'kind, brand, last digits, expiry and bank of the instrument, which identify the payment in disputes and in the processor’s reports; its names and its UPI ID are erased',
  bank_reference: 'the reference of the bank or the processor, which traces the money',
  money: 'the decision of a bank or a merchant about money',
  short_lived: 'a hash, which the servers delete after two days',
} as const

/** The columns of one table. */
export type PersonalTable = {
  /** The primary key. */
  readonly key: readonly string[]
  /** The name of its rows in the report. Undefined: an erasure changes none. */
  readonly kind?: ErasedKind
  /** True: the whole row is deleted. */
  readonly isDeleted?: true
  readonly erased?: Readonly<Record<string, EraseValue>>
  readonly kept?: Readonly<Record<string, KeptReason>>
  /** The columns that have no personal data of a customer, separated by blanks. */
  readonly none: string
}

/** All tables with their columns. */
export const PERSONAL_TABLES: Readonly<Record<string, PersonalTable>> = {
  customers: {
    key: ['bucket', 'id'],
    kind: 'customers',
    // A constraint requires a time of deletion for a customer without an e-mail address, so the erasure writes that
    // time too.
    erased: {
      name: replaceText,
      email: absent,
      phone: absent,
      dialing_code: absent,
      meta_data_json: absent,
    },
    none: 'bucket id account_id created_at_ms changed_at_ms deleted_at_ms',
  },
  payment_methods: {
    key: ['bucket', 'id'],
    kind: 'saved_methods',
    erased: {
      instrument_json: savedFacts,
      address_json: address,
      checks_json: absent,
      action_json: absent,
    },
    // The token is erased when the processor has deleted it.
    none: 'bucket id account_id customer_id session_id status source address_id token_sealed decline_code created_at_ms changed_at_ms ask_at_ms asked_count',
  },
  payment_method_sessions: {
    key: ['bucket', 'id'],
    kind: 'saving_sessions',
    erased: { description: absent },
    none: 'bucket id account_id customer_id status created_at_ms expires_at_ms save_count method_id',
  },
  payment_sessions: {
    key: ['bucket', 'id'],
    kind: 'sessions',
    erased: { echoed_json: inJson, configurations_json: absent, type_json: inJson },
    kept: { invoice_number: 'merchant_reference', reference_number: 'merchant_reference' },
    // `transfer_details_json` has the shares of connected accounts, without texts.
    none: 'bucket id account_id status currency amount_minor created_at_ms expires_at_ms attempt_count attempt_count_max current_attempt_id transfer_details_json opened_by_hash customer_id payment_link_id virtual_account_id is_listed',
  },
  payment_attempts: {
    key: ['bucket', 'id'],
    kind: 'payments',
    erased: {
      instrument_json: inJson,
      customer_email: absent,
      customer_phone: absent,
      customer_dialing_code: absent,
      customer_language: absent,
      action_json: absent,
      own_description: replaceText,
    },
    kept: { processor_reference: 'bank_reference', own_reference: 'merchant_reference' },
    none: 'bucket id payment_session_id account_id number status payment_method decline_code created_at_ms deadline_at_ms decided_at_ms ask_at_ms asked_count captured_minor fee_minor tax_minor refunded_minor refunding_minor transferred_minor disputed_minor statement_descriptor is_foreign mandate_id saved_method_id',
  },
  refunds: {
    key: ['bucket', 'id'],
    kind: 'refunds',
    erased: { description: absent, meta_data_json: absent, failure_reason: absent },
    kept: { processor_reference: 'bank_reference' },
    none: 'bucket id account_id payment_attempt_id currency amount_minor type reason status created_at_ms ask_at_ms asked_count decided_at_ms',
  },
  refund_approvals: {
    key: ['bucket', 'id'],
    none: 'bucket id account_id payment_attempt_id currency amount_minor reason requested_by created_at_ms expires_at_ms status decided_by decided_at_ms refund_id',
  },
  transfers: {
    key: ['bucket', 'id'],
    kind: 'transfers',
    erased: { description: absent },
    none: 'bucket id account_id payment_attempt_id number connected_account_id currency amount_minor created_at_ms reversed_minor',
  },
  transfer_reversals: {
    key: ['bucket', 'id'],
    kind: 'reversals',
    erased: { description: absent },
    none: 'bucket id account_id transfer_id connected_account_id currency amount_minor created_at_ms',
  },
  payment_links: {
    key: ['bucket', 'id'],
    kind: 'payment_links',
    erased: {
      description: replaceText,
      email: absent,
      phone: absent,
      phone_digits: absent,
      phone_country_code: absent,
      return_url: absent,
      notify_customer_json: absent,
      configurations_json: absent,
    },
    kept: { reference_id: 'merchant_reference' },
    none: 'bucket id account_id currency amount_minor url created_at_ms expires_at_ms status newest_session_id current_session_id paid_attempt_id due_at_ms',
  },
  mandates: {
    key: ['bucket', 'id'],
    kind: 'mandates',
    erased: {
      customer_name: replaceText,
      customer_email: absent,
      customer_phone: absent,
      description: replaceText,
      upi_id: absent,
    },
    none: 'bucket id account_id customer_id enrollment_attempt_id created_at_ms amount_rule frequency amount_minor start_on end_on debit_day debit_rule status inactive_reason changed_at_ms ends_at_ms ask_at_ms asked_count',
  },
  mandate_notifications: {
    key: ['bucket', 'id'],
    kind: 'mandate_notifications',
    erased: { description: replaceText },
    kept: { invoice_number: 'merchant_reference', processor_reference: 'bank_reference' },
    none: 'bucket id mandate_id account_id amount_minor execution_on created_at_ms status ask_at_ms asked_count',
  },
  virtual_accounts: {
    key: ['bucket', 'id'],
    kind: 'virtual_accounts',
    erased: { description: replaceText, meta_data_json: absent },
    kept: { account_number: 'bank_reference', reference_number: 'merchant_reference' },
    none: 'bucket id account_id ifsc_code beneficiary_name customer_id created_at_ms minimum_minor maximum_minor paid_minor status expires_on changed_at_ms last_transfer_at_ms ends_at_ms close_due_at_ms',
  },
  webhook_events: {
    key: ['bucket', 'id'],
    kind: 'events',
    erased: { body_json: inJson },
    none: 'bucket id account_id type subject_id created_at_ms subject_kind',
  },
  webhook_delivery_attempts: {
    key: ['bucket', 'event_id', 'endpoint_id', 'number'],
    kind: 'answers_of_receivers',
    erased: { response_body: absent },
    none: 'bucket event_id endpoint_id number started_at_ms duration_ms http_status failure',
  },
  idempotency_keys: {
    key: ['bucket', 'identity_hash'],
    kind: 'stored_answers',
    erased: { answer_sealed: eraseSealedValue },
    kept: { request_hash: 'short_lived' },
    none: 'bucket identity_hash status resource_id created_at_ms',
  },
  messages: {
    key: ['bucket', 'id'],
    kind: 'messages',
    isDeleted: true,
    erased: { recipient: replaceText, content_json: inJson },
    none: 'bucket id account_id kind channel subject_id occasion language created_at_ms status attempt_count next_attempt_at_ms ended_at_ms failure messenger_reference',
  },
  sandbox_charges: {
    key: ['bucket', 'attempt_id'],
    kind: 'sandbox_rows',
    erased: { instrument_json: inJson, action_json: absent },
    none: 'bucket attempt_id currency amount_minor return_url outcome_on_consent decide_after_ms outcome decided_at_ms created_at_ms',
  },
  sandbox_mandates: {
    key: ['bucket', 'mandate_id'],
    kind: 'sandbox_rows',
    erased: { upi_id: replaceText },
    none: 'bucket mandate_id status revoke_at_ms',
  },
  sandbox_saves: {
    key: ['bucket', 'payment_method_id'],
    kind: 'sandbox_rows',
    erased: { instrument_json: savedFacts, checks_json: absent },
    none: 'bucket payment_method_id return_url outcome_on_consent decide_after_ms charge_outcome charge_after_ms outcome decided_at_ms forgotten_at_ms created_at_ms',
  },
  sandbox_refunds: {
    key: ['bucket', 'refund_id'],
    none: 'bucket refund_id attempt_id amount_minor decided_at_ms',
  },
  disputes: {
    key: ['bucket', 'id'],
    kept: { reason: 'money', processor_reference: 'bank_reference' },
    none: 'bucket id account_id payment_attempt_id currency amount_minor fee_minor created_at_ms status decided_at_ms',
  },
  bank_transfers: {
    key: ['bucket', 'id'],
    kept: { utr: 'bank_reference' },
    none: 'bucket id virtual_account_id amount_minor created_at_ms status reverse_at_ms decision_due_at_ms',
  },
  mandate_debits: {
    key: ['bucket', 'id'],
    none: 'bucket id mandate_id payment_session_id cycle_on notification_id created_at_ms status ask_at_ms',
  },
  ledger_postings: {
    key: ['bucket', 'kind', 'source_id'],
    none: 'bucket kind source_id payment_attempt_id account_id debit credit currency amount_minor created_at_ms',
  },
  balance_transactions: {
    key: ['bucket', 'id', 'kind'],
    none: 'bucket kind id parent_id account_id connected_account_id payment_attempt_id currency amount_minor fee_minor tax_minor net_minor created_at_ms available_at_ms payout_id',
  },
  webhook_deliveries: {
    key: ['bucket', 'event_id', 'endpoint_id'],
    none: 'bucket event_id endpoint_id account_id event_type status attempt_count failure_count failing_since_ms next_attempt_at_ms attempted_at_ms http_status created_at_ms',
  },
  // The following tables are about merchants, their programs and the installation.
  access_tokens: {
    key: ['token_hash'],
    none: 'token_hash client_id account_ids scopes grant_id refresh_token_hash expires_at_ms',
  },
  account_logos: { key: ['file'], none: 'file content created_at_ms unused_since_ms' },
  accounts: {
    key: ['id'],
    none: 'id name edition payment_methods fee_rate_bps tax_rate_bps signing_key_sealed api_key_hash owner_key_hash created_at_ms frame_origins brand_color statement_descriptor logo_file terms_url privacy_url hides_powered_by closed_at_ms fee_changes previous_signing_key_sealed previous_signing_key_until_ms previous_api_key_hash previous_api_key_until_ms previous_owner_key_hash previous_owner_key_until_ms payout_schedule bank_account_json',
  },
  // An entry about a customer has only the customer's id. The entry of an erasure also counts the erased rows.
  audit_log: {
    key: ['number'],
    none: 'number at_ms actor_kind actor_name action object_id before_json after_json',
  },
  authorization_codes: {
    key: ['code_hash'],
    none: 'code_hash client_id account_ids scopes redirect_uri code_challenge grant_id expires_at_ms used_at_ms',
  },
  clients: {
    key: ['id'],
    none: 'id name secret_hash account_ids redirect_uris is_machine created_at_ms previous_secret_hash previous_secret_until_ms',
  },
  // Operators are not customers.
  operators: {
    key: ['id'],
    none: 'id email name role account_ids refund_max account_refund_max created_at_ms accepted_at_ms disabled_at_ms password_hash code_secret_sealed last_code_step recovery_hashes invitation_hash invitation_ends_at_ms provider_issuer provider_subject',
  },
  operator_passkeys: {
    key: ['credential_id'],
    none: 'credential_id operator_id name public_key sign_count created_at_ms used_at_ms',
  },
  // A search with the contact of a customer is not saved.
  saved_searches: {
    key: ['id'],
    none: 'id operator_id name view_name query created_at_ms',
  },
  operator_sessions: {
    key: ['token_hash'],
    none: 'token_hash operator_id created_at_ms seen_at_ms browser',
  },
  used_challenges: { key: ['challenge_hash'], none: 'challenge_hash ends_at_ms' },
  sign_in_counts: { key: ['key'], none: 'key failure_count started_at_ms' },
  connected_accounts: {
    key: ['account_id', 'id'],
    none: 'account_id id name created_at_ms details_json',
  },
  installation: { key: ['name'], none: 'name value' },
  ledger_checks: {
    key: ['id'],
    none: 'id checked_at_ms duration_ms posting_count discrepancy_count discrepancies_json',
  },
  ledger_balances: {
    key: ['account_id', 'checked_at_ms', 'connected_account_id', 'currency', 'ledger_account'],
    none: 'account_id checked_at_ms connected_account_id currency ledger_account debit_minor credit_minor',
  },
  ledger_check_runs: {
    key: ['id'],
    none: 'id started_at_ms alive_until_ms part has_failed',
  },
  payment_count_runs: {
    key: ['account_id'],
    none: 'account_id counted_to_ms next_run_at_ms',
  },
  payment_counts: {
    key: ['account_id', 'from_ms'],
    none: 'account_id from_ms counts_json recount_at_ms',
  },
  payout_runs: {
    key: ['account_id'],
    none: 'account_id next_run_at_ms after_connected_account_id after_currency',
  },
  payout_transactions: {
    key: ['payout_id', 'created_at_ms', 'transaction_id', 'kind'],
    none: 'payout_id created_at_ms transaction_id kind',
  },
  payouts: {
    key: ['id'],
    none: 'id account_id connected_account_id status currency amount_minor summary_json created_at_ms arrives_at_ms next_step_at_ms decided_at_ms failure_code bank_reference statement_descriptor bank_account_json processor_reference',
  },
  processor_feeds: { key: ['name'], none: 'name read_up_to next_read_at_ms' },
  refresh_tokens: {
    key: ['token_hash'],
    none: 'token_hash client_id account_ids scopes grant_id sequence created_at_ms',
  },
  schema_migrations: { key: ['version'], none: 'version name' },
  search_turns: { key: ['kind'], none: 'kind taken_at_ms' },
  webhook_endpoints: {
    key: ['id'],
    none: 'id account_id name url description status enabled_events signing_key_sealed previous_key_sealed previous_key_until_ms accepted_at_ms activated_at_ms created_at_ms changed_at_ms',
  },
}
