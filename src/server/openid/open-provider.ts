import type { Clock } from '../../domain/clock.ts'
import type { IdentityProvider } from '../../operations/identity-provider.ts'
import type { OpenidSettings } from '../settings/openid-settings.ts'

/** Undefined: there is no provider, and no module of OpenID Connect is loaded. */
export async function openProvider(
  settings: OpenidSettings | undefined,
  clock: Clock,
): Promise<IdentityProvider | undefined> {
  if (settings === undefined) return undefined
  const { createOpenidProvider } = await import('./openid-provider.ts')
  return createOpenidProvider(settings, clock)
}
