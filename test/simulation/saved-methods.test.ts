/**
 * Saves, charges, deletions, lost answers, the clock and workers in any order, on the real operations and the real store
 * in memory. At the end a model checks every payment, the tokens and the ledger.
 *
 * A failure prints the seed and the path: pass them to `fc.assert` to repeat the same run.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PaymentAttemptId, PaymentMethodId } from '../../src/domain/id.ts'
import { deriveKeys } from '../../src/domain/secret.ts'
import { callPaymentMethodNext } from '../../src/operations/call-payment-methods.ts'
import { deletePaymentMethod } from '../../src/operations/change-payment-method.ts'
import { finishDirectCharge, startDirectCharge } from '../../src/operations/charge-saved-method.ts'
import { createCustomer } from '../../src/operations/create-customer.ts'
import { reconcileNext } from '../../src/operations/reconcile-attempts.ts'
import { saveFor } from '../../src/operations/save-payment-method.ts'
import { guardProcessor } from '../../src/processors/guarded-processor.ts'
import type { Processor } from '../../src/processors/processor.ts'
import { createSandboxProcessor } from '../../src/processors/sandbox.ts'
import { createRandom } from '../../src/server/random.ts'
import { openSimulatedStore, runCountOf } from '../support/simulated-store.ts'
import { ACCOUNT, account } from '../support/stored-rows.ts'

const RUN_COUNT = runCountOf(60)
const NAMES = ['Ben Ode', 'Insufficient Funds Later', 'Insufficient Funds'] as const

/** The reaction of the network to one call: the answer arrives, or is lost after the call. */
type Network = { isLost: boolean }

/** Loses the answers of saves and charges while the network is down. The calls themselves arrive. */
function lossy(inner: Processor, network: Network): Processor {
  const { savedInstruments } = inner
  const orLost = async <Answer>(answer: Promise<Answer>) => {
    const result = await answer
    return network.isLost ? ({ kind: 'unknown', reason: 'lost' } as const) : result
  }
  if (savedInstruments === undefined) throw new Error('the processor cannot save')
  return {
    ...inner,
    charge: (request) => orLost(inner.charge(request)),
    savedInstruments: {
      ...savedInstruments,
      save: (request) => orLost(savedInstruments.save(request)),
    },
  }
}

async function createWorld() {
  const { clock, ids, store } = await openSimulatedStore()
  const network: Network = { isLost: false }
  const sandbox = createSandboxProcessor({ clock, store })
  const processor = guardProcessor(lossy(sandbox, network), { clock, report: () => {} })
  const deps = {
    store,
    clock,
    ids,
    processor,
    mode: 'sandbox' as const,
    keys: deriveKeys(new Uint8Array(32).fill(7)),
    random: createRandom(),
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
  }
  const customer = await store.transaction(async (tx) => {
    await tx.accounts.insert(account(ACCOUNT, { edition: 'US' }), clock.nowMs())
    return createCustomer(tx, deps, ACCOUNT, { name: 'Ben Ode', email: 'ben@shop.example' })
  })
  const methods: PaymentMethodId[] = []
  const payments: { readonly id: PaymentAttemptId; readonly methodId: PaymentMethodId }[] = []

  async function save(holderName: string): Promise<void> {
    const methodSave = await saveFor(
      deps,
      { accountId: ACCOUNT, customerId: customer.id },
      {
        instrument: {
          type: 'card',
          number: '4111111111111111',
          brand: 'visa',
          expiryMonth: 12,
          expiryYear: 2040,
          cvv: '123',
          holderName,
        },
        billingAddress: { country: 'US' },
        source: 'hosted_page',
        returnUrl: 'https://shop.example/back',
        number: 1,
      },
    )
    if ('refused' in methodSave) throw new Error(methodSave.refused)
    methods.push(methodSave.method.id)
    await sandbox.decideSave(methodSave.method.id, 'consent')
  }

  /** Charges a method as the API does. A method that is not active is refused. */
  async function charge(methodId: PaymentMethodId, crashes: boolean): Promise<void> {
    const request = {
      amount: { amountMinor: 4_900n, currency: 'USD' as const },
      isOnSession: false,
    }
    const directCharge = await store.transaction(async (tx) => {
      await tx.customers.lock(customer.id)
      const method = await tx.paymentMethods.lock(methodId)
      if (method?.status !== 'active') return undefined
      return { method, charge: await startDirectCharge(tx, deps, { customer, method }, request) }
    })
    if (directCharge === undefined) return
    payments.push({ id: directCharge.charge.attempt.id, methodId })
    // The process ends between the two transactions: the processor is not called.
    if (crashes) return
    const returnUrl = 'https://shop.example'
    await finishDirectCharge(deps, directCharge.charge, directCharge.method, { request, returnUrl })
  }

  async function work(): Promise<void> {
    while ((await callPaymentMethodNext(deps)) !== undefined);
    while ((await reconcileNext(deps)) !== undefined);
  }
  return { charge, clock, deps, methods, network, payments, save, store, work }
}
type World = Awaited<ReturnType<typeof createWorld>>

const pick = (world: World, index: number) =>
  world.methods[index % Math.max(1, world.methods.length)]

const STEPS = fc.oneof(
  fc.record({ kind: fc.constant('save' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('charge' as const), index: fc.nat(5), crashes: fc.boolean() }),
  fc.record({ kind: fc.constant('delete' as const), index: fc.nat(5) }),
  fc.record({ kind: fc.constant('network' as const), isLost: fc.boolean() }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1_000, 61_000, 700_000) }),
  fc.record({ kind: fc.constant('work' as const) }),
)

type Step = typeof STEPS extends fc.Arbitrary<infer One> ? One : never

async function play(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'save':
      return world.save(step.name)
    case 'charge': {
      const id = pick(world, step.index)
      if (id !== undefined) await world.charge(id, step.crashes)
      return undefined
    }
    case 'delete': {
      const id = pick(world, step.index)
      if (id !== undefined) await deletePaymentMethod(world.deps, id)
      return undefined
    }
    case 'network':
      world.network.isLost = step.isLost
      return undefined
    case 'advance':
      world.clock.advance(step.ms)
      return undefined
    case 'work':
      return world.work()
  }
}

/** Lets all work end: the network answers, and the clock passes every wait. */
async function settle(world: World): Promise<void> {
  world.network.isLost = false
  for (let round = 0; round < 20; round += 1) {
    world.clock.advance(120_000)
    await world.work()
  }
}

async function audit({ methods, payments, store }: World): Promise<void> {
  for (const id of methods) {
    const method = await store.paymentMethods.find(id)
    const save = await store.sandboxSaves.find(id)
    expect(method?.callAtMs).toBeUndefined()
    expect(['active', 'refused', 'deleted']).toContain(method?.status)
    // A token exists exactly while the method can be charged.
    expect(method?.tokenSealed !== undefined).toBe(method?.status === 'active')
    if (method?.status === 'deleted') expect(save?.forgottenAtMs).toBeDefined()
    if (method?.status === 'active') expect(save?.decision?.outcome).toBe('approved')
  }
  let succeededCount = 0
  for (const { id, methodId } of payments) {
    const attempt = await store.paymentAttempts.find(id)
    const sandboxCharge = await store.sandboxCharges.find(id)
    expect(attempt?.savedMethodId).toBe(methodId)
    // The processor's books and ours agree about every payment, and each is decided.
    expect(attempt?.status).toBe(
      sandboxCharge?.decision?.outcome === 'approved' ? 'succeeded' : 'failed',
    )
    if (attempt?.status === 'succeeded') succeededCount += 1
  }
  const { balances, discrepancies } = await store.ledger.check()
  expect(discrepancies).toEqual([])
  const processor = balances.find(({ ledgerAccount }) => ledgerAccount === 'processor')
  const heldMinor = (processor?.debitMinor ?? 0n) - (processor?.creditMinor ?? 0n)
  expect(heldMinor).toBe(BigInt(succeededCount) * 4_900n)
}

test('no order of saves, charges, deletions, crashes and lost answers loses a token or charges twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEPS, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = await createWorld()
      try {
        for (const step of steps) await play(world, step)
        await settle(world)
        await audit(world)
      } finally {
        await world.store.close()
      }
    }),
    { numRuns: RUN_COUNT },
  )
})
