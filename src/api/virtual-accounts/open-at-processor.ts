import { BUCKET_COUNT, type CustomerId } from '../../domain/id.ts'
import type { OpenedNumber } from '../../operations/create-virtual-account.ts'
import { ApiError } from '../errors.ts'
import { findReplay, type IdempotentRequest, type Replay } from '../idempotency.ts'
import type { JsonValue } from '../read-json.ts'
import type { ApiContext } from '../route.ts'
import { parseVirtualAccountCreate } from './parse.ts'

type VirtualAccounts = NonNullable<ApiContext['tenant']['processor']['virtualAccounts']>

/** Returns the processor's virtual accounts. Throws ApiError if it has none. */
export function virtualAccountsOf({ tenant }: Pick<ApiContext, 'tenant'>): VirtualAccounts {
  const { virtualAccounts } = tenant.processor
  if (virtualAccounts !== undefined) return virtualAccounts
  throw new ApiError(
    'payment_method_type_not_supported',
    undefined,
    'The processor of this installation does not support virtual accounts.',
  )
}

/**
 * Opens an account number at the processor, before anything is stored: a processor is never called within a transaction.
 * The request is checked first, and a key that has an answer gets it. If the process dies before
 * the number is stored, the number exists without an account, and no payer gets it.
 */
export async function openAtProcessor(
  call: Pick<ApiContext, 'account' | 'tenant'> & {
    readonly body: JsonValue
    readonly idempotent: IdempotentRequest | undefined
  },
  customerId: CustomerId | undefined,
): Promise<OpenedNumber | Replay> {
  const { account, body, idempotent, tenant } = call
  const virtualAccounts = virtualAccountsOf(call)
  const replay = idempotent && (await findReplay(tenant, idempotent))
  if (replay !== undefined) return replay
  if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
  const customer = customerId && (await tenant.store.customers.find(customerId))
  const isOurs = customer?.accountId === account.id && customer.deletedAtMs === undefined
  const context = {
    nowMs: tenant.clock.nowMs(),
    customerId: isOurs ? customer.id : undefined,
  }
  const { description } = parseVirtualAccountCreate(body, context)
  const id = tenant.ids.virtualAccount(tenant.random.below(BUCKET_COUNT))
  const beneficiaryName = account.name
  const outcome = await virtualAccounts.open({ virtualAccountId: id, beneficiaryName, description })
  if (outcome.kind === 'refused') {
    throw new ApiError(
      'payment_method_type_not_supported',
      undefined,
      'The bank refused to open a virtual account for this merchant.',
    )
  }
  // A number that the bank opened in spite of the failure stays unused, because no payer gets it.
  if (outcome.kind === 'unknown') throw new ApiError('processor_unavailable')
  const { accountNumber, ifscCode } = outcome
  return {
    id,
    accountNumber,
    ifscCode,
    beneficiaryName: outcome.beneficiaryName ?? beneficiaryName,
  }
}

/**
 * Stores a request's account by `store`, and closes its number at the processor if another request with the same key was
 * faster, or if `store` fails. `number`: undefined if the sandbox's own bank opens the account.
 */
export async function storeOrClose<Once extends object>(
  call: Pick<ApiContext, 'tenant'>,
  number: OpenedNumber | undefined,
  store: () => Promise<Once>,
): Promise<Once> {
  if (number === undefined) return store()
  let isUsed = false
  try {
    const once = await store()
    isUsed = !('replay' in once)
    return once
  } finally {
    // A failure of this call does no harm, because no payer has the number.
    if (!isUsed) await virtualAccountsOf(call).close(number.id)
  }
}
