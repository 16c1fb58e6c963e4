import { type Control, createControl, type Tenant } from '../client/control.ts'
import { createPaydeskClient, type Machine, type PaydeskClient } from '../client/index.ts'
import type { Payment, PaymentMethod } from '../client/types.ts'
import { sessionIdIn } from '../domain/access-key.ts'
import { parseId } from '../domain/id.ts'
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts'
import type {
  BankTransfer,
  ClockState,
  Decision,
  Exchange,
  ExchangeQuery,
  Fault,
  KeptFault,
  LedgerReport,
  PlayedAttempt,
  PlayedSession,
  SandboxFacts,
  SavedInstrument,
  SessionReference,
  Snapshot,
  TriggeredEvent,
  TriggeredSession,
  WireEvent,
} from './types.ts'

/** A sandbox for tests. It shares no data with others. */
export type Sandbox = {
  /** `main`, or a tenant's own name. */
  readonly name: string
  /** The API's address, without `/api/v1`. */
  readonly baseUrl: string
  /** The account of the IN edition, which `client` uses. */
  readonly accountId: string
  /** The account of the US edition, which `usClient` uses. */
  readonly usAccountId: string
  readonly connectedAccountIds: readonly string[]
  /** Never expires. */
  readonly accessToken: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** Signs redirects and the widget's answers. Webhook endpoints have separate keys. */
  readonly signingKey: string
  /** Opens the widget. */
  readonly apiKey: string
  readonly client: PaydeskClient
  readonly usClient: PaydeskClient
  readonly clock: {
    readonly read: () => Promise<ClockState>
    /** The sandbox's time in milliseconds since 1970. Pass it to your own code that checks signatures. */
    readonly nowMs: () => Promise<number>
    /** Advances by `2d`, `14m`, `1h30m`, `90s`. Everything due on the way happens before the promise resolves. */
    readonly advance: (duration: string) => Promise<ClockState>
    readonly set: (time: Date | string) => Promise<ClockState>
    readonly freeze: () => Promise<ClockState>
    /** Starts the clock. `rate`: its speed. Default: 1, real time. */
    readonly run: (rate?: number) => Promise<ClockState>
  }
  readonly faults: {
    /** Adds a fault. `count` limits how often it applies. */
    readonly add: (fault: Fault) => Promise<KeptFault>
    /**
     * Lists the faults, oldest first. If several match, only the oldest applies. If its count, period or probability
     * excludes it, the next fault can apply.
     */
    readonly list: () => Promise<readonly KeptFault[]>
    readonly remove: (id: string) => Promise<void>
    readonly clear: () => Promise<void>
  }
  readonly trigger: {
    /** Creates a session and plays attempts on it, with all their effects. */
    readonly session: (session?: TriggeredSession) => Promise<PlayedSession>
    /**
     * Sends an event of any type of the real service, with your own data. Nothing else happens. Exception: without `data`
     * and `event_id`, the sandbox makes the object of an event of a payment link, a virtual account or a payout.
     */
    readonly event: (event: TriggeredEvent) => Promise<WireEvent>
    /** Transfers money to a virtual account, as a payer would. Returns the payment of the transfer. */
    readonly transfer: (transfer: BankTransfer) => Promise<Payment>
    /** Saves a payment method of a customer of the US account, as the customer does with the form. */
    readonly savedMethod: (
      customerId: string,
      instrument?: SavedInstrument,
    ) => Promise<PaymentMethod>
  }
  /** Pays a session as a customer would: one attempt, or several in a row. */
  readonly pay: (
    session: SessionReference,
    ...attempts: readonly [PlayedAttempt, ...PlayedAttempt[]]
  ) => Promise<PlayedSession>
  /** Decides the session's attempt that waits for the customer or the bank. */
  readonly decide: (session: SessionReference, decision: Decision) => Promise<PlayedSession>
  /** Expires a session now. */
  readonly expire: (session: SessionReference) => Promise<PlayedSession>
  readonly snapshots: {
    readonly take: (name: string) => Promise<Snapshot>
    /** Replaces the data, the time and the random generator's state with a snapshot's. Keeps the faults. */
    readonly restore: (name: string) => Promise<Snapshot>
    readonly list: () => Promise<readonly Snapshot[]>
    readonly delete: (name: string) => Promise<void>
  }
  /** Deletes everything except the snapshots and the preset accounts. The clock keeps its time. */
  readonly reset: () => Promise<void>
  /** Starts a webhook endpoint in this process and registers it. */
  readonly receiver: (options?: ReceiverOptions) => Promise<Receiver>
  /** Does everything that is due, and waits for it: refunds, webhooks, calls to the processor. */
  readonly settle: () => Promise<void>
  /** Compares the ledger with the payments, refunds, transfers, disputes and payouts. */
  readonly ledger: () => Promise<LedgerReport>
  /** Lists the request log, newest first: API calls, webhooks, calls to the processor. */
  readonly requests: (query?: ExchangeQuery) => Promise<readonly Exchange[]>
  /** Makes a tenant with its own accounts, clock and randomness. It is empty without a `snapshot`. Takes milliseconds. */
  readonly tenant: (options?: TenantOptions) => Promise<Sandbox>
  /** Makes a tenant with everything that this sandbox has now. After that they are independent. */
  readonly fork: () => Promise<Sandbox>
  /**
   * Ends this sandbox and everything that was made with it. Exception: the sandbox that `connectSandbox` returns keeps
   * running. `close` may be called twice.
   */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The options of a tenant. */
export type TenantOptions = {
  /** Makes ids, keys and times the same in every run, and freezes the clock. */
  readonly seed?: string
  /** Starts with the content of this snapshot. */
  readonly snapshot?: string
  readonly name?: string
}

type Opening = {
  /** The sandbox's seed. With it the client's keys and waits are the same in every run, too. */
  readonly seed: string | undefined
  /** The `fetch` of the API's clients. */
  readonly fetch: typeof fetch | undefined
  /** Ends the sandbox or tenant behind the handle. */
  readonly end: () => Promise<void>
}

/** Makes the handle of a running sandbox. */
export function openSandbox(facts: SandboxFacts, opening: Opening): Sandbox {
  const control = createControl({ baseUrl: facts.base_url })
  const client = clientFor(facts, facts.account_id, opening)
  const nowMs = async () => (await control.clock.read()).time_ms
  const openObjects = new Set<Closable>()
  const openTenant = (tenant: Tenant, seed: string | undefined): Sandbox => {
    const sandbox = openSandbox(tenant, {
      fetch: opening.fetch,
      seed,
      end: async () => {
        openObjects.delete(sandbox)
        await control.tenants.delete(tenant.name)
      },
    })
    openObjects.add(sandbox)
    return sandbox
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= Promise.all([...openObjects].map((one) => one.close())).then(opening.end)
    return closing
  }
  return {
    ...identityOf(facts),
    ...controlsOf(control),
    client,
    usClient: clientFor(facts, facts.us_account_id, opening),
    receiver: async ({ client: receiving = client, ...options } = {}) => {
      const receiver = await startReceiver(receiving, nowMs, options)
      openObjects.add(receiver)
      return receiver
    },
    tenant: async (options = {}) => openTenant(await control.tenants.create(options), options.seed),
    fork: async () => openTenant(await control.fork(), undefined),
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Closable = { readonly close: () => Promise<void> }

function clientFor(facts: SandboxFacts, accountId: string, { fetch, seed }: Opening) {
  return createPaydeskClient({
    baseUrl: facts.base_url,
    accountId,
    accessToken: facts.access_token,
    ...(seed !== undefined && { machine: seededMachine(seed) }),
    ...(fetch !== undefined && { fetch }),
  })
}

function identityOf(facts: SandboxFacts) {
  return {
    name: facts.name ?? 'main',
    baseUrl: facts.base_url,
    accountId: facts.account_id,
    usAccountId: facts.us_account_id,
    connectedAccountIds: facts.connected_account_ids,
    accessToken: facts.access_token,
    clientId: facts.client_id,
    clientSecret: facts.client_secret,
    refreshToken: facts.refresh_token,
    signingKey: facts.signing_key,
    apiKey: facts.api_key,
  }
}

function controlsOf(control: Control) {
  const { bankTransfers, clock, events, faults, paymentMethods, sessions, snapshots } = control
  return {
    clock: {
      ...clock,
      nowMs: async () => (await clock.read()).time_ms,
      set: (time: Date | string) => clock.set(typeof time === 'string' ? time : time.toISOString()),
    },
    faults: {
      add: faults.add,
      list: faults.list,
      remove: async (id: string) => {
        await faults.delete(id)
      },
      clear: async () => {
        await faults.clear()
      },
    },
    trigger: {
      session: sessions.trigger,
      event: events.trigger,
      transfer: bankTransfers.send,
      savedMethod: (customerId: string, instrument: SavedInstrument = { type: 'card' }) =>
        paymentMethods.save(customerId, instrument),
    },
    pay: (reference: SessionReference, ...attempts: readonly PlayedAttempt[]) =>
      sessions.play(idOf(reference), attempts),
    decide: (reference: SessionReference, decision: Decision) =>
      sessions.decide(idOf(reference), decision),
    expire: (reference: SessionReference) => sessions.expire(idOf(reference)),
    snapshots: {
      ...snapshots,
      delete: async (name: string) => {
        await snapshots.delete(name)
      },
    },
    reset: async () => {
      await control.reset()
    },
    settle: async () => {
      // Advancing by zero does all due work before it answers.
      await clock.advance('0s')
    },
    ledger: control.ledger,
    requests: control.requests.list,
  }
}

function idOf(reference: SessionReference | undefined): string {
  const text =
    typeof reference === 'string'
      ? reference
      : (reference?.payments_session_id ?? reference?.access_key ?? '')
  const id = parseId(text) ?? sessionIdIn(text)
  if (id === undefined) {
    throw new TypeError(
      `Pass a session, its id or its access key, not ${describeReference(reference)}.`,
    )
  }
  return id
}

/** Describes a wrong reference, which in a program without types can be any value. */
function describeReference(reference: unknown): string {
  if (typeof reference === 'string') return `"${reference}"`
  if (typeof reference !== 'object' || reference === null) return String(reference)
  const { payments_session_id: id, access_key: key }: Record<string, unknown> = { ...reference }
  const text = id ?? key
  return text === undefined ? 'an object without payments_session_id' : `"${text}"`
}

/** Makes the keys and waits of a client, the same in every run. */
function seededMachine(seed: string): Partial<Machine> {
  let count = 0
  return {
    chance: () => 0.5,
    newKey: () => {
      count += 1
      return `${seed}-${count}`
    },
  }
}
