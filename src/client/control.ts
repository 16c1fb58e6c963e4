/** The control API's client. It is internal to the package, and like the API's it runs everywhere. */
import type {
  ClockAdvance,
  ClockState,
  ConsoleFacts,
  EndpointKeys,
  EventSample,
  Exchange,
  ExchangeQuery,
  Fault,
  InspectedDelivery,
  KeptFault,
  LedgerReport,
  PlayedAttempt,
  PlayedSession,
  SessionStory,
  Snapshot,
  Tenant,
  TenantCreate,
  TriggeredEvent,
  TriggeredSession,
  WireEvent,
} from './control-types.ts'
import { errorOf, isSuccess } from './errors.ts'
import { MACHINE } from './machine.ts'
import { createTransport } from './transport.ts'
import { fillPath, type QueryValues, urlWithQuery } from './url.ts'

/** The control API's types. */
export type * from './control-types.ts'

/** Where the control API of a sandbox is. */
export type ControlOptions = {
  /** The sandbox's address without a slash at its end: `http://127.0.0.1:4242`. */
  readonly baseUrl: string
  /** Another `fetch`. Default: the global one, read at each call. */
  readonly fetch?: typeof fetch
}

/** A call of the control API. */
export type ControlCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_sandbox`. */
  readonly path: string
  readonly query?: QueryValues | undefined
  /** A text is sent as it is, so that its numbers keep all their digits. Anything else is sent as JSON. */
  readonly body?: unknown
}

/** Moving the clock over days sends everything that falls due on the way. */
const TIMEOUT_MS = 300_000

/**
 * Makes the function that calls the control API and gives the whole answer. Nothing is retried: a
 * sandbox runs on this machine. Throws a `PaydeskError`.
 */
export function createControlSend({
  baseUrl,
  fetch = (input, init) => globalThis.fetch(input, init),
}: ControlOptions): (call: ControlCall) => Promise<Readonly<Record<string, unknown>>> {
  const transport = createTransport({ fetch, machine: MACHINE, timeoutMs: TIMEOUT_MS, retries: 0 })
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

/** The operations of the control API: method, path, and the key of the answer's object. */
const OPERATIONS = {
  readFacts: ['GET', '/facts', 'facts'],
  readClock: ['GET', '/clock', 'clock'],
  setClock: ['POST', '/clock/set', 'clock'],
  advanceClock: ['POST', '/clock/advance', 'clock'],
  freezeClock: ['POST', '/clock/freeze', 'clock'],
  runClock: ['POST', '/clock/run', 'clock'],
  listFaults: ['GET', '/faults', 'faults'],
  addFault: ['POST', '/faults', 'fault'],
  deleteFault: ['DELETE', '/faults/{id}', 'code'],
  clearFaults: ['DELETE', '/faults', 'code'],
  listRequests: ['GET', '/requests', 'requests'],
  retrieveRequest: ['GET', '/requests/{id}', 'request'],
  clearRequests: ['DELETE', '/requests', 'code'],
  checkLedger: ['GET', '/ledger', 'ledger'],
  triggerSession: ['POST', '/sessions', 'payments_session'],
  triggerAttempts: ['POST', '/sessions/{payments_session_id}/attempts', 'payments_session'],
  expireSession: ['POST', '/sessions/{payments_session_id}/expire', 'payments_session'],
  cancelSession: ['POST', '/sessions/{payments_session_id}/cancel', 'payments_session'],
  readTimeline: ['GET', '/sessions/{payments_session_id}/timeline', 'session'],
  triggerEvent: ['POST', '/events', 'event'],
  sampleEvent: ['GET', '/events/samples/{event_type}', 'sample'],
  listWebhookKeys: ['GET', '/webhooks/keys', 'webhook_keys'],
  inspectDelivery: ['GET', '/webhooks/{webhook_url_id}/deliveries/{event_id}', 'delivery'],
  listTenants: ['GET', '/tenants', 'tenants'],
  createTenant: ['POST', '/tenants', 'tenant'],
  deleteTenant: ['DELETE', '/tenants/{name}', 'code'],
  forkTenant: ['POST', '/fork', 'tenant'],
  resetSandbox: ['POST', '/reset', 'tenant'],
  listSnapshots: ['GET', '/snapshots', 'snapshots'],
  takeSnapshot: ['POST', '/snapshots', 'snapshot'],
  deleteSnapshot: ['DELETE', '/snapshots/{name}', 'code'],
  restoreSnapshot: ['POST', '/restore', 'snapshot'],
} as const satisfies Record<string, readonly [ControlCall['method'], string, string]>

/** The objects that the operations answer with. */
type Answers = {
  readonly readFacts: ConsoleFacts
  readonly readClock: ClockState
  readonly setClock: ClockState
  readonly advanceClock: ClockState
  readonly freezeClock: ClockState
  readonly runClock: ClockState
  readonly listFaults: readonly KeptFault[]
  readonly addFault: KeptFault
  readonly deleteFault: 0
  readonly clearFaults: 0
  readonly listRequests: readonly Exchange[]
  readonly retrieveRequest: Exchange
  readonly clearRequests: 0
  readonly checkLedger: LedgerReport
  readonly triggerSession: PlayedSession
  readonly triggerAttempts: PlayedSession
  readonly expireSession: PlayedSession
  readonly cancelSession: PlayedSession
  readonly readTimeline: SessionStory
  readonly triggerEvent: WireEvent
  readonly sampleEvent: EventSample
  readonly listWebhookKeys: readonly EndpointKeys[]
  readonly inspectDelivery: InspectedDelivery
  readonly listTenants: readonly Tenant[]
  readonly createTenant: Tenant
  readonly deleteTenant: 0
  readonly forkTenant: Tenant
  readonly resetSandbox: Tenant
  readonly listSnapshots: readonly Snapshot[]
  readonly takeSnapshot: Snapshot
  readonly deleteSnapshot: 0
  readonly restoreSnapshot: Snapshot
}

/** What a call passes beside its operation. */
type Given = Pick<ControlCall, 'query' | 'body'> & {
  /** The parameters of the path. */
  readonly path?: Readonly<Record<string, string>>
}

/** The control API of one sandbox. Every method throws a `PaydeskError`. */
export type Control = ReturnType<typeof createControl>

/** Makes the control API's client for one sandbox. Nothing is called yet. */
export function createControl(options: ControlOptions) {
  const send = createControlSend(options)
  async function call<Id extends keyof Answers>(
    id: Id,
    { body, path = {}, query }: Given = {},
  ): Promise<Answers[Id]> {
    const [method, pattern, key] = OPERATIONS[id]
    const answer = await send({ method, path: fillPath(pattern, path), query, body })
    return answer[key] as Answers[Id]
  }
  const ofSession = (id: string) => ({ path: { payments_session_id: id } })

  return {
    /** Gives what the console needs to know about its sandbox. */
    facts: () => call('readFacts'),
    clock: {
      read: () => call('readClock'),
      /** `time`: ISO 8601 with a zone. */
      set: (time: string) => call('setClock', { body: { time } }),
      /** Does what falls due on the way before it answers. */
      advance: (by: ClockAdvance) => call('advanceClock', { body: { by } }),
      freeze: () => call('freezeClock'),
      run: (rate?: number) => call('runClock', { body: { rate } }),
    },
    faults: {
      list: () => call('listFaults'),
      add: (fault: Fault) => call('addFault', { body: fault }),
      delete: (id: string) => call('deleteFault', { path: { id } }),
      clear: () => call('clearFaults'),
    },
    requests: {
      list: (query: ExchangeQuery = {}) => call('listRequests', { query }),
      retrieve: (id: string) => call('retrieveRequest', { path: { id } }),
      clear: () => call('clearRequests'),
    },
    sessions: {
      trigger: (session: TriggeredSession = {}) => call('triggerSession', { body: session }),
      play: (id: string, attempts: readonly PlayedAttempt[]) =>
        call('triggerAttempts', { ...ofSession(id), body: { attempts } }),
      expire: (id: string) => call('expireSession', ofSession(id)),
      cancel: (id: string) => call('cancelSession', ofSession(id)),
      /** Gives everything about a session. */
      story: (id: string) => call('readTimeline', ofSession(id)),
    },
    events: {
      /** A text is sent as it is, so that its numbers keep all their digits. */
      trigger: (event: TriggeredEvent | string) => call('triggerEvent', { body: event }),
      sample: (type: string) => call('sampleEvent', { path: { event_type: type } }),
    },
    webhooks: {
      keys: (accountId: string) => call('listWebhookKeys', { query: { account_id: accountId } }),
      inspectDelivery: (endpointId: string, eventId: string) =>
        call('inspectDelivery', { path: { webhook_url_id: endpointId, event_id: eventId } }),
    },
    tenants: {
      list: () => call('listTenants'),
      create: (tenant: TenantCreate = {}) => call('createTenant', { body: tenant }),
      delete: (name: string) => call('deleteTenant', { path: { name } }),
    },
    snapshots: {
      list: () => call('listSnapshots'),
      take: (name: string) => call('takeSnapshot', { body: { name } }),
      delete: (name: string) => call('deleteSnapshot', { path: { name } }),
      restore: (name: string) => call('restoreSnapshot', { body: { name } }),
    },
    /** Makes another sandbox with the content of this one. */
    fork: () => call('forkTenant'),
    /** Removes everything but the ready accounts. */
    reset: () => call('resetSandbox'),
    /** Checks the ledger against the payments. */
    ledger: () => call('checkLedger'),
  }
}
