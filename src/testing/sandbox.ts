import { createPaydeskClient, type Machine, type PaydeskClient } from '../client/index.ts'
import { sessionNamedBy } from '../domain/access-key.ts'
import { parseId } from '../domain/id.ts'
import { createControl } from './control.ts'
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

/** Makes what a test holds of a sandbox that runs. */
export function openSandbox(facts: SandboxFacts, { end, fetch, seed }: Opening): Sandbox {
  const { base_url: baseUrl } = facts
  const control = createControl(baseUrl)
  const opened = new Set<{ readonly close: () => Promise<void> }>()
  const machine = seed === undefined ? {} : seededMachine(seed)
  const clientOf = (accountId: string) =>
    createPaydeskClient({
      baseUrl,
      accountId,
      accessToken: facts.access_token,
      machine,
      ...(fetch !== undefined && { fetch }),
    })
  const client = clientOf(facts.account_id)

  const one = async <Out>(key: string, ...call: Parameters<typeof control>) =>
    (await control(...call))[key] as Out
  const clockState = (...call: Parameters<typeof control>) => one<ClockState>('clock', ...call)
  const readClock = () => clockState('GET', '/clock')
  const nowMs = async () => (await readClock()).time_ms
  const session = (...call: Parameters<typeof control>) =>
    one<PlayedSession>('payments_session', ...call)

  const another = (facts: SandboxFacts, seeded?: string): Sandbox => {
    const made = openSandbox(facts, {
      fetch,
      seed: seeded,
      end: async () => {
        opened.delete(made)
        await control('DELETE', `/tenants/${facts.name}`)
      },
    })
    opened.add(made)
    return made
  }

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await Promise.all([...opened].map((one) => one.close()))
      await end()
    })()
    return closing
  }

  return {
    name: facts.name ?? 'main',
    baseUrl,
    client,
    usClient: clientOf(facts.us_account_id),
    accountId: facts.account_id,
    usAccountId: facts.us_account_id,
    connectedAccountIds: facts.connected_account_ids,
    accessToken: facts.access_token,
    clientId: facts.client_id,
    clientSecret: facts.client_secret,
    refreshToken: facts.refresh_token,
    signingKey: facts.signing_key,
    apiKey: facts.api_key,
    clock: {
      read: readClock,
      nowMs,
      advance: (by) => clockState('POST', '/clock/advance', { by }),
      set: (time) =>
        clockState('POST', '/clock/set', {
          time: typeof time === 'string' ? time : time.toISOString(),
        }),
      freeze: () => clockState('POST', '/clock/freeze'),
      run: (rate) => clockState('POST', '/clock/run', rate === undefined ? {} : { rate }),
    },
    faults: {
      add: (fault) => one('fault', 'POST', '/faults', fault),
      list: () => one('faults', 'GET', '/faults'),
      remove: async (id) => {
        await control('DELETE', `/faults/${encodeURIComponent(id)}`)
      },
      clear: async () => {
        await control('DELETE', '/faults')
      },
    },
    trigger: {
      session: (asked = {}) => session('POST', '/sessions', asked),
      event: (asked) => one('event', 'POST', '/events', asked),
    },
    pay: (reference, ...attempts) =>
      session('POST', `/sessions/${idOf(reference)}/attempts`, { attempts }),
    expire: (reference) => session('POST', `/sessions/${idOf(reference)}/expire`),
    snapshots: {
      take: (name) => one('snapshot', 'POST', '/snapshots', { name }),
      restore: (name) => one('snapshot', 'POST', '/restore', { name }),
      list: () => one('snapshots', 'GET', '/snapshots'),
      delete: async (name) => {
        await control('DELETE', `/snapshots/${encodeURIComponent(name)}`)
      },
    },
    reset: async () => {
      await control('POST', '/reset')
    },
    receiver: async ({ client: of = client, ...options } = {}) => {
      const receiver = await startReceiver(of, nowMs, options)
      opened.add(receiver)
      return receiver
    },
    settle: async () => {
      // Moving by nothing does all that is due, and answers when it is done.
      await control('POST', '/clock/advance', { by: '0s' })
    },
    ledger: () => one('ledger', 'GET', '/ledger'),
    requests: (query = {}) => one('requests', 'GET', `/requests?${textOf(query)}`),
    tenant: async (options = {}) => {
      const made = await one<SandboxFacts>('tenant', 'POST', '/tenants', options)
      return another(made, options.seed)
    },
    fork: async () => another(await one<SandboxFacts>('tenant', 'POST', '/fork')),
    close,
    [Symbol.asyncDispose]: close,
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

function textOf(query: ExchangeQuery): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
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
