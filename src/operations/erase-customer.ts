import type { CustomerRecord } from '../domain/customer.ts'
import { erasedCustomer } from '../domain/customer.ts'
import { type ErasedKind, eraseJson } from '../domain/erasure.ts'
import {
  type AccountId,
  BUCKET_COUNT,
  type CustomerId,
  type PaymentMethodId,
} from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealedWithAny, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { forgetToken } from './call-payment-methods.ts'
import { type CancelDeps, cancelObject } from './cancel-personal-object.ts'
import { deletePaymentMethod } from './change-payment-method.ts'
import type {
  ErasureCounts,
  FoundObject,
  PersonalObject,
  PersonalSource,
  PersonalState,
  Store,
} from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** The person whose data is erased, in one account. */
export type ErasureSubject = {
  readonly accountId: AccountId
  readonly customers: readonly CustomerRecord[]
  /** The contacts by which rows without a customer are found: e-mail addresses, and digits of phone numbers. */
  readonly emails: readonly string[]
  readonly phones: readonly string[]
}

/** A request for an erasure. */
export type ErasureRequest = ErasureSubject & {
  /** True: nothing is changed, and rows are counted. */
  readonly isDryRun: boolean
  /**
   * True: open sessions, links, mandates and virtual accounts are canceled first, unless an object is in progress or
   * disputed.
   */
  readonly cancels: boolean
  /** An abort ends the work between two transactions. What was erased until then stays erased. */
  readonly signal: AbortSignal
  /** Called after each object. */
  readonly onStep: (step: { readonly part: ErasurePart; readonly objectCount: number }) => void
}

/** A part of an erasure. */
export type ErasurePart = 'check' | 'cancel' | 'erase'

/** An object that keeps an erasure from beginning. */
export type Obstacle = {
  readonly object: PersonalObject | { readonly kind: 'saved_method'; readonly id: PaymentMethodId }
  readonly state: Exclude<PersonalState, 'ended'>
}

/** The effect of an erasure. */
export type ErasureReport = {
  readonly counts: ErasureCounts
  /** The number of objects of other customers with the same e-mail address or phone number. These objects stay. */
  readonly othersCount: number
  /** The number of saved methods whose token the processor has not yet deleted. */
  readonly tokenCount: number
  /**
   * The objects that have to end first. If there is one, nothing was erased. A dry run cancels nothing, so it also lists
   * the objects that `cancels` would cancel.
   */
  readonly obstacles: readonly Obstacle[]
}

type Deps = AuditDeps &
  CancelDeps & {
    readonly keys: Keys
    readonly random: Random
    readonly store: Pick<Store, 'personalData' | 'customers' | 'paymentMethods' | 'transaction'>
  }

/**
 * The maximum number of passes over the objects: a request that was running during the first pass may have stored
 * another object.
 */
const PASS_COUNT_MAX = 3

/**
 * Erases the personal data of a customer from all rows that have it, and keeps what money and the ledger need. It works
 * beside running servers, and may be interrupted and run again: the customer's own row, by which the others are found,
 * is erased last. The audit log records the erasure with counts, without the data. After an abort it throws the
 * signal's reason.
 */
export async function eraseCustomer(deps: Deps, request: ErasureRequest): Promise<ErasureReport> {
  const { cancels, isDryRun } = request
  let check = await findObstacles(deps, request)
  const canBegin = check.obstacles.every(({ state }) => state === 'open')
  if (cancels && !isDryRun && canBegin) {
    await cancelAll(deps, request, check.obstacles)
    check = await findObstacles(deps, request)
  }
  const { obstacles, othersCount } = check
  if (obstacles.length > 0 && !isDryRun) {
    return { counts: {}, othersCount, tokenCount: 0, obstacles }
  }
  const tokenCount = await deleteMethods(deps, request)
  let counts: ErasureCounts = {}
  for (let pass = 1; pass <= PASS_COUNT_MAX; pass += 1) {
    const foundCounts = await eraseObjects(deps, request)
    counts = withPass(counts, foundCounts)
    const erasedCount = erasedCountOf(foundCounts)
    counts = mergeCounts(counts, await eraseCustomers(deps, request, pass === 1))
    if (isDryRun || (pass > 1 && erasedCount === 0)) break
  }
  if (!isDryRun) await record(deps, request, counts)
  return { counts, othersCount, tokenCount, obstacles }
}

/** Returns the number of rows that an erasure has changed or deleted, or would. */
export function erasedCountOf(counts: ErasureCounts): number {
  return Object.values(counts).reduce((total, { erasedCount }) => total + erasedCount, 0)
}

async function findObstacles(
  deps: Deps,
  request: ErasureRequest,
): Promise<Pick<ErasureReport, 'obstacles' | 'othersCount'>> {
  const obstacles: Obstacle[] = []
  let objectCount = 0
  let othersCount = 0
  for await (const { isOthers, object, state } of objectsOf(deps, request)) {
    objectCount += 1
    request.onStep({ part: 'check', objectCount })
    if (isOthers) othersCount += 1
    else if (state !== 'ended') obstacles.push({ object, state })
  }
  for (const { id } of request.customers) {
    for (const method of await deps.store.paymentMethods.listWithDeleted(id)) {
      if (method.status !== 'saving') continue
      obstacles.push({ object: { kind: 'saved_method', id: method.id }, state: 'in_progress' })
    }
  }
  return { obstacles, othersCount }
}

/**
 * Lists the objects of a person, each once. Links come before their sessions, because a canceled link cancels these.
 */
async function* objectsOf(
  { clock, store }: Pick<Deps, 'clock' | 'store'>,
  { accountId, customers, emails, phones, signal }: ErasureRequest,
): AsyncGenerator<FoundObject> {
  const customerIds = customers.map(({ id }) => id)
  const seenKeys = new Set<string>()
  for (const source of sourcesOf(customerIds, emails, phones)) {
    let after: readonly [number, number] | undefined
    do {
      const nowMs = clock.nowMs()
      const step = { accountId, source, customerIds, nowMs, after }
      const page = await store.personalData.list(step)
      after = page.nextAfter
      for (const object of page.found) {
        for (const one of await withSessions(store, object, { ...step, after: undefined })) {
          signal.throwIfAborted()
          const key = `${one.object.kind} ${one.object.id}`
          if (!seenKeys.has(key)) yield one
          seenKeys.add(key)
        }
      }
    } while (after !== undefined)
  }
}

function sourcesOf(
  customerIds: readonly CustomerId[],
  emails: readonly string[],
  phones: readonly string[],
): readonly PersonalSource[] {
  const contacts = [
    ...emails.map((value) => ({ by: 'email', value }) as const),
    ...phones.map((value) => ({ by: 'phone', value }) as const),
  ]
  return [
    ...contacts.map((contact) => ({ ...contact, kind: 'payment_link' }) as const),
    ...customerIds.flatMap((customerId) =>
      (['mandate', 'virtual_account', 'session'] as const).map(
        (kind) => ({ by: 'customer', kind, customerId }) as const,
      ),
    ),
    ...contacts.map((contact) => ({ ...contact, kind: 'session' }) as const),
    ...contacts.flatMap(({ value }) =>
      Array.from(
        { length: BUCKET_COUNT },
        (_, bucket) => ({ by: 'configurations', value, bucket }) as const,
      ),
    ),
  ]
}

/** Returns an object with the sessions of its payment link. */
async function withSessions(
  store: Deps['store'],
  object: FoundObject,
  step: Parameters<Store['personalData']['list']>[0],
): Promise<readonly FoundObject[]> {
  if (object.object.kind !== 'payment_link') return [object]
  const source = { by: 'payment_link', linkId: object.object.id } as const
  const sessions: FoundObject[] = []
  let after: readonly [number, number] | undefined
  do {
    const page = await store.personalData.list({ ...step, source, after })
    sessions.push(...page.found)
    after = page.nextAfter
  } while (after !== undefined)
  return [object, ...sessions]
}

async function cancelAll(
  deps: Deps,
  { onStep, signal }: ErasureRequest,
  obstacles: readonly Obstacle[],
): Promise<void> {
  for (const [index, { object }] of obstacles.entries()) {
    signal.throwIfAborted()
    if (object.kind !== 'saved_method') await cancelObject(deps, object)
    onStep({ part: 'cancel', objectCount: index + 1 })
  }
}

/**
 * Deletes the saved methods of the customers, and tells the processor to delete their tokens.
 * Returns the number of tokens that it has not yet deleted, or in a dry run the number of all
 * tokens.
 */
async function deleteMethods(deps: Deps, { customers, isDryRun }: ErasureRequest): Promise<number> {
  let tokenCount = 0
  for (const { id } of customers) {
    for (const method of await deps.store.paymentMethods.listWithDeleted(id)) {
      if (!isDryRun) {
        await deletePaymentMethod(deps, method.id)
        const { savedInstruments } = deps.processor ?? {}
        if (method.tokenSealed !== undefined && savedInstruments !== undefined) {
          await forgetToken(deps, savedInstruments, method)
        }
      }
      const after = await deps.store.paymentMethods.find(method.id)
      if (after?.tokenSealed !== undefined) tokenCount += 1
    }
  }
  return tokenCount
}

async function eraseObjects(deps: Deps, request: ErasureRequest): Promise<ErasureCounts> {
  const { isDryRun, onStep } = request
  let counts: ErasureCounts = {}
  let objectCount = 0
  const erase = async (object: PersonalObject) => {
    const eraseSealed = (sealedText: string) => eraseAnswer(deps, sealedText)
    const erasedCounts = await deps.store.personalData.erase(object, { isDryRun, eraseSealed })
    counts = mergeCounts(counts, erasedCounts)
    objectCount += 1
    onStep({ part: 'erase', objectCount })
  }
  for await (const { isOthers, object } of objectsOf(deps, request)) {
    if (!isOthers) await erase(object)
  }
  for (const { id } of request.customers) await erase({ kind: 'customer', id })
  return counts
}

/** Returns a sealed answer without personal data; the same text if it has none. */
function eraseAnswer({ keys, random }: Deps, sealedText: string): string {
  const answer = openSealedWithAny(sealedText, keys)
  const next = eraseJson(answer)
  return next === answer ? sealedText : seal(next, keys.sealing, random.bytes(SEAL_NONCE_BYTES))
}

/** Erases the customers' own rows, and marks them as deleted. Counts them on the first pass. */
async function eraseCustomers(
  { clock, store }: Deps,
  { customers, isDryRun }: ErasureRequest,
  isFirst: boolean,
): Promise<ErasureCounts> {
  let erasedCount = 0
  for (const { id } of customers) {
    await store.transaction(async (tx) => {
      const customer = await tx.customers.lock(id)
      if (customer === undefined) return
      const next = erasedCustomer(customer, clock.nowMs())
      if (next.name === customer.name && customer.deletedAtMs !== undefined) return
      erasedCount += 1
      if (!isDryRun) await tx.customers.update(next)
    })
  }
  return { customers: { foundCount: isFirst ? customers.length : 0, erasedCount } }
}

function mergeCounts(one: ErasureCounts, other: ErasureCounts): ErasureCounts {
  const mergedCounts: { -readonly [Kind in ErasedKind]?: NonNullable<ErasureCounts[Kind]> } = {
    ...one,
  }
  for (const [kind, { erasedCount, foundCount }] of Object.entries(other)) {
    const before = mergedCounts[kind as ErasedKind] ?? { foundCount: 0, erasedCount: 0 }
    mergedCounts[kind as ErasedKind] = {
      foundCount: before.foundCount + foundCount,
      erasedCount: before.erasedCount + erasedCount,
    }
  }
  return mergedCounts
}

/** Adds the counts of a pass. A later pass finds rows of the earlier ones again, so its found rows are not added. */
function withPass(counts: ErasureCounts, passCounts: ErasureCounts): ErasureCounts {
  const entries = Object.entries(mergeCounts(counts, passCounts)).map(([kind, { erasedCount }]) => {
    const foundCounts = [counts, passCounts].map((one) => one[kind as ErasedKind]?.foundCount ?? 0)
    return [kind, { erasedCount, foundCount: Math.max(...foundCounts, erasedCount) }]
  })
  return Object.fromEntries(entries)
}

function record(deps: Deps, request: ErasureRequest, counts: ErasureCounts): Promise<void> {
  const { accountId, customers } = request
  const erasedCounts = Object.fromEntries(
    Object.entries(counts).map(([kind, { erasedCount }]) => [kind, erasedCount]),
  )
  return deps.store.transaction((tx) =>
    writeAuditEntry(tx, deps, {
      action: 'customer.erase',
      objectId: customers.map(({ id }) => id).join(' ') || accountId,
      after: { account_id: accountId, erased_rows: erasedCounts },
    }),
  )
}
