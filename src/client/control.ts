/** The control API's client. It is internal to the package, and runs everywhere, like the API's client. */
import { type Calls, createCalls } from './calls.ts'
import { CONTROL_METHODS, type ControlMethodSchemas } from './control-methods.ts'
import type {
  BankTransfer,
  ClockAdvance,
  Decision,
  DisputeOpening,
  ExchangeQuery,
  Fault,
  OutboxQuery,
  PayoutFailure,
  PayoutSettings,
  PlayedAttempt,
  SavedInstrument,
  TenantCreate,
  TerminalPayment,
  TriggeredEvent,
  TriggeredSession,
} from './control-types.ts'
import { errorOf, isSuccess } from './errors.ts'
import { MACHINE } from './machine.ts'
import { createTransport } from './transport.ts'
import { type QueryValues, urlWithQuery } from './url.ts'

/** The control API's types. */
export type * from './control-types.ts'

/** The options of the control API's client. */
type ControlOptions = {
  /** The sandbox's address without a slash at its end: `http://127.0.0.1:4242`. */
  readonly baseUrl: string
  /** Another `fetch`. Default: the global one, read at each call. */
  readonly fetch?: typeof fetch
  /** The longest time for a call, in milliseconds; five minutes if undefined. */
  readonly timeoutMs?: number
}

/** A call of the control API. */
type ControlCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_sandbox`. */
  readonly path: string
  readonly query?: QueryValues | undefined
  /** A text is sent unchanged, so that its numbers keep all their digits. Anything else is sent as JSON. */
  readonly body?: unknown
}

/**
 * The time limit of a call, in milliseconds. It is long, because a move of the clock sends all webhooks that become
 * due.
 */
const TIMEOUT_MS = 300_000

/**
 * Makes the function that calls the control API and returns the whole answer. The function retries nothing, because a
 * sandbox runs on this machine. A failed call rejects with a `PaydeskError`.
 */
export function createControlSend({
  baseUrl,
  fetch = (input, init) => globalThis.fetch(input, init),
  timeoutMs = TIMEOUT_MS,
}: ControlOptions): (call: ControlCall) => Promise<Readonly<Record<string, unknown>>> {
  const transport = createTransport({ fetch, machine: MACHINE, timeoutMs, retries: 0 })
  return async ({ body, method, path, query }) => {
    const exchange = await transport.exchange({
      method,
      url: urlWithQuery(`${baseUrl}/_sandbox${path}`, query),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    })
    if (isSuccess(exchange)) return exchange.body
    throw errorOf(exchange)
  }
}

type ControlCalls = Calls<typeof CONTROL_METHODS, ControlMethodSchemas>

function paymentLinkCalls(call: ControlCalls['call']) {
  const ofLink = (id: string) => ({ path: { payment_link_id: id } })
  return {
    /** Expires a link now. */
    expire: (id: string) => call('expirePaymentLink', ofLink(id)),
    /** Returns the newest session of a link while it can be paid, otherwise a new one, as the button of the page does. */
    open: (id: string) => call('openPaymentLink', ofLink(id)),
    /** Returns a link with its sessions, payments and refunds, and its timeline, oldest entry first. */
    story: (id: string) => call('readLinkTimeline', ofLink(id)),
  }
}

/** The control API of one sandbox. A failed call throws a `PaydeskError`. */
export type Control = ReturnType<typeof createControl>

/** Returns the calls that create, copy and remove whole sandboxes. */
function sandboxes({ call, run }: ControlCalls) {
  return {
    tenants: {
      list: () => call('listTenants', {}),
      create: (tenant: TenantCreate = {}) => call('createTenant', { body: tenant }),
      delete: (name: string) => run('deleteTenant', { path: { name } }),
    },
    snapshots: {
      list: () => call('listSnapshots', {}),
      take: (name: string) => call('takeSnapshot', { body: { name } }),
      delete: (name: string) => run('deleteSnapshot', { path: { name } }),
      restore: (name: string) => call('restoreSnapshot', { body: { name } }),
    },
    /** Makes another sandbox with the content of this one. */
    fork: () => call('forkTenant', {}),
    /** Deletes everything except the snapshots and the preset accounts. The clock keeps its time. */
    reset: () => call('resetSandbox', {}),
  }
}

/** Makes the control API's client for one sandbox. Nothing is called yet. */
export function createControl(options: ControlOptions) {
  const calls: ControlCalls = createCalls(CONTROL_METHODS, createControlSend(options))
  const { answer, call, run } = calls
  const ofSession = (id: string) => ({ path: { payments_session_id: id } })

  return {
    /** Returns the facts of a sandbox for the console. */
    facts: () => call('readFacts', {}),
    clock: {
      read: () => call('readClock', {}),
      /** `time`: ISO 8601 with a zone. */
      set: (time: string) => call('setClock', { body: { time } }),
      /** Answers after the sandbox has done the work that becomes due. */
      advance: (duration: ClockAdvance) => call('advanceClock', { body: { by: duration } }),
      freeze: () => call('freezeClock', {}),
      run: (rate?: number) => call('runClock', { body: rate === undefined ? {} : { rate } }),
    },
    faults: {
      list: () => call('listFaults', {}),
      add: (fault: Fault) => call('addFault', { body: fault }),
      delete: (id: string) => run('deleteFault', { path: { id } }),
      clear: () => run('clearFaults', {}),
    },
    requests: {
      list: (query: ExchangeQuery = {}) => call('listRequests', { query }),
      retrieve: (id: string) => call('retrieveRequest', { path: { id } }),
      clear: () => run('clearRequests', {}),
      /** Lists the programs that read events. Their calls are not in the log. */
      listeners: () => call('listListeners', {}),
    },
    sessions: {
      trigger: (session: TriggeredSession = {}) => call('triggerSession', { body: session }),
      play: (id: string, attempts: readonly PlayedAttempt[]) =>
        call('triggerAttempts', { ...ofSession(id), body: { attempts } }),
      /** Decides the waiting attempt. */
      decide: (id: string, decision: Decision) =>
        call('decideAttempt', { ...ofSession(id), body: decision }),
      expire: (id: string) => call('expireSession', ofSession(id)),
      cancel: (id: string) => call('cancelSession', ofSession(id)),
      /** Returns everything about a session. */
      story: (id: string) => call('readTimeline', ofSession(id)),
    },
    bankTransfers: {
      /** Transfers money to a virtual account, as a payer would. Returns the payment of the transfer. */
      send: (transfer: BankTransfer) => call('sendBankTransfer', { body: transfer }),
    },
    paymentLinks: paymentLinkCalls(call),
    mandates: mandates(calls),
    paymentMethods: paymentMethods(calls),
    events: {
      /** A text is sent unchanged, so that its numbers keep all their digits. */
      trigger: (event: TriggeredEvent | string) => call('triggerEvent', { body: event }),
      sample: (type: string) => call('sampleEvent', { path: { event_type: type } }),
    },
    payouts: payouts(calls),
    disputes: disputes(calls),
    terminals: terminals(calls),
    webhooks: {
      keys: (accountId: string) => call('listWebhookKeys', { query: { account_id: accountId } }),
      inspectDelivery: (endpointId: string, eventId: string) =>
        call('inspectDelivery', { path: { webhook_url_id: endpointId, event_id: eventId } }),
    },
    ...sandboxes(calls),
    /** Finds objects of all accounts by an id, a reference, an e-mail address, an amount or a part of a description. */
    search: (text: string) => call('search', { query: { text } }),
    /** Counts the outcomes of an account's newest payments, and the latencies of the logged webhooks of all accounts. */
    statistics: (accountId: string) => call('readStatistics', { query: { account_id: accountId } }),
    /** Lists an account's payments with the start of each. */
    payments: (accountId: string) =>
      answer('listStartedPayments', { query: { account_id: accountId } }),
    /** The outbox: messages that customers would have received. */
    messages: {
      list: ({ limit, ...query }: OutboxQuery = {}) =>
        call('listMessages', {
          query: { ...query, ...(limit !== undefined && { limit: String(limit) }) },
        }),
      retrieve: (id: string) => call('retrieveMessage', { path: { message_id: id } }),
    },
    /** Checks the ledger against the payments. */
    ledger: () => call('checkLedger', {}),
  }
}

function mandates({ call }: ControlCalls) {
  const ofMandate = (id: string) => ({ path: { mandate_id: id } })
  return {
    /** Pauses a mandate, as its customer does in the UPI app. Returns the mandate. */
    pause: (id: string) => call('pauseMandate', ofMandate(id)),
    resume: (id: string) => call('resumeMandate', ofMandate(id)),
    /** Ends a mandate for good, as its customer does in the UPI app. */
    revoke: (id: string) => call('revokeMandate', ofMandate(id)),
    /** Returns a mandate with its notifications and its payments. */
    story: (id: string) => call('readMandateStory', ofMandate(id)),
  }
}

function paymentMethods({ call }: ControlCalls) {
  return {
    /** Saves a test card or a test account of a customer, as the customer does with the form. Returns the saved method. */
    save: (customerId: string, instrument: SavedInstrument) =>
      call('savePaymentMethod', { path: { customer_id: customerId }, body: instrument }),
  }
}

function disputes({ call }: ControlCalls) {
  const ofDispute = (id: string) => ({ path: { dispute_id: id } })
  return {
    /** Disputes a payment, as its customer does at the bank. Returns the payment. */
    open: (paymentId: string, dispute: DisputeOpening = {}) =>
      call('openDispute', { path: { payment_id: paymentId }, body: dispute }),
    win: (id: string) => call('winDispute', ofDispute(id)),
    lose: (id: string) => call('loseDispute', ofDispute(id)),
  }
}

function terminals({ call }: ControlCalls) {
  const ofTerminal = (id: string) => ({ path: { terminal_id: id } })
  return {
    /** Returns the sessions that a terminal shows. */
    retrieve: (id: string) => call('retrieveTerminal', ofTerminal(id)),
    /** Pays as a customer at the terminal. Returns the payment. */
    pay: (id: string, payment: TerminalPayment = {}) =>
      call('payTerminal', { ...ofTerminal(id), body: payment }),
  }
}

function payouts({ call }: ControlCalls) {
  return {
    /** Pays the available balances of an account now. Default: the preset account of the IN edition. */
    run: (accountId?: string) =>
      call('runPayouts', { body: accountId === undefined ? {} : { account_id: accountId } }),
    pay: (id: string) => call('payPayout', { path: { payout_id: id } }),
    fail: (id: string, failureCode?: PayoutFailure) =>
      call('failPayout', {
        path: { payout_id: id },
        body: failureCode === undefined ? {} : { failure_code: failureCode },
      }),
    /**
     * Changes the schedule or the bank account of an account's payouts. Without fields it only returns the current
     * settings.
     */
    settings: (settings: PayoutSettings = {}) => call('changePayoutSettings', { body: settings }),
  }
}
