import { type Control, createControl, type Tenant } from '../client/control.ts'
import { createPaydeskClient, type Machine, type PaydeskClient } from '../client/index.ts'
import { sessionNamedBy } from '../domain/access-key.ts'
import { parseId } from '../domain/id.ts'
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts'
import type {
  ClockState,
  Exchange,
  ExchangeQuery,
  Fault,
  KeptFault,
  LedgerReport,
  PlayedAttempt,
  PlayedSession,
  SandboxFacts,
  SessionReference,
  Snapshot,
  TriggeredEvent,
  TriggeredSession,
  WireEvent,
} from './types.ts'

/** A sandbox in a test's hands. Nothing of it is seen by another one. */
export type Sandbox = {
  /** `main` for the one that was started; tenants have names of their own. */
  readonly name: string
  /** Where the API is, without `/api/v1`. */
  readonly baseUrl: string
  /** The account of the IN edition, for which `client` is. */
  readonly accountId: string
  /** The account of the US edition, for which `usClient` is. */
  readonly usAccountId: string
  readonly connectedAccountIds: readonly string[]
  /** Never expires. */
  readonly accessToken: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** Signs redirects and the widget's answers. Webhook endpoints have keys of their own. */
  readonly signingKey: string
  /** Opens the widget. */
  readonly apiKey: string
  readonly client: PaydeskClient
  readonly usClient: PaydeskClient
  readonly clock: {
    readonly read: () => Promise<ClockState>
    /** Milliseconds since 1970, as the sandbox has it. Pass it to whatever of yours checks signatures. */
    readonly nowMs: () => Promise<number>
    /** Moves on by `2d`, `14m`, `1h30m`, `90s`. What falls due happens at its own time before it resolves. */
    readonly advance: (by: string) => Promise<ClockState>
    readonly set: (time: Date | string) => Promise<ClockState>
    readonly freeze: () => Promise<ClockState>
    /** Lets time pass: as fast as it does unless a rate is given. */
    readonly run: (rate?: number) => Promise<ClockState>
  }
  readonly faults: {
    /** Makes something go wrong from now on, for `count` times where that is given. */
    readonly add: (fault: Fault) => Promise<KeptFault>
    /** The oldest first, which is the order in which they are looked at. */
    readonly list: () => Promise<readonly KeptFault[]>
    readonly remove: (id: string) => Promise<void>
    readonly clear: () => Promise<void>
  }
  readonly trigger: {
    /** Makes a session and plays attempts on it, with all that follows from them. */
    readonly session: (asked?: TriggeredSession) => Promise<PlayedSession>
    /** Sends an event of any type, with data of your own. Nothing else happens. */
    readonly event: (asked: TriggeredEvent) => Promise<WireEvent>
  }
  /** Pays a session as a customer would: one attempt, or several in a row. */
  readonly pay: (
    session: SessionReference,
    ...attempts: readonly [PlayedAttempt, ...PlayedAttempt[]]
  ) => Promise<PlayedSession>
  /** Ends a session's time to be paid, now. */
  readonly expire: (session: SessionReference) => Promise<PlayedSession>
  readonly snapshots: {
    readonly take: (name: string) => Promise<Snapshot>
    /** Puts a snapshot in the place of all that the sandbox holds. Its clock goes back with it. */
    readonly restore: (name: string) => Promise<Snapshot>
    readonly list: () => Promise<readonly Snapshot[]>
    readonly delete: (name: string) => Promise<void>
  }
  /** Throws away all that it holds but its accounts. */
  readonly reset: () => Promise<void>
  /** Starts a webhook endpoint in this process and registers it. */
  readonly receiver: (options?: ReceiverOptions) => Promise<Receiver>
  /** Does all that is due by now and waits until it is done: refunds, webhooks, questions to the processor. */
  readonly settle: () => Promise<void>
  /** Holds the books against the payments, refunds and transfers, and adds them up. */
  readonly ledger: () => Promise<LedgerReport>
  /** Gives what has happened, newest first: API calls, webhooks, calls of the processor. */
  readonly requests: (query?: ExchangeQuery) => Promise<readonly Exchange[]>
  /** Makes a sandbox of its own, empty, with its own accounts, clock and chance. Takes milliseconds. */
  readonly tenant: (options?: TenantOptions) => Promise<Sandbox>
  /** Makes another one with all that this one holds now. From there on they go their own ways. */
  readonly fork: () => Promise<Sandbox>
  /** Throws it away, and with the one that was started everything. It may be called twice. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** What a tenant is made with. */
export type TenantOptions = {
  /** Makes ids, keys and times the same in every run. The clock stands still then. */
  readonly seed?: string
  /** Begins as this snapshot. */
  readonly snapshot?: string
  readonly name?: string
}

/** How a sandbox is opened. */
export type Opening = {
  /** What its chance goes by, if it is seeded: then the client's own is the same in every run too. */
  readonly seed: string | undefined
  /** What the clients call the API by. */
  readonly fetch: typeof fetch | undefined
  /** Ends what stands behind it. */
  readonly end: () => Promise<void>
}

/** Makes the handle of a running sandbox. */
export function openSandbox(facts: SandboxFacts, opening: Opening): Sandbox {
  const control = createControl({ baseUrl: facts.base_url })
  const client = clientFor(facts, facts.account_id, opening)
  const nowMs = async () => (await control.clock.read()).time_ms
  const opened = new Set<Closable>()
  const openTenant = (tenant: Tenant, seed: string | undefined): Sandbox => {
    const made = openSandbox(tenant, {
      fetch: opening.fetch,
      seed,
      end: async () => {
        opened.delete(made)
        await control.tenants.delete(tenant.name)
      },
    })
    opened.add(made)
    return made
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= Promise.all([...opened].map((one) => one.close())).then(opening.end)
    return closing
  }
  return {
    ...identityOf(facts),
    ...controlsOf(control),
    client,
    usClient: clientFor(facts, facts.us_account_id, opening),
    receiver: async ({ client: receiving = client, ...options } = {}) => {
      const receiver = await startReceiver(receiving, nowMs, options)
      opened.add(receiver)
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

/** The parts of a sandbox that are calls of its control API. */
function controlsOf(control: Control) {
  const { clock, events, faults, sessions, snapshots } = control
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
    trigger: { session: sessions.trigger, event: events.trigger },
    pay: (reference: SessionReference, ...attempts: readonly PlayedAttempt[]) =>
      sessions.play(idOf(reference), attempts),
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
      // Moving by nothing does all that is due, and answers when it is done.
      await clock.advance('0s')
    },
    ledger: control.ledger,
    requests: control.requests.list,
  }
}

/** Gives the id of a session that is named by it, by its access key, or by either in an object. */
function idOf(reference: SessionReference): string {
  const text =
    typeof reference === 'string'
      ? reference
      : (reference.payments_session_id ?? reference.access_key ?? '')
  const id = parseId(text) ?? sessionNamedBy(text)
  if (id === undefined) {
    throw new TypeError(`A session is named by its id or its access key, not by "${text}".`)
  }
  return id
}

/** What a client takes of the machine, the same in every run. */
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
