/** The calls between Paydesk and a processor server. The OpenAPI description has the details. */

/** The path of each call, below the server's URL. All are POST requests. */
export const CALL_PATHS = {
  describe: '/v1/describe',
  charge: '/v1/charge',
  findCharge: '/v1/find-charge',
  cancelCharge: '/v1/cancel-charge', // Only for processors whose description has canCancel.
  refund: '/v1/refund',
  // Only for processors whose description has canSave.
  save: '/v1/save',
  findSaved: '/v1/find-saved',
  forget: '/v1/forget',
  // Only for processors whose description has canOpenAccounts.
  openVirtualAccount: '/v1/open-virtual-account',
  closeVirtualAccount: '/v1/close-virtual-account',
  listTransfers: '/v1/list-transfers',
  decideTransfer: '/v1/decide-transfer',
  // Only for processors whose description has canReportPayouts.
  listPayouts: '/v1/list-payouts',
  listPayoutTransactions: '/v1/list-payout-transactions',
  // Only for processors whose description has canReportDisputes.
  listDisputes: '/v1/list-disputes',
  // Only for processors whose description has hasTerminals.
  findTerminal: '/v1/find-terminal',
  // Only for processors whose description has hasMandates.
  notifyOfDebit: '/v1/notify-of-debit',
  findMandate: '/v1/find-mandate',
  cancelMandate: '/v1/cancel-mandate',
  // Only for `paydesk processor check`, against a server that uses the company's test system.
  testSetup: '/v1/test/setup',
  completeCharge: '/v1/test/complete-charge',
  completeRefund: '/v1/test/complete-refund',
  completeSave: '/v1/test/complete-save',
  completeNotice: '/v1/test/complete-notice',
  sendTransfer: '/v1/test/send-transfer',
  makePayout: '/v1/test/make-payout',
  openDispute: '/v1/test/open-dispute',
} as const

/** The name of a call. The signed body repeats it as `call`, so that no call can be sent to another path. */
export type CallName = keyof typeof CALL_PATHS

/** The largest difference between a call's timestamp and the server's clock. */
export const TOLERANCE_SECONDS = 300

/** The largest answer. */
export const ANSWER_BYTES_MAX = 64 * 1024

/**
 * The time limit of each call, in milliseconds. For calls that the guard limits, it is less than the guard's limit. The
 * guard does not limit `describe`, `charge`, `save` and the calls for tests.
 */
export const TIMEOUT_MS: Readonly<Record<CallName, number>> = {
  describe: 10_000,
  charge: 120_000,
  findCharge: 30_000,
  cancelCharge: 30_000,
  refund: 30_000,
  save: 120_000,
  findSaved: 30_000,
  forget: 30_000,
  openVirtualAccount: 30_000,
  closeVirtualAccount: 30_000,
  listTransfers: 30_000,
  decideTransfer: 30_000,
  listPayouts: 30_000,
  listPayoutTransactions: 30_000,
  listDisputes: 30_000,
  findTerminal: 30_000,
  notifyOfDebit: 30_000,
  findMandate: 30_000,
  cancelMandate: 30_000,
  testSetup: 30_000,
  completeCharge: 120_000,
  completeRefund: 120_000,
  completeSave: 120_000,
  completeNotice: 120_000,
  sendTransfer: 120_000,
  makePayout: 120_000,
  openDispute: 120_000,
}

/** The maximum number of signing keys in use at the same time. */
export const KEY_COUNT_MAX = 3
