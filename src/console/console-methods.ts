// Printed by npm run print. Do not edit.
import type {
  AccountAnswer,
  AccountUpdateBody,
  FeeRatesBody,
  RotatedKeysAnswer,
  RotateKeysBody,
} from '../console/account-schemas.ts'
import type { AuditListAnswer, AuditListQuery } from '../console/audit-schemas.ts'
import type {
  DisputeAnswer,
  DisputeListAnswer,
  DisputeListQuery,
} from '../console/dispute-schemas.ts'
import type {
  AuditExportQuery,
  ExportAnswer,
  ExportQuery,
  OperatorExportQuery,
} from '../console/export-schemas.ts'
import type { LedgerAnswer, LedgerCheckAnswer } from '../console/ledger-schemas.ts'
import type {
  AccountCreateBody,
  ClientCreateBody,
  NewAccountAnswer,
  NewClientAnswer,
} from '../console/new-account-schemas.ts'
import type {
  InvitedAnswer,
  OperatorAnswer,
  OperatorCreateBody,
  OperatorListAnswer,
  OperatorUpdateBody,
  SignedOutAnswer,
} from '../console/operator-schemas.ts'
import type { OverviewAnswer, OverviewQuery } from '../console/overview-schemas.ts'
import type {
  RefundApprovalAnswer,
  RefundApprovalBody,
  RefundApprovalListAnswer,
  WaitingRefundApprovalsAnswer,
} from '../console/refund-approval-schemas.ts'
import type {
  SavedSearchAnswer,
  SavedSearchBody,
  SavedSearchDeleteAnswer,
  SavedSearchListAnswer,
  SearchNameBody,
} from '../console/saved-search-schemas.ts'
import type { SearchAnswer, SearchQuery } from '../console/search-schemas.ts'
import type {
  LinkStoryAnswer,
  MandateStoryAnswer,
  SessionStoryAnswer,
} from '../console/story-schemas.ts'

/**
 * Every operation of the live console that is not one of the API. `path` lies below `/console/api/v1`.
 *
 * `answer` is the key of the object in the answer. A list of several pages has `rows` (the key of its rows) and
 * `rowId` (the key of a row's id).
 */
export const CONSOLE_METHODS = {
  retrieveLedgerCheck: {
    method: 'GET',
    path: '/ledger_check',
    answer: 'ledger_check',
  },
  startLedgerCheck: {
    method: 'POST',
    path: '/ledger_check',
    answer: 'ledger_check',
  },
  createAccount: {
    method: 'POST',
    path: '/accounts',
    answer: 'new_account',
  },
  createClient: {
    method: 'POST',
    path: '/clients',
    answer: 'new_client',
  },
  listOperators: {
    method: 'GET',
    path: '/operators',
    answer: 'operators',
  },
  createOperator: {
    method: 'POST',
    path: '/operators',
    answer: 'invited',
  },
  inviteOperator: {
    method: 'POST',
    path: '/operators/{operator_id}/invite',
    answer: 'invited',
  },
  updateOperator: {
    method: 'PUT',
    path: '/operators/{operator_id}',
    answer: 'operator',
  },
  disableOperator: {
    method: 'POST',
    path: '/operators/{operator_id}/disable',
    answer: 'operator',
  },
  enableOperator: {
    method: 'POST',
    path: '/operators/{operator_id}/enable',
    answer: 'operator',
  },
  signOutOperator: {
    method: 'POST',
    path: '/operators/{operator_id}/sign_out',
    answer: 'signed_out',
  },
  listAuditEntries: {
    method: 'GET',
    path: '/audit_log',
    answer: 'audit_log',
  },
  exportAuditLog: {
    method: 'POST',
    path: '/audit_log/export',
    answer: 'export',
  },
  exportOperators: {
    method: 'POST',
    path: '/operators/export',
    answer: 'export',
  },
  readOverview: {
    method: 'GET',
    path: '/overview',
    answer: 'overview',
  },
  listDisputes: {
    method: 'GET',
    path: '/disputes',
    rows: 'disputes',
    rowId: 'dispute_id',
  },
  retrieveDispute: {
    method: 'GET',
    path: '/disputes/{dispute_id}',
    answer: 'dispute',
  },
  retrieveLedger: {
    method: 'GET',
    path: '/ledger',
    answer: 'ledger',
  },
  readAccount: {
    method: 'GET',
    path: '/account',
    answer: 'account',
  },
  updateAccount: {
    method: 'PUT',
    path: '/account',
    answer: 'account',
  },
  changeFeeRates: {
    method: 'PUT',
    path: '/account/fee_rates',
    answer: 'account',
  },
  rotateAccountKeys: {
    method: 'POST',
    path: '/account/keys',
    answer: 'keys',
  },
  closeAccount: {
    method: 'POST',
    path: '/account/close',
    answer: 'account',
  },
  reopenAccount: {
    method: 'POST',
    path: '/account/reopen',
    answer: 'account',
  },
  readSessionStory: {
    method: 'GET',
    path: '/paymentsessions/{payments_session_id}/story',
    answer: 'session',
  },
  readLinkStory: {
    method: 'GET',
    path: '/paymentlinks/{payment_link_id}/story',
    answer: 'payment_link',
  },
  readMandateStory: {
    method: 'GET',
    path: '/mandates/{mandate_id}/story',
    answer: 'mandate_story',
  },
  requestRefundApproval: {
    method: 'POST',
    path: '/payments/{payment_id}/refund_approvals',
    answer: 'refund_approval',
  },
  listRefundApprovals: {
    method: 'GET',
    path: '/refund_approvals',
    answer: 'refund_approvals',
  },
  listWaitingRefundApprovals: {
    method: 'GET',
    path: '/payments/{payment_id}/refund_approvals',
    answer: 'refund_approvals',
  },
  countWaitingRefundApprovals: {
    method: 'GET',
    path: '/refund_approvals/waiting',
    answer: 'waiting',
  },
  approveRefundApproval: {
    method: 'POST',
    path: '/refund_approvals/{refund_approval_id}/approve',
    answer: 'refund_approval',
  },
  rejectRefundApproval: {
    method: 'POST',
    path: '/refund_approvals/{refund_approval_id}/reject',
    answer: 'refund_approval',
  },
  exportRows: {
    method: 'POST',
    path: '/exports/{table}',
    answer: 'export',
  },
  exportRowsWithContacts: {
    method: 'POST',
    path: '/exports/{table}/with_contacts',
    answer: 'export',
  },
  listSavedSearches: {
    method: 'GET',
    path: '/saved_searches',
    answer: 'saved_searches',
  },
  createSavedSearch: {
    method: 'POST',
    path: '/saved_searches',
    answer: 'saved_search',
  },
  renameSavedSearch: {
    method: 'PUT',
    path: '/saved_searches/{saved_search_id}',
    answer: 'saved_search',
  },
  deleteSavedSearch: {
    method: 'DELETE',
    path: '/saved_searches/{saved_search_id}',
  },
  searchAccount: {
    method: 'GET',
    path: '/search',
    answer: 'found',
  },
} as const

/** The schemas of the operations. Undefined: there is no body, or no query. */
export type ConsoleMethodSchemas = {
  readonly retrieveLedgerCheck: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LedgerCheckAnswer
  }
  readonly startLedgerCheck: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LedgerCheckAnswer
  }
  readonly createAccount: {
    readonly body: typeof AccountCreateBody
    readonly query: undefined
    readonly answer: typeof NewAccountAnswer
  }
  readonly createClient: {
    readonly body: typeof ClientCreateBody
    readonly query: undefined
    readonly answer: typeof NewClientAnswer
  }
  readonly listOperators: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof OperatorListAnswer
  }
  readonly createOperator: {
    readonly body: typeof OperatorCreateBody
    readonly query: undefined
    readonly answer: typeof InvitedAnswer
  }
  readonly inviteOperator: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof InvitedAnswer
  }
  readonly updateOperator: {
    readonly body: typeof OperatorUpdateBody
    readonly query: undefined
    readonly answer: typeof OperatorAnswer
  }
  readonly disableOperator: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof OperatorAnswer
  }
  readonly enableOperator: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof OperatorAnswer
  }
  readonly signOutOperator: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SignedOutAnswer
  }
  readonly listAuditEntries: {
    readonly body: undefined
    readonly query: typeof AuditListQuery
    readonly answer: typeof AuditListAnswer
  }
  readonly exportAuditLog: {
    readonly body: undefined
    readonly query: typeof AuditExportQuery
    readonly answer: typeof ExportAnswer
  }
  readonly exportOperators: {
    readonly body: undefined
    readonly query: typeof OperatorExportQuery
    readonly answer: typeof ExportAnswer
  }
  readonly readOverview: {
    readonly body: undefined
    readonly query: typeof OverviewQuery
    readonly answer: typeof OverviewAnswer
  }
  readonly listDisputes: {
    readonly body: undefined
    readonly query: typeof DisputeListQuery
    readonly answer: typeof DisputeListAnswer
  }
  readonly retrieveDispute: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DisputeAnswer
  }
  readonly retrieveLedger: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LedgerAnswer
  }
  readonly readAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof AccountAnswer
  }
  readonly updateAccount: {
    readonly body: typeof AccountUpdateBody
    readonly query: undefined
    readonly answer: typeof AccountAnswer
  }
  readonly changeFeeRates: {
    readonly body: typeof FeeRatesBody
    readonly query: undefined
    readonly answer: typeof AccountAnswer
  }
  readonly rotateAccountKeys: {
    readonly body: typeof RotateKeysBody
    readonly query: undefined
    readonly answer: typeof RotatedKeysAnswer
  }
  readonly closeAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof AccountAnswer
  }
  readonly reopenAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof AccountAnswer
  }
  readonly readSessionStory: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SessionStoryAnswer
  }
  readonly readLinkStory: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof LinkStoryAnswer
  }
  readonly readMandateStory: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MandateStoryAnswer
  }
  readonly requestRefundApproval: {
    readonly body: typeof RefundApprovalBody
    readonly query: undefined
    readonly answer: typeof RefundApprovalAnswer
  }
  readonly listRefundApprovals: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RefundApprovalListAnswer
  }
  readonly listWaitingRefundApprovals: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RefundApprovalListAnswer
  }
  readonly countWaitingRefundApprovals: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof WaitingRefundApprovalsAnswer
  }
  readonly approveRefundApproval: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RefundApprovalAnswer
  }
  readonly rejectRefundApproval: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RefundApprovalAnswer
  }
  readonly exportRows: {
    readonly body: undefined
    readonly query: typeof ExportQuery
    readonly answer: typeof ExportAnswer
  }
  readonly exportRowsWithContacts: {
    readonly body: undefined
    readonly query: typeof ExportQuery
    readonly answer: typeof ExportAnswer
  }
  readonly listSavedSearches: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SavedSearchListAnswer
  }
  readonly createSavedSearch: {
    readonly body: typeof SavedSearchBody
    readonly query: undefined
    readonly answer: typeof SavedSearchAnswer
  }
  readonly renameSavedSearch: {
    readonly body: typeof SearchNameBody
    readonly query: undefined
    readonly answer: typeof SavedSearchAnswer
  }
  readonly deleteSavedSearch: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof SavedSearchDeleteAnswer
  }
  readonly searchAccount: {
    readonly body: undefined
    readonly query: typeof SearchQuery
    readonly answer: typeof SearchAnswer
  }
}
