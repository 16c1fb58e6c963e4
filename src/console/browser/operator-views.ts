import type { ComponentType } from 'preact'
import type { OperatorPermission } from '../../domain/operator.ts'
import type { IconName } from './icons.tsx'
import type { PlainKey } from './text.ts'
import type { ViewProps } from './view-props.ts'

/** The script of a view is loaded when the view is first shown. */
type OperatorView = {
  /** The first part of the address after `/console`. */
  readonly path: string
  readonly title: PlainKey
  readonly icon: IconName
  /** Without it the operator does not see the view. */
  readonly permission: OperatorPermission
  /** True: the navigation has no link, because other views lead to it. */
  readonly isUnlisted?: true
  readonly load: () => Promise<ComponentType<ViewProps>>
}

/** The views of the live console, in the order of the navigation. The first one that an operator may see is the start. */
export const OPERATOR_VIEWS: readonly OperatorView[] = [
  {
    path: 'overview',
    title: 'Overview',
    icon: 'home',
    permission: 'view',
    load: async () => (await import('./operator-overview.tsx')).OperatorOverview,
  },
  {
    path: 'payments',
    title: 'Payments',
    icon: 'card',
    permission: 'view',
    load: async () => (await import('./operator-payments.tsx')).OperatorPayments,
  },
  {
    path: 'sessions',
    title: 'Sessions',
    icon: 'cart',
    permission: 'view',
    load: async () => (await import('./operator-sessions.tsx')).OperatorSessions,
  },
  {
    path: 'links',
    title: 'Payment links',
    icon: 'link',
    permission: 'view',
    load: async () => (await import('./operator-links.tsx')).OperatorLinks,
  },
  {
    path: 'customers',
    title: 'Customers',
    icon: 'person',
    permission: 'view',
    load: async () => (await import('./operator-customers.tsx')).OperatorCustomers,
  },
  {
    path: 'mandates',
    title: 'Mandates',
    icon: 'repeat',
    permission: 'view',
    load: async () => (await import('./operator-mandates.tsx')).OperatorMandates,
  },
  {
    path: 'refund-approvals',
    title: 'Refund approvals',
    icon: 'repeat',
    permission: 'view',
    load: async () => (await import('./refund-approvals-view.tsx')).RefundApprovalsView,
  },
  {
    path: 'disputes',
    title: 'Disputes',
    icon: 'flag',
    permission: 'view',
    load: async () => (await import('./disputes-view.tsx')).Disputes,
  },
  {
    path: 'payouts',
    title: 'Payouts',
    icon: 'bank',
    permission: 'view',
    load: async () => (await import('./operator-payouts.tsx')).OperatorPayouts,
  },
  {
    path: 'virtual-accounts',
    title: 'Virtual accounts',
    icon: 'tray',
    permission: 'view',
    load: async () => (await import('./operator-virtual-accounts.tsx')).OperatorVirtualAccounts,
  },
  {
    path: 'connected-accounts',
    title: 'Connected accounts',
    icon: 'boxes',
    permission: 'view',
    load: async () => (await import('./operator-connected-accounts.tsx')).OperatorConnectedAccounts,
  },
  {
    path: 'transfers',
    title: 'Transfers',
    icon: 'arrows',
    permission: 'view',
    load: async () => (await import('./operator-transfers.tsx')).OperatorTransfers,
  },
  {
    path: 'ledger',
    title: 'Ledger',
    icon: 'book',
    permission: 'view',
    load: async () => (await import('./ledger-view.tsx')).Ledger,
  },
  {
    path: 'webhooks',
    title: 'Webhooks',
    icon: 'bell',
    permission: 'view',
    load: async () => (await import('./operator-webhooks.tsx')).OperatorWebhooks,
  },
  {
    path: 'events',
    title: 'Events',
    icon: 'bell',
    permission: 'view',
    isUnlisted: true,
    load: async () => (await import('./operator-webhooks.tsx')).OperatorEvents,
  },
  {
    path: 'account',
    title: 'Account',
    icon: 'key',
    permission: 'manage_account',
    load: async () => (await import('./account-view.tsx')).AccountView,
  },
  {
    path: 'operators',
    title: 'Operators',
    icon: 'person',
    permission: 'manage_operators',
    load: async () => (await import('./operators-view.tsx')).OperatorsView,
  },
  {
    path: 'audit-log',
    title: 'Audit log',
    icon: 'clock',
    permission: 'view_audit_log',
    load: async () => (await import('./audit-log-view.tsx')).AuditLogView,
  },
]
