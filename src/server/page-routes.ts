import type { FastifyInstance } from 'fastify'
import type { CheckoutRouteDeps } from '../checkout/routes.ts'
import type { PaymentAttemptId } from '../domain/id.ts'
import { type Store, StoreUnavailable } from '../operations/store.ts'
import { type Assets, AssetsMissing, registerAssets } from '../pages/assets.ts'
import { registerFavicon } from '../pages/favicon.ts'
import type { Processor } from '../processors/processor.ts'
import type { SandboxProcessor } from '../processors/sandbox.ts'
import { CannotStart } from './cannot-start.ts'
import type { Core } from './core.ts'
import type { Config } from './settings/read-settings.ts'

/** Registers the pages of customers and of the sandbox. Loads them here, so that commands on a database load none. */
export async function registerPages(
  app: FastifyInstance,
  config: Config,
  deps: Core & {
    readonly processor: Processor
    readonly sandbox: SandboxProcessor | undefined
    readonly limitsRates: boolean
    readonly publicUrl: string | undefined
    readonly isDraining: () => boolean
    readonly isControlled: boolean
  },
): Promise<void> {
  const { registerCheckoutRoutes } = await import('../checkout/routes.ts')
  const { createChargeLimit } = await import('../checkout/charge-limit.ts')
  const { sandbox } = deps
  const panel = sandbox && (await import('../sandbox/payer/test-panel.ts'))
  const assets = assetsOrSentence(app)
  const checkout: CheckoutRouteDeps = {
    ...deps,
    assets,
    basePath: app.basePath,
    chargeLimit: deps.limitsRates ? createChargeLimit() : undefined,
    patienceMs: config.processorTimeoutMs,
    attemptLifeMs: config.attemptLifeMs,
    panel: panel?.TEST_PANEL,
    act:
      sandbox &&
      panel &&
      ((opened, act) => panel.actOnPanel({ ...deps, processor: sandbox }, opened.session, act)),
    onLost: (attemptId, error) =>
      deps.logger.error({ err: error, attemptId }, 'a late answer could not be recorded'),
    onFault: (request, error) =>
      error instanceof StoreUnavailable
        ? deps.logger.warn({ requestId: request.id, reason: error.message }, 'request failed')
        : deps.logger.error({ err: error, requestId: request.id }, 'request failed'),
  }
  registerFavicon(app)
  await registerCheckoutRoutes(app, checkout)
  const { registerWidgetRoutes } = await import('../checkout/widget/routes.ts')
  await registerWidgetRoutes(app, { ...checkout, random: deps.random })
  if (sandbox !== undefined) {
    const { registerPayerPages } = await import('../sandbox/payer/payer-pages.ts')
    registerPayerPages(app, { assets, processor: sandbox, merchantOf: merchantOf(deps.store) })
  }
  // With a processor of its own too: the shop's address is printed at every sandbox's start.
  if (config.mode === 'sandbox') {
    const { registerDemoShop } = await import('../sandbox/demo/demo-shop.ts')
    registerDemoShop(app, { ...deps, assets, values: config.sandbox })
  }
  if (deps.isControlled)
    (await import('../sandbox/console/routes.ts')).registerConsolePage(app, assets)
}

function assetsOrSentence(app: FastifyInstance): Assets {
  try {
    return registerAssets(app)
  } catch (error) {
    throw error instanceof AssetsMissing ? new CannotStart(error.message) : error
  }
}

/** Finds who is paid by an attempt. */
function merchantOf(store: Store) {
  return async (id: PaymentAttemptId) => {
    const attempt = await store.paymentAttempts.find(id)
    const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
    return session && store.accounts.find(session.accountId)
  }
}
