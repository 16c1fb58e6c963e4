import type { Tenant } from '../../operations/tenant.ts'
import { ApiError } from '../errors.ts'

/** Throws ApiError if the processor of the installation has no mandates. */
export function requireMandates({ processor }: Pick<Tenant, 'processor'>): void {
  if (processor.mandates !== undefined) return
  throw new ApiError(
    'payment_method_type_not_supported',
    undefined,
    'The processor of this installation does not support mandates.',
  )
}
