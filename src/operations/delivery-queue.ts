import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { ClaimedDelivery, ClaimLimits } from './store.ts'

/** The maximum number of deliveries under way at the same time. All limits of this file are those of one process. */
export const DELIVERY_COUNT_MAX = 256
/**
 * The maximum number of deliveries of one account under way, so that its slow endpoints do not delay other
 * accounts.
 */
export const DELIVERY_COUNT_PER_ACCOUNT = 64
/** The maximum number of deliveries under way to one endpoint. */
export const DELIVERY_COUNT_PER_ENDPOINT = 16
/** The maximum number of deliveries under way to an endpoint that did not answer its last request. */
export const DELIVERY_COUNT_UNANSWERED = 2

/**
 * The maximum number of deliveries of one claim. A claim with fewer has taken all that were due within the limits.
 */
export const CLAIM_COUNT_MAX = 128
/** The maximum number of claimed deliveries that wait for a slot: in total, for an account, and for an endpoint. */
const WAITING_COUNT_MAX = 512
const WAITING_COUNT_PER_ACCOUNT = 128
const WAITING_COUNT_PER_ENDPOINT = 64
/** The longest wait for a slot, in milliseconds. The rest of the lease must be enough for the POST and its record. */
export const WAITING_MS_MAX = 5_000
/**
 * The longest duration of a prompt answer, in milliseconds. The last answer decides whether an endpoint is prompt.
 */
const PROMPT_MS_MAX = 250
/** The maximum number of endpoints whose last answers are remembered. The oldest are dropped first. */
const UNANSWERED_COUNT_MAX = 1_000
const PROMPT_COUNT_MAX = 256

/** Deliveries of one endpoint that begin together. */
export type ReadyDeliveries = {
  readonly endpointId: WebhookEndpointId
  readonly deliveries: readonly ClaimedDelivery[]
}

type Waiting = { readonly delivery: ClaimedDelivery; readonly sinceMs: number }
type Counts = { underWay: number; waiting: number }
/** The claimed deliveries to one endpoint: their counts, and the list of those that wait. */
type Lane = Counts & { readonly accountId: AccountId; readonly list: Waiting[] }

/**
 * The claimed deliveries of a process: those under way, and those that wait for a slot.
 *
 * Deliveries to prompt endpoints are claimed ahead, so that one claim serves many POSTs. Other endpoints have
 * only as many claims as slots: their deliveries stay free for other processes.
 */
export class DeliveryQueue {
  readonly #all: Counts = { underWay: 0, waiting: 0 }
  readonly #accounts = new Map<AccountId, Counts>()
  readonly #lanes = new Map<WebhookEndpointId, Lane>()
  readonly #unanswered = new Set<WebhookEndpointId>()
  readonly #prompt = new Map<WebhookEndpointId, AccountId>()
  /**
   * A check for each limit that the last claim reached, which returns true if the limit has room
   * again.
   */
  #full: readonly (() => boolean)[] = []

  get waitingCount(): number {
    return this.#all.waiting
  }

  /** Returns the limits of the next claim. Undefined: there is no room. */
  limits(waitMsMax: number): ClaimLimits | undefined {
    const countMax = Math.min(CLAIM_COUNT_MAX, this.#roomOfAll())
    if (countMax <= 0) {
      this.#full = [() => this.#roomOfAll() > 0]
      return undefined
    }
    const accounts = new Set([...this.#accounts.keys(), ...this.#prompt.values()])
    const endpoints = new Set([...this.#lanes.keys(), ...this.#unanswered, ...this.#prompt.keys()])
    return {
      waitMsMax,
      countMax,
      countPerAccount: DELIVERY_COUNT_PER_ACCOUNT,
      countPerEndpoint: DELIVERY_COUNT_PER_ENDPOINT,
      roomOfAccounts: new Map([...accounts].map((id) => [id, this.#roomOfAccount(id)])),
      roomOfEndpoints: new Map([...endpoints].map((id) => [id, this.#roomOfEndpoint(id)])),
    }
  }

  /** `limits`: those of the claim. */
  add(deliveries: readonly ClaimedDelivery[], limits: ClaimLimits, nowMs: number): void {
    for (const one of deliveries) {
      const { accountId, endpointId } = one.delivery
      const lane = this.#lanes.get(endpointId) ?? { accountId, underWay: 0, waiting: 0, list: [] }
      this.#lanes.set(endpointId, lane)
      lane.list.push({ delivery: one, sinceMs: nowMs })
      this.#count(endpointId, lane, 'waiting', 1)
    }
    this.#noteFull(deliveries, limits)
  }

  /** Takes waiting deliveries that have a slot; endpoints take turns. They are then under way. */
  takeReady(countMax: number): readonly ReadyDeliveries[] {
    const ready = new Map<WebhookEndpointId, ClaimedDelivery[]>()
    let freeCount = Math.min(countMax, DELIVERY_COUNT_MAX - this.#all.underWay)
    for (let hasTaken = true; hasTaken && freeCount > 0; ) {
      hasTaken = false
      for (const [endpointId, lane] of [...this.#lanes]) {
        if (freeCount <= 0 || !this.#isReady(endpointId, lane)) continue
        // Counted first, because a lane without waiting and running deliveries is deleted.
        this.#count(endpointId, lane, 'underWay', 1)
        const group = ready.get(endpointId) ?? []
        group.push(...this.#take(endpointId, lane, 1))
        ready.set(endpointId, group)
        // Moves the endpoint to the end, so that the next turn begins with another endpoint.
        this.#lanes.delete(endpointId)
        this.#lanes.set(endpointId, lane)
        freeCount -= 1
        hasTaken = true
      }
    }
    return [...ready].map(([endpointId, deliveries]) => ({ endpointId, deliveries }))
  }

  /** Takes waiting deliveries: those for one endpoint, or all. They are not under way afterwards. */
  takeWaiting(only?: WebhookEndpointId): readonly ClaimedDelivery[] {
    return [...this.#lanes].flatMap(([id, lane]) =>
      only === undefined || only === id ? this.#take(id, lane, lane.list.length) : [],
    )
  }

  takeLate(nowMs: number): readonly ClaimedDelivery[] {
    return [...this.#lanes].flatMap(([id, lane]) => {
      const firstInTime = lane.list.findIndex(({ sinceMs }) => nowMs - sinceMs <= WAITING_MS_MAX)
      return this.#take(id, lane, firstInTime === -1 ? lane.list.length : firstInTime)
    })
  }

  /** Ends a delivery that was under way. */
  free({ delivery: { endpointId } }: ClaimedDelivery): void {
    const lane = this.#lanes.get(endpointId)
    if (lane !== undefined) this.#count(endpointId, lane, 'underWay', -1)
  }

  /** Records the duration of an answer, in milliseconds. Undefined: the endpoint did not answer. */
  noteAnswer(
    { delivery: { accountId, endpointId } }: ClaimedDelivery,
    durationMs: number | undefined,
  ): void {
    this.#unanswered.delete(endpointId)
    this.#prompt.delete(endpointId)
    if (durationMs === undefined) this.#unanswered.add(endpointId)
    else if (durationMs <= PROMPT_MS_MAX) this.#prompt.set(endpointId, accountId)
    dropFirst(this.#unanswered, UNANSWERED_COUNT_MAX)
    dropFirst(this.#prompt, PROMPT_COUNT_MAX)
  }

  /** Returns true if a limit that the last claim reached has room again. It returns true only once. */
  hasRoomAgain(): boolean {
    if (!this.#full.some((hasRoom) => hasRoom())) return false
    this.#full = []
    return true
  }

  #count(endpointId: WebhookEndpointId, lane: Lane, kind: keyof Counts, change: number): void {
    const account = this.#accounts.get(lane.accountId) ?? { underWay: 0, waiting: 0 }
    for (const counts of [this.#all, account, lane]) counts[kind] += change
    if (account.underWay + account.waiting === 0) this.#accounts.delete(lane.accountId)
    else this.#accounts.set(lane.accountId, account)
    if (lane.underWay + lane.waiting === 0) this.#lanes.delete(endpointId)
  }

  #take(endpointId: WebhookEndpointId, lane: Lane, number: number): readonly ClaimedDelivery[] {
    const deliveries = lane.list.splice(0, number)
    this.#count(endpointId, lane, 'waiting', -deliveries.length)
    return deliveries.map(({ delivery }) => delivery)
  }

  #isReady(endpointId: WebhookEndpointId, { accountId, underWay, waiting }: Lane): boolean {
    const ofAccount = this.#accounts.get(accountId)?.underWay ?? 0
    return (
      waiting > 0 && underWay < this.#slotsOf(endpointId) && ofAccount < DELIVERY_COUNT_PER_ACCOUNT
    )
  }

  #slotsOf(id: WebhookEndpointId): number {
    return this.#unanswered.has(id) ? DELIVERY_COUNT_UNANSWERED : DELIVERY_COUNT_PER_ENDPOINT
  }

  #roomOfAll(): number {
    return roomOf(this.#all, DELIVERY_COUNT_MAX, this.#prompt.size > 0 ? WAITING_COUNT_MAX : 0)
  }

  #roomOfAccount(id: AccountId): number {
    const isPrompt = [...this.#prompt.values()].includes(id)
    const waitingMax = isPrompt ? WAITING_COUNT_PER_ACCOUNT : 0
    return roomOf(this.#accounts.get(id), DELIVERY_COUNT_PER_ACCOUNT, waitingMax)
  }

  #roomOfEndpoint(id: WebhookEndpointId): number {
    const waitingMax = this.#prompt.has(id) ? WAITING_COUNT_PER_ENDPOINT : 0
    return roomOf(this.#lanes.get(id), this.#slotsOf(id), waitingMax)
  }

  /** Records the limits that a claim has reached. Slots may have become free during the claim. */
  #noteFull(
    deliveries: readonly ClaimedDelivery[],
    { countMax, countPerAccount, countPerEndpoint, roomOfAccounts, roomOfEndpoints }: ClaimLimits,
  ): void {
    const ofEndpoints = Map.groupBy(deliveries, ({ delivery }) => delivery.endpointId)
    const ofAccounts = Map.groupBy(deliveries, ({ delivery }) => delivery.accountId)
    this.#full = [
      ...idsWithoutRoom(roomOfEndpoints, countPerEndpoint, ofEndpoints).map(
        (id) => () => this.#roomOfEndpoint(id) > 0,
      ),
      ...idsWithoutRoom(roomOfAccounts, countPerAccount, ofAccounts).map(
        (id) => () => this.#roomOfAccount(id) > 0,
      ),
      ...(deliveries.length < countMax ? [] : [() => this.#roomOfAll() > 0]),
    ]
  }
}

/**
 * Returns the number of deliveries that may be claimed: 0 while more than half of the waiting places are in use, so
 * that claims are large.
 */
function roomOf(counts: Counts | undefined, slotCount: number, waitingMax: number): number {
  const { underWay, waiting } = counts ?? { underWay: 0, waiting: 0 }
  return waiting > waitingMax / 2 ? 0 : slotCount + waitingMax - underWay - waiting
}

/** Returns the ids that have no room left after a claim. `usual` is the room of ids that are not in the map. */
function idsWithoutRoom<Id>(
  rooms: ReadonlyMap<Id, number>,
  usual: number,
  claims: ReadonlyMap<Id, readonly unknown[]>,
): readonly Id[] {
  const ids = [...new Set([...rooms.keys(), ...claims.keys()])]
  return ids.filter((id) => (claims.get(id)?.length ?? 0) >= (rooms.get(id) ?? usual))
}

function dropFirst<Key>(entries: Set<Key> | Map<Key, unknown>, countMax: number): void {
  const [first] = entries.keys()
  if (entries.size > countMax && first !== undefined) entries.delete(first)
}
