import { expect } from 'vitest'
import { verifyWebhook } from '../../src/client/webhooks.ts'
import { FEE_RATES_DEFAULT } from '../../src/domain/fee.ts'
import type {
  AccountId,
  PaymentAttemptId,
  RefundId,
  WebhookEndpointId,
} from '../../src/domain/id.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import type { Random } from '../../src/domain/random.ts'
import { deriveKeys, type Keys, SEAL_NONCE_BYTES, seal } from '../../src/domain/secret.ts'
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../../src/domain/webhook-event.ts'
import { guardMessenger } from '../../src/messengers/guarded-messenger.ts'
import { AttemptIdTaken } from '../../src/operations/apply-move.ts'
import { createDeliverer } from '../../src/operations/deliver-webhooks.ts'
import {
  chargeDebit,
  executeMandate,
  mandateRefusal,
} from '../../src/operations/execute-mandate.ts'
import { moveMandateIn } from '../../src/operations/move-mandate.ts'
import { decidePayout, payOutNext, runPayouts } from '../../src/operations/pay-out.ts'
import { type PayDeps, payPaymentSession } from '../../src/operations/pay-payment-session.ts'
import { reconcileNext } from '../../src/operations/reconcile-attempts.ts'
import { recordOutcome } from '../../src/operations/record-outcome.ts'
import { recordRefundOutcome, refundNext } from '../../src/operations/refund-payment.ts'
import { sendMessageNext } from '../../src/operations/send-messages.ts'
import type { Store } from '../../src/operations/store.ts'
import { withFreeId } from '../../src/operations/store-drawn.ts'
import { guardProcessor } from '../../src/processors/guarded-processor.ts'
import { createRandom } from '../../src/server/random.ts'
import { createWebhookSender } from '../../src/webhooks/send-webhook.ts'
import { openMemoryStore, type SimulatedStore, type TestClock } from '../support/memory-store.ts'
import { ACCOUNT_KEYS, mandateOf } from '../support/stored-rows.ts'
import { type AuditedRows, rowReader } from './audited-rows.ts'
import { audit } from './auditor.ts'
import { count } from './merchant.ts'
import { type Agreement, CONNECTED_ACCOUNT_ID, type Notes, takeNotes } from './notes.ts'
import { createScriptedMessenger, type ScriptedMessenger } from './scripted-messenger.ts'
import { createScriptedProcessor, type ScriptedProcessor } from './scripted-processor.ts'

/** The time in which a session can be paid, in milliseconds. */
export const SESSION_LIFE_MS = 900_000
const DAY_MS = 24 * 60 * 60_000
/** The time in which an attempt can succeed, in milliseconds. */
export const ATTEMPT_LIFE_MS = 600_000
/** The maximum wait of a payer. It is much longer than a run, because gates control the wait, not time. */
const PATIENCE_MS = 600_000
const INVOICE_NUMBER = 'INV-1'
const ENDPOINT_KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** The shared parts of several runs. Each run has its own merchant. */
export type World = {
  readonly deps: PayDeps & {
    readonly store: Store
    readonly keys: Keys
    readonly random: Random
  }
  readonly clock: TestClock
  readonly processor: ScriptedProcessor
  readonly messenger: ScriptedMessenger
  readonly readRows: (agreement: Agreement) => Promise<AuditedRows>
  runCount: number
}

/** Makes the shared parts on an empty database. */
export async function createWorld(
  openStore: () => Promise<SimulatedStore> = openMemoryStore,
): Promise<World> {
  const { store, clock, ids, ...database } = await openStore()
  const processor = createScriptedProcessor(clock)
  const onLost = (id: PaymentAttemptId, error: unknown) => {
    throw new Error(`an outcome of ${id} was lost`, { cause: error })
  }
  const times = { attemptLifeMs: ATTEMPT_LIFE_MS, patienceMs: PATIENCE_MS }
  const guardedProcessor = guardProcessor(processor, { clock, report: () => {} })
  const secrets = { keys: deriveKeys(new Uint8Array(32)), random: createRandom() }
  // Messages are sent in live mode alone.
  const mode = 'live' as const
  const messageChannels = ['email'] as const
  const messages = { mode, messageChannels }
  return {
    deps: {
      store,
      clock,
      ids,
      processor: guardedProcessor,
      onLost,
      ...messages,
      ...times,
      ...secrets,
    },
    clock,
    processor,
    messenger: createScriptedMessenger(),
    readRows: rowReader(store, database),
    runCount: 0,
  }
}

/** The parameters of a session. */
export type Terms = {
  readonly amountMinor: bigint
  readonly attemptCountMax: number
  /** The transfers in thousandths of the amount; their sum is at most 1,000. */
  readonly shares: readonly number[]
  readonly method: 'netbanking' | 'ach_debit' | 'mandate'
  /** The email address of the customers. Undefined: they give none. */
  readonly email: string | undefined
}

const INSTRUMENTS: Readonly<Record<Exclude<Terms['method'], 'mandate'>, Instrument>> = {
  netbanking: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
  ach_debit: {
    type: 'ach_debit',
    accountHolderName: 'Asha Rao',
    accountType: 'checking',
    routingNumber: '110000000',
    accountNumber: '000123456789',
  },
}

/** One session of one merchant. */
export class Run {
  readonly world: World
  readonly agreement: Agreement
  readonly notes: Notes = takeNotes()
  /** The instrument of the session's payments. Undefined: the session debits a mandate. */
  readonly #instrument: Instrument | undefined
  #gates: { readonly open: () => void; readonly going: Promise<unknown> }[] = []

  private constructor(world: World, agreement: Agreement, instrument: Instrument | undefined) {
    this.world = world
    this.agreement = agreement
    this.#instrument = instrument
  }

  static async begin(world: World, terms: Terms): Promise<Run> {
    const { deps, clock, processor } = world
    const { amountMinor, attemptCountMax, method, shares } = terms
    processor.reportsTime = true
    world.runCount += 1
    const accountId = String(60_000_001_000 + world.runCount) as AccountId
    const wants = await storeMerchant(world, accountId)
    const id = deps.ids.paymentSession(deps.store.paymentSessions.creationBucket())
    const transfersMinor = shares
      .map((share) => (amountMinor * BigInt(share)) / 1_000n)
      .filter((minor) => minor > 0n)
    const details = transfersMinor.map((minor) => ({
      connected_account_id: CONNECTED_ACCOUNT_ID,
      amount_minor: String(minor),
    }))
    // A daily mandate is debited without a notice.
    const mandate =
      method === 'mandate'
        ? mandateOf({ accountId, amountMinor, frequency: 'daily', startOn: '2026-01-01' })
        : undefined
    if (mandate !== undefined) await deps.store.transaction((tx) => tx.mandates.insert(mandate))
    const outcome = await deps.store.paymentSessions.insert(
      {
        id,
        accountId,
        status: 'created',
        echoedJson: '{}',
        amount: { amountMinor, currency: 'INR' },
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + SESSION_LIFE_MS,
        attemptCount: 0,
        attemptCountMax,
        currentAttemptId: undefined,
        ...(details.length > 0 && { transferDetailsJson: JSON.stringify(details) }),
        ...(mandate !== undefined && {
          customerId: mandate.customerId,
          invoiceNumber: INVOICE_NUMBER,
          typeFacts: { type: 'mandate_execution' },
        }),
      },
      undefined,
      clock.nowMs(),
    )
    expect(outcome).toBe('stored')
    const agreement: Agreement = {
      id,
      accountId,
      amountMinor,
      attemptCountMax,
      transfersMinor,
      wants,
      ...(terms.email !== undefined && { email: terms.email }),
      ...(mandate !== undefined && { mandateId: mandate.id }),
    }
    return new Run(world, agreement, method === 'mandate' ? undefined : INSTRUMENTS[method])
  }

  audit(): Promise<boolean> {
    return audit({ ...this.world, store: this.world.deps.store }, this.agreement, this.notes)
  }

  async status() {
    const session = await this.world.deps.store.paymentSessions.find(this.agreement.id)
    if (session === undefined) throw new Error('the session is gone')
    return statusAt(session, this.world.clock.nowMs())
  }

  /** Returns the session's attempt that a number selects. Undefined: there is no attempt yet. */
  async attempt(pick: number): Promise<PaymentAttemptId | undefined> {
    const attempts = await this.world.deps.store.paymentAttempts.listBySession(this.agreement.id)
    return attempts[pick % attempts.length]?.id
  }

  pay(deps: World['deps'] = this.world.deps, number?: number) {
    const { email } = this.agreement
    if (this.#instrument === undefined) return this.#debit(deps)
    return payPaymentSession(deps, this.agreement.id, {
      instrument: this.#instrument,
      customer: email === undefined ? {} : { email },
      description: '',
      returnUrl: '',
      ...(number !== undefined && { number }),
    })
  }

  /** Debits the mandate, as the API does. */
  async #debit(deps: World['deps']) {
    const { email, id, mandateId } = this.agreement
    const begin = () =>
      deps.store.transaction(async (tx) => {
        const session = await tx.paymentSessions.lock(id)
        const mandate = mandateId && (await tx.mandates.lock(mandateId))
        if (session === undefined || mandate === undefined) throw new Error('there is no mandate')
        const status = statusAt(session, deps.clock.nowMs())
        if (status !== 'created') return { refused: status }
        const customer = email === undefined ? {} : { email }
        const request = { session, mandate, customer, invoiceNumber: INVOICE_NUMBER }
        return mandateRefusal(deps, mandate) ?? executeMandate(tx, deps, request)
      })
    const beginning = await withFreeId(() =>
      begin().catch((error: unknown) => {
        if (error instanceof AttemptIdTaken) return undefined
        throw error
      }),
    )
    count('refused' in beginning ? 'debit refused' : 'debit granted')
    return 'refused' in beginning ? beginning : chargeDebit(deps, beginning)
  }

  /** The customer pauses, resumes or revokes the mandate, if its status allows this. */
  async moveMandate(type: 'pause' | 'resume' | 'revoke'): Promise<void> {
    const { deps } = this.world
    const { mandateId } = this.agreement
    if (mandateId === undefined) return
    await deps.store.transaction(async (tx) => {
      const mandate = await tx.mandates.lock(mandateId)
      if (mandate === undefined) throw new Error('there is no mandate')
      return moveMandateIn(tx, deps, mandate, { type })
    })
  }

  /** Pays, and holds the charge's request or its answer until `release`. */
  async hold(what: 'request' | 'answer'): Promise<void> {
    await this.release()
    const arrival = Promise.withResolvers<void>()
    const opening = Promise.withResolvers<void>()
    this.world.processor.hold({ what, reached: arrival.resolve, opened: opening.promise })
    const going = this.pay()
    this.#gates.push({ open: opening.resolve, going })
    await Promise.race([arrival.promise, going])
    // A refused payment does not reach the gate. Without this line the next payment would stop at it.
    this.world.processor.hold(undefined)
  }

  async release(): Promise<void> {
    const gates = this.#gates
    this.#gates = []
    for (const { open } of gates) open()
    await Promise.all(gates.map(({ going }) => going))
  }

  /** Pays in a process that crashes between the transactions of the attempt and of its outcome. */
  async crash(): Promise<void> {
    const { deps } = this.world
    const death = Promise.withResolvers<void>()
    let isRecorded = false
    const sessionTransaction: Store['sessionTransaction'] = (...args) => {
      if (isRecorded) {
        death.resolve()
        return new Promise(() => {})
      }
      isRecorded = true
      return deps.store.sessionTransaction(...args)
    }
    let isBegun = false
    // For a mandate, the attempt and its outcome are stored by `transaction`, together with the mandate.
    const transaction: Store['transaction'] = (work) => {
      if (isBegun) {
        death.resolve()
        return new Promise(() => {})
      }
      isBegun = true
      return deps.store.transaction(work)
    }
    const isOfMandate = this.#instrument === undefined
    const store = { ...deps.store, ...(isOfMandate ? { transaction } : { sessionTransaction }) }
    await Promise.race([this.pay({ ...deps, store }), death.promise])
  }

  /** Sends a refund in a process that records the answer only after `release`, or never (`isForEver`). */
  async refundUnrecorded(isForEver: boolean): Promise<void> {
    const { deps } = this.world
    const arrival = Promise.withResolvers<void>()
    const opening = Promise.withResolvers<void>()
    const transaction: Store['transaction'] = async (work) => {
      arrival.resolve()
      await opening.promise
      return deps.store.transaction(work)
    }
    const going = refundNext({ ...deps, store: { ...deps.store, transaction } })
    if (!isForEver) this.#gates.push({ open: opening.resolve, going })
    await Promise.race([arrival.promise, going])
  }

  async callback(id: PaymentAttemptId, count: number): Promise<void> {
    const { deps, processor } = this.world
    if (!processor.charges.has(id)) return
    const outcome = processor.outcomeOf(id)
    const attempt = { id, paymentSessionId: this.agreement.id }
    await Promise.all(Array.from({ length: count }, () => recordOutcome(deps, attempt, outcome)))
  }

  /** Records a refund's result that the processor reports without a query. */
  async refundCallback(pick: number, count: number): Promise<void> {
    const { deps, processor } = this.world
    const bookedRefunds = [...processor.charges.values()]
      .flatMap(({ refunds }) => [...refunds])
      .filter(([id]) => this.notes.refunds.has(id))
    const [id, refund] = bookedRefunds[pick % bookedRefunds.length] ?? []
    const storedRefund = id && (await deps.store.refunds.find(id as RefundId))
    if (storedRefund === undefined || refund === undefined) return
    const outcome = processor.refundOutcomeOf(refund)
    await Promise.all(
      Array.from({ length: count }, () => recordRefundOutcome(deps, storedRefund, outcome)),
    )
  }

  /** Runs the payouts that are due now, and those that are due `ms` later. A batch has one balance transaction. */
  async payOut(ms: number): Promise<void> {
    const { clock } = this.world
    const deps = { ...this.world.deps, batchSize: 1 }
    while ((await payOutNext(deps)) !== undefined);
    clock.advance(ms)
    // Two workers run at the same time.
    while ((await Promise.all([payOutNext(deps), payOutNext(deps)])).some(Boolean));
  }

  /** Runs the payouts of the merchant, and lets the bank refuse them. */
  async failPayouts(): Promise<void> {
    const { deps } = this.world
    const failure = { type: 'record_failure', failureCode: 'declined' } as const
    for (const { id } of await runPayouts(deps, this.agreement.accountId)) {
      await decidePayout(deps, id, failure)
    }
  }

  /** Sends a due message, and records the outcome. `store`: the store of the worker. */
  sendMessage(store: Pick<Store, 'messages' | 'transaction'> = this.world.deps.store) {
    const { clock, messenger } = this.world
    const guardedMessenger = guardMessenger(messenger, { report: () => {} })
    return sendMessageNext({ clock, store, messenger: guardedMessenger, onOutcome: () => {} })
  }

  /** Sends a due message in a process that dies before it records the outcome. */
  async sendUnrecorded(): Promise<void> {
    const { store } = this.world.deps
    const death = Promise.withResolvers<undefined>()
    const transaction: Store['transaction'] = () => {
      death.resolve(undefined)
      return new Promise(() => {})
    }
    await Promise.race([this.sendMessage({ ...store, transaction }), death.promise])
  }

  /** Completes all work: the processor decides, and the workers run until nothing is due. */
  async settle(decision: 'approved' | 'declined'): Promise<void> {
    const { deps, clock, processor } = this.world
    processor.isDown = false
    this.world.messenger.play([])
    await this.release()
    for (const { id } of await deps.store.paymentAttempts.listBySession(this.agreement.id)) {
      if (processor.charges.get(id)?.state === 'waiting') processor.decide(id, decision)
    }
    // Messages can wait for eight hours between two tries.
    for (let round = 0; round < 35; round += 1) {
      while ((await reconcileNext(deps)) !== undefined);
      while ((await refundNext(deps)) !== undefined);
      while ((await this.sendMessage()) !== undefined);
      if (await this.audit()) {
        // Each run of payouts costs as much as twenty steps.
        if (this.world.runCount % 4 === 0) {
          await this.payOut(6 * DAY_MS)
          await this.audit()
        }
        return this.deliver()
      }
      clock.advance(round < 20 ? 300_000 : 8 * 60 * 60_000)
    }
    throw new Error('something is still open after five days')
  }

  /** Sends all waiting deliveries, and compares the received bodies with the stored ones. */
  async deliver(): Promise<void> {
    const { deps, clock } = this.world
    const receivedBodies: string[] = []
    const ownUrls = new Set([...this.agreement.wants.keys()].map(urlOf))
    const trouble: unknown[] = []
    const deliverer = createDeliverer({
      tenant: { ...deps, signingClock: clock },
      random: deps.random,
      send: createWebhookSender(async ({ body, headers, url }) => {
        verifyWebhook(body, headers, ENDPOINT_KEY, { nowMs: clock.nowMs() })
        // Payouts of earlier runs' merchants can become due in this run.
        if (ownUrls.has(url)) receivedBodies.push(`${url} ${body}`)
        return { kind: 'answered', status: 204, body: '', durationMs: 1 }
      }),
      retryWaitsMs: [],
      isStopping: () => false,
      onDisabled: () => {},
      onAttempt: () => {},
      onTrouble: (error) => trouble.push(error),
    })
    while ((await deliverer.deliverNext()) !== undefined) await deliverer.allEnded()
    expect(trouble).toEqual([])
    const expected = [...this.notes.events.values()].flatMap((body) => {
      const { event_type: type } = JSON.parse(body) as { event_type: WebhookEventType }
      return [...this.agreement.wants]
        .filter(([, types]) => types.includes(type))
        .map(([id]) => `${urlOf(id)} ${body}`)
    })
    expect(receivedBodies.sort(), 'what the endpoints got').toEqual(expected.sort())
  }
}

const urlOf = (id: WebhookEndpointId) => `https://shop.example/${id}`

/**
 * Stores a merchant with its endpoints: one with all events, one with refund events, and an inactive one. Returns the
 * events of each active endpoint.
 */
async function storeMerchant(
  { deps: { ids, keys, random, store }, clock }: World,
  accountId: AccountId,
): Promise<Agreement['wants']> {
  const nowMs = clock.nowMs()
  const signingKeySealed = seal(ENDPOINT_KEY, keys.sealing, random.bytes(SEAL_NONCE_BYTES))
  const refundTypes = ['refund.succeeded', 'refund.failed'] as const
  const [all, ofRefunds, off] = Array.from({ length: 3 }, () => ids.webhookEndpoint())
  const endpoints = [
    { id: all as WebhookEndpointId, status: 'active', enabledEvents: WEBHOOK_EVENT_TYPES },
    { id: ofRefunds as WebhookEndpointId, status: 'active', enabledEvents: refundTypes },
    { id: off as WebhookEndpointId, status: 'inactive', enabledEvents: WEBHOOK_EVENT_TYPES },
  ] as const
  await store.transaction(async (tx) => {
    await tx.accounts.insert(
      {
        id: accountId,
        name: 'Shop',
        edition: 'IN',
        paymentMethods: ['netbanking'],
        feeRates: FEE_RATES_DEFAULT,
        frameOrigins: [],
        keys: ACCOUNT_KEYS,
      },
      nowMs,
    )
    for (const endpoint of endpoints) {
      const times = { createdAtMs: nowMs, changedAtMs: nowMs }
      const fields = { accountId, name: 'Shop', url: urlOf(endpoint.id), signingKeySealed }
      await tx.webhookEndpoints.put({ ...endpoint, ...fields, ...times })
    }
  })
  return new Map(
    endpoints
      .filter(({ status }) => status === 'active')
      .map(({ id, enabledEvents }) => [id, enabledEvents]),
  )
}
