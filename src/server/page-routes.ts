import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { CheckoutRouteDeps } from '../checkout/routes.ts'
import { StoreUnavailable } from '../operations/store.ts'
import { type Assets, AssetsMissing, registerAssets } from '../pages/assets.ts'
import { registerFavicon } from '../pages/favicon.ts'
import { CannotStart } from './cannot-start.ts'
import type { Settings } from './settings/read-settings.ts'
import { isControlled } from './tenants.ts'

/** Registers the pages of customers and of the sandbox. Loads them here, so that commands on a database load none. */
export async function registerPages(
  app: FastifyInstance,
  settings: Settings,
  {
    assets,
    isDraining,
    logger,
    playsPayer,
  }: {
    readonly assets: Assets
    readonly logger: Logger
    /** True: the sandbox's own processor is used, and its banks and wallets have pages. */
    readonly playsPayer: boolean
    readonly isDraining: () => boolean
  },
): Promise<void> {
  const { registerCheckoutRoutes } = await import('../checkout/routes.ts')
  const { createChargeLimit } = await import('../checkout/charge-limit.ts')
  const panel = playsPayer ? await import('../sandbox/payer/test-panel.ts') : undefined
  const { attemptLifeMs, limitsRates, publicUrl } = settings
  const checkout: CheckoutRouteDeps = {
    limitsRates,
    publicUrl,
    isDraining,
    assets,
    basePath: app.basePath,
    chargeLimit: limitsRates ? createChargeLimit() : undefined,
    patienceMs: settings.processorTimeoutMs,
    attemptLifeMs,
    panel: panel?.TEST_PANEL,
    savable: panel?.SAVABLE_INSTRUMENTS,
    act:
      panel &&
      ((tenant, openedCheckout, act) => panel.actOnPanel(tenant, openedCheckout.session, act)),
    onLost: (attemptId, error) =>
      logger.error(
        { err: error, attemptId },
        'a late answer of the processor could not be recorded',
      ),
    onLostSave: (paymentMethodId, error) =>
      logger.error(
        { err: error, paymentMethodId },
        'a late answer of the processor could not be recorded',
      ),
    onFault: (request, error) =>
      error instanceof StoreUnavailable
        ? logger.warn({ requestId: request.id, reason: error.message }, 'request failed')
        : logger.error({ err: error, requestId: request.id }, 'request failed'),
  }
  registerFavicon(app)
  await registerCheckoutRoutes(app, checkout)
  const { registerSavePage } = await import('../checkout/save-method/routes.ts')
  await registerSavePage(app, checkout)
  const { registerPaymentLinkRoutes } = await import('../checkout/payment-link/routes.ts')
  await registerPaymentLinkRoutes(app, checkout)
  const { registerWidgetRoutes } = await import('../checkout/widget/routes.ts')
  await registerWidgetRoutes(app, checkout)
  if (playsPayer) {
    const { registerPayerPages } = await import('../sandbox/payer/payer-pages.ts')
    await registerPayerPages(app, { assets, onFault: checkout.onFault })
  }
  if (settings.mode === 'live') {
    const { registerLivePage } = await import('../pages/live-page.ts')
    registerLivePage(app, assets)
  } else {
    const { registerStartPage } = await import('../sandbox/start/routes.ts')
    registerStartPage(app, {
      assets,
      publicUrl,
      values: settings.sandbox,
      isControlled: isControlled(settings),
    })
    // A sandbox with a processor module has the shop too, because its start prints the shop's address.
    const { registerDemoShop } = await import('../sandbox/demo/demo-shop.ts')
    await registerDemoShop(app, {
      assets,
      onFault: checkout.onFault,
      publicUrl,
      values: settings.sandbox,
      isControlled: isControlled(settings),
    })
  }
  if (isControlled(settings)) {
    const { registerConsolePage } = await import('../sandbox/console/routes.ts')
    registerConsolePage(app, assets)
    if (playsPayer) {
      const { registerTerminalPages } = await import('../sandbox/terminal/routes.ts')
      await registerTerminalPages(app, { assets, attemptLifeMs, onFault: checkout.onFault })
    }
  }
}

/** Throws CannotStart if the files for browsers have not been built. */
export function registerBuiltAssets(app: FastifyInstance): Assets {
  try {
    return registerAssets(app)
  } catch (error) {
    throw error instanceof AssetsMissing ? new CannotStart(error.message) : error
  }
}
