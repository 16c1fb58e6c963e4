// Printed by npm run print. Do not edit.
import type { DisputeOpenBody } from '../sandbox/control/dispute-schemas.ts'
import type {
  ChangedMandateAnswer,
  MandateStoryAnswer,
} from '../sandbox/control/mandate-schemas.ts'
import type {
  SavedMethodAnswer,
  SavedMethodBody,
} from '../sandbox/control/payment-method-schemas.ts'
import type {
  PayoutAnswer,
  PayoutFailBody,
  PayoutRunAnswer,
  PayoutRunBody,
  PayoutSettingsAnswer,
  PayoutSettingsBody,
} from '../sandbox/control/payout-schemas.ts'
import type {
  BankTransferBody,
  ClockAdvanceBody,
  ClockAnswer,
  ClockRunBody,
  ClockSetBody,
  DecideBody,
  DoneAnswer,
  FactsAnswer,
  InspectedDeliveryAnswer,
  LedgerAnswer,
  LinkStoryAnswer,
  MessageAnswer,
  MessageListQuery,
  MessagesAnswer,
  OpenedLinkAnswer,
  PaymentLinkAnswer,
  PlayedSessionAnswer,
  RestoreBody,
  SampleAnswer,
  SearchAnswer,
  SearchQuery,
  SessionStoryAnswer,
  SnapshotAnswer,
  SnapshotBody,
  SnapshotsAnswer,
  StartedPaymentsAnswer,
  StartedPaymentsQuery,
  StatisticsAnswer,
  StatisticsQuery,
  TenantAnswer,
  TenantBody,
  TenantsAnswer,
  TriggerAttemptsBody,
  TriggerEventBody,
  TriggeredEventAnswer,
  TriggerSessionBody,
  WebhookKeysAnswer,
  WebhookKeysQuery,
} from '../sandbox/control/schemas.ts'
import type {
  TerminalAnswer,
  TerminalPayBody,
  TerminalPaymentAnswer,
} from '../sandbox/control/terminal-schemas.ts'
import type { FaultAnswer, FaultBody, FaultsAnswer } from '../sandbox/faults/schemas.ts'
import type {
  ListenersAnswer,
  RequestAnswer,
  RequestListQuery,
  RequestsAnswer,
} from '../sandbox/log/schemas.ts'

/**
 * Every operation of the control API. `path` lies below `/_sandbox`.
 *
 * `answer` is the key of the object in the answer. A list of several pages has `rows` (the key of its rows) and
 * `rowId` (the key of a row's id).
 */
export const CONTROL_METHODS = {
  readClock: {
    method: 'GET',
    path: '/clock',
    answer: 'clock',
  },
  setClock: {
    method: 'POST',
    path: '/clock/set',
    answer: 'clock',
  },
  advanceClock: {
    method: 'POST',
    path: '/clock/advance',
    answer: 'clock',
  },
  freezeClock: {
    method: 'POST',
    path: '/clock/freeze',
    answer: 'clock',
  },
  runClock: {
    method: 'POST',
    path: '/clock/run',
    answer: 'clock',
  },
  listTenants: {
    method: 'GET',
    path: '/tenants',
    answer: 'tenants',
  },
  createTenant: {
    method: 'POST',
    path: '/tenants',
    answer: 'tenant',
  },
  deleteTenant: {
    method: 'DELETE',
    path: '/tenants/{name}',
  },
  forkTenant: {
    method: 'POST',
    path: '/fork',
    answer: 'tenant',
  },
  resetSandbox: {
    method: 'POST',
    path: '/reset',
    answer: 'tenant',
  },
  listSnapshots: {
    method: 'GET',
    path: '/snapshots',
    answer: 'snapshots',
  },
  takeSnapshot: {
    method: 'POST',
    path: '/snapshots',
    answer: 'snapshot',
  },
  deleteSnapshot: {
    method: 'DELETE',
    path: '/snapshots/{name}',
  },
  restoreSnapshot: {
    method: 'POST',
    path: '/restore',
    answer: 'snapshot',
  },
  triggerSession: {
    method: 'POST',
    path: '/sessions',
    answer: 'payments_session',
  },
  triggerAttempts: {
    method: 'POST',
    path: '/sessions/{payments_session_id}/attempts',
    answer: 'payments_session',
  },
  decideAttempt: {
    method: 'POST',
    path: '/sessions/{payments_session_id}/decide',
    answer: 'payments_session',
  },
  expireSession: {
    method: 'POST',
    path: '/sessions/{payments_session_id}/expire',
    answer: 'payments_session',
  },
  cancelSession: {
    method: 'POST',
    path: '/sessions/{payments_session_id}/cancel',
    answer: 'payments_session',
  },
  triggerEvent: {
    method: 'POST',
    path: '/events',
    answer: 'event',
  },
  sendBankTransfer: {
    method: 'POST',
    path: '/bank_transfers',
    answer: 'payment',
  },
  readMandateStory: {
    method: 'GET',
    path: '/mandates/{mandate_id}/story',
    answer: 'mandate_story',
  },
  pauseMandate: {
    method: 'POST',
    path: '/mandates/{mandate_id}/pause',
    answer: 'mandate',
  },
  resumeMandate: {
    method: 'POST',
    path: '/mandates/{mandate_id}/resume',
    answer: 'mandate',
  },
  revokeMandate: {
    method: 'POST',
    path: '/mandates/{mandate_id}/revoke',
    answer: 'mandate',
  },
  savePaymentMethod: {
    method: 'POST',
    path: '/customers/{customer_id}/payment_methods',
    answer: 'payment_method',
  },
  runPayouts: {
    method: 'POST',
    path: '/payouts/run',
    answer: 'payouts',
  },
  payPayout: {
    method: 'POST',
    path: '/payouts/{payout_id}/pay',
    answer: 'payout',
  },
  failPayout: {
    method: 'POST',
    path: '/payouts/{payout_id}/fail',
    answer: 'payout',
  },
  changePayoutSettings: {
    method: 'POST',
    path: '/payouts/settings',
    answer: 'payout_settings',
  },
  openDispute: {
    method: 'POST',
    path: '/payments/{payment_id}/dispute',
    answer: 'payment',
  },
  winDispute: {
    method: 'POST',
    path: '/disputes/{dispute_id}/win',
    answer: 'payment',
  },
  loseDispute: {
    method: 'POST',
    path: '/disputes/{dispute_id}/lose',
    answer: 'payment',
  },
  retrieveTerminal: {
    method: 'GET',
    path: '/terminals/{terminal_id}',
    answer: 'terminal',
  },
  payTerminal: {
    method: 'POST',
    path: '/terminals/{terminal_id}/pay',
    answer: 'payment',
  },
  expirePaymentLink: {
    method: 'POST',
    path: '/payment_links/{payment_link_id}/expire',
    answer: 'payment_links',
  },
  openPaymentLink: {
    method: 'POST',
    path: '/payment_links/{payment_link_id}/open',
    answer: 'payments_session',
  },
  checkLedger: {
    method: 'GET',
    path: '/ledger',
    answer: 'ledger',
  },
  listMessages: {
    method: 'GET',
    path: '/messages',
    answer: 'messages',
  },
  retrieveMessage: {
    method: 'GET',
    path: '/messages/{message_id}',
    answer: 'outbox_message',
  },
  addFault: {
    method: 'POST',
    path: '/faults',
    answer: 'fault',
  },
  listFaults: {
    method: 'GET',
    path: '/faults',
    answer: 'faults',
  },
  deleteFault: {
    method: 'DELETE',
    path: '/faults/{id}',
  },
  clearFaults: {
    method: 'DELETE',
    path: '/faults',
  },
  listRequests: {
    method: 'GET',
    path: '/requests',
    answer: 'requests',
  },
  clearRequests: {
    method: 'DELETE',
    path: '/requests',
  },
  retrieveRequest: {
    method: 'GET',
    path: '/requests/{id}',
    answer: 'request',
  },
  listListeners: {
    method: 'GET',
    path: '/listeners',
    answer: 'listeners',
  },
  readFacts: {
    method: 'GET',
    path: '/facts',
    answer: 'facts',
  },
  readTimeline: {
    method: 'GET',
    path: '/sessions/{payments_session_id}/timeline',
    answer: 'session',
  },
  readLinkTimeline: {
    method: 'GET',
    path: '/payment_links/{payment_link_id}/timeline',
    answer: 'payment_link',
  },
  listWebhookKeys: {
    method: 'GET',
    path: '/webhooks/keys',
    answer: 'webhook_keys',
  },
  inspectDelivery: {
    method: 'GET',
    path: '/webhooks/{webhook_url_id}/deliveries/{event_id}',
    answer: 'delivery',
  },
  sampleEvent: {
    method: 'GET',
    path: '/events/samples/{event_type}',
    answer: 'sample',
  },
  listStartedPayments: {
    method: 'GET',
    path: '/payments',
    rows: 'payments',
    rowId: 'payment_id',
  },
  search: {
    method: 'GET',
    path: '/search',
    answer: 'found',
  },
  readStatistics: {
    method: 'GET',
    path: '/statistics',
    answer: 'statistics',
  },
} as const

/** The schemas of the operations. Undefined: there is no body, or no query. */
export type ControlMethodSchemas = {
  readonly readClock: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ClockAnswer
  }
  readonly setClock: {
    readonly body: typeof ClockSetBody
    readonly query: undefined
    readonly answer: typeof ClockAnswer
  }
  readonly advanceClock: {
    readonly body: typeof ClockAdvanceBody
    readonly query: undefined
    readonly answer: typeof ClockAnswer
  }
  readonly freezeClock: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ClockAnswer
  }
  readonly runClock: {
    readonly body: typeof ClockRunBody
    readonly query: undefined
    readonly answer: typeof ClockAnswer
  }
  readonly listTenants: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TenantsAnswer
  }
  readonly createTenant: {
    readonly body: typeof TenantBody
    readonly query: undefined
    readonly answer: typeof TenantAnswer
  }
  readonly deleteTenant: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DoneAnswer
  }
  readonly forkTenant: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TenantAnswer
  }
  readonly resetSandbox: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TenantAnswer
  }
  readonly listSnapshots: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SnapshotsAnswer
  }
  readonly takeSnapshot: {
    readonly body: typeof SnapshotBody
    readonly query: undefined
    readonly answer: typeof SnapshotAnswer
  }
  readonly deleteSnapshot: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DoneAnswer
  }
  readonly restoreSnapshot: {
    readonly body: typeof RestoreBody
    readonly query: undefined
    readonly answer: typeof SnapshotAnswer
  }
  readonly triggerSession: {
    readonly body: typeof TriggerSessionBody
    readonly query: undefined
    readonly answer: typeof PlayedSessionAnswer
  }
  readonly triggerAttempts: {
    readonly body: typeof TriggerAttemptsBody
    readonly query: undefined
    readonly answer: typeof PlayedSessionAnswer
  }
  readonly decideAttempt: {
    readonly body: typeof DecideBody
    readonly query: undefined
    readonly answer: typeof PlayedSessionAnswer
  }
  readonly expireSession: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof PlayedSessionAnswer
  }
  readonly cancelSession: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof PlayedSessionAnswer
  }
  readonly triggerEvent: {
    readonly body: typeof TriggerEventBody
    readonly query: undefined
    readonly answer: typeof TriggeredEventAnswer
  }
  readonly sendBankTransfer: {
    readonly body: typeof BankTransferBody
    readonly query: undefined
    readonly answer: typeof TerminalPaymentAnswer
  }
  readonly readMandateStory: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MandateStoryAnswer
  }
  readonly pauseMandate: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ChangedMandateAnswer
  }
  readonly resumeMandate: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ChangedMandateAnswer
  }
  readonly revokeMandate: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ChangedMandateAnswer
  }
  readonly savePaymentMethod: {
    readonly body: typeof SavedMethodBody
    readonly query: undefined
    readonly answer: typeof SavedMethodAnswer
  }
  readonly runPayouts: {
    readonly body: typeof PayoutRunBody
    readonly query: undefined
    readonly answer: typeof PayoutRunAnswer
  }
  readonly payPayout: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof PayoutAnswer
  }
  readonly failPayout: {
    readonly body: typeof PayoutFailBody
    readonly query: undefined
    readonly answer: typeof PayoutAnswer
  }
  readonly changePayoutSettings: {
    readonly body: typeof PayoutSettingsBody
    readonly query: undefined
    readonly answer: typeof PayoutSettingsAnswer
  }
  readonly openDispute: {
    readonly body: typeof DisputeOpenBody
    readonly query: undefined
    readonly answer: typeof TerminalPaymentAnswer
  }
  readonly winDispute: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TerminalPaymentAnswer
  }
  readonly loseDispute: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TerminalPaymentAnswer
  }
  readonly retrieveTerminal: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof TerminalAnswer
  }
  readonly payTerminal: {
    readonly body: typeof TerminalPayBody
    readonly query: undefined
    readonly answer: typeof TerminalPaymentAnswer
  }
  readonly expirePaymentLink: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof PaymentLinkAnswer
  }
  readonly openPaymentLink: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof OpenedLinkAnswer
  }
  readonly checkLedger: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LedgerAnswer
  }
  readonly listMessages: {
    readonly body: undefined
    readonly query: typeof MessageListQuery
    readonly answer: typeof MessagesAnswer
  }
  readonly retrieveMessage: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MessageAnswer
  }
  readonly addFault: {
    readonly body: typeof FaultBody
    readonly query: undefined
    readonly answer: typeof FaultAnswer
  }
  readonly listFaults: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof FaultsAnswer
  }
  readonly deleteFault: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DoneAnswer
  }
  readonly clearFaults: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DoneAnswer
  }
  readonly listRequests: {
    readonly body: undefined
    readonly query: typeof RequestListQuery
    readonly answer: typeof RequestsAnswer
  }
  readonly clearRequests: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DoneAnswer
  }
  readonly retrieveRequest: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RequestAnswer
  }
  readonly listListeners: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ListenersAnswer
  }
  readonly readFacts: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof FactsAnswer
  }
  readonly readTimeline: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SessionStoryAnswer
  }
  readonly readLinkTimeline: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LinkStoryAnswer
  }
  readonly listWebhookKeys: {
    readonly body: undefined
    readonly query: typeof WebhookKeysQuery
    readonly answer: typeof WebhookKeysAnswer
  }
  readonly inspectDelivery: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof InspectedDeliveryAnswer
  }
  readonly sampleEvent: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SampleAnswer
  }
  readonly listStartedPayments: {
    readonly body: undefined
    readonly query: typeof StartedPaymentsQuery
    readonly answer: typeof StartedPaymentsAnswer
  }
  readonly search: {
    readonly body: undefined
    readonly query: typeof SearchQuery
    readonly answer: typeof SearchAnswer
  }
  readonly readStatistics: {
    readonly body: undefined
    readonly query: typeof StatisticsQuery
    readonly answer: typeof StatisticsAnswer
  }
}
