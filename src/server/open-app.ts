import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type AroundRequests, createApp, createAppWithoutApi } from '../api/app.ts'
import type { ApiDeps } from '../api/deps.ts'
import type { Backlog } from '../api/overload.ts'
import { registerDocs } from '../docs/routes.ts'
import { basePathOf } from '../domain/base-path.ts'
import type { Keys } from '../domain/secret.ts'
import { registerOauthRoutes } from '../oauth/routes.ts'
import type { Assets } from '../pages/assets.ts'
import { registerFavicon } from '../pages/favicon.ts'
import { baseUrlOf } from '../pages/form.ts'
import { makeServer } from './http-server.ts'
import { webhookTargetsOf } from './open-tenant.ts'
import { openProvider } from './openid/open-provider.ts'
import { type Operations, registerOperationRoutes } from './operation-routes.ts'
import { registerBuiltAssets, registerPages } from './page-routes.ts'
import type { ServerCore } from './server-core.ts'
import { accessRulesOf } from './settings/access-settings.ts'
import type { ServerTenants } from './tenants.ts'

type AppParts = {
  /** True: each answer closes its connection. */
  readonly closesConnections: boolean
  readonly operations: Operations
  /** Undefined: every call is answered, even under overload. */
  readonly backlog: Backlog | undefined
  readonly isDraining: () => boolean
}

/** Makes the HTTP application with the routes of all folders, without listening. Throws CannotStart. */
export async function openApp(
  core: ServerCore,
  tenants: ServerTenants,
  parts: AppParts,
): Promise<FastifyInstance> {
  const { logger, settings } = core
  const { main, readyValuesOf, sandbox } = tenants
  const { isDraining, operations } = parts
  const api = apiDepsOf(core, tenants, parts)
  const { attemptLifeMs, limitsRates, mode } = settings
  return createApp(
    api,
    async (app, describe) => {
      const assets = registerBuiltAssets(app)
      await registerOauthRoutes(app, { assets, limitsRates, publicUrl: settings.publicUrl })
      const playsPayer = main.sandboxProcessor !== undefined
      await registerPages(app, settings, { assets, logger, playsPayer, isDraining })
      if (mode === 'live' && settings.consoleOn === 'public') {
        await registerLiveConsole(app, { api, assets, core, tenants })
      }
      registerDocs(app, {
        assets,
        hasSandbox: mode === 'sandbox',
        hasControl: sandbox !== undefined,
        describe,
        describeControl: async () => {
          const { describeControl } = await import('../sandbox/control/describe-control.ts')
          return describeControl(app.basePath)
        },
        publicUrlOf: api.publicUrlOf,
        readyValuesOf: ({ tenant }) => readyValuesOf(tenant),
      })
      if (sandbox !== undefined) {
        const { registerControlRoutes } = await import('../sandbox/control/control-routes.ts')
        await registerControlRoutes(app, sandbox, { access: api.access, attemptLifeMs, mode })
      }
      if (settings.operationsPort === undefined) registerOperationRoutes(app, operations)
    },
    sandbox && (await aroundSandbox(main.keys, logger)),
  )
}

/**
 * Makes the HTTP application of an operations port that also serves the console, without listening. Throws CannotStart.
 */
export async function openConsoleApp(
  core: ServerCore,
  tenants: ServerTenants,
  parts: Omit<AppParts, 'backlog'>,
): Promise<FastifyInstance> {
  const basePath = basePathOf(core.settings.consoleUrl)
  // Payments under overload must not close the console, which shows the reason.
  const api = { ...apiDepsOf(core, tenants, { ...parts, backlog: undefined }), basePath }
  return createAppWithoutApi(api, async (app) => {
    const assets = registerBuiltAssets(app)
    registerFavicon(app)
    await registerLiveConsole(app, { api, assets, core, tenants })
    registerOperationRoutes(app, parts.operations)
  })
}

async function registerLiveConsole(
  app: FastifyInstance,
  {
    api,
    assets,
    core: { logger, settings },
    tenants: { main },
  }: {
    readonly api: ApiDeps
    readonly assets: Assets
    readonly core: ServerCore
    readonly tenants: ServerTenants
  },
): Promise<void> {
  const { registerConsole } = await import('../console/routes.ts')
  await registerConsole(app, {
    api,
    assets,
    logger,
    limitsRates: settings.limitsRates,
    consoleUrl: settings.consoleUrl,
    provider: await openProvider(settings.openid, main.clock),
  })
}

function apiDepsOf(
  { logger, metrics, settings, tracing }: ServerCore,
  { main, tenantOf }: ServerTenants,
  { backlog, closesConnections, isDraining }: Omit<AppParts, 'operations'>,
): ApiDeps {
  const { accessLog, attemptLifeMs, limitsRates, mode, publicUrl, trustsProxy } = settings
  return {
    mode,
    tenantOf,
    random: main.random,
    logger,
    metrics,
    accessLog,
    limitsRates,
    trustsProxy,
    basePath: basePathOf(publicUrl),
    publicUrlOf: (request) => publicUrl ?? baseUrlOf(request),
    access: accessRulesOf(settings),
    attemptLifeMs,
    patienceMs: settings.processorTimeoutMs,
    webhookTargets: webhookTargetsOf(settings),
    ...(tracing !== undefined && { nameRequest: tracing.nameRequest }),
    makeServer: (onRequest) =>
      makeServer({ onRequest: tracing?.aroundRequests(onRequest) ?? onRequest }),
    backlog,
    closesConnections: () => closesConnections || isDraining(),
  }
}

async function aroundSandbox(keys: Keys, logger: Logger): Promise<AroundRequests> {
  const { holdRequests } = await import('../sandbox/tenants/hold-requests.ts')
  const { watchRequests } = await import('../sandbox/log/watch-requests.ts')
  const { createWatchCall } = await import('../sandbox/log/watch-call.ts')
  return {
    addHooks: (app) => {
      holdRequests(app)
      watchRequests(app, keys, logger)
    },
    watchCall: createWatchCall(keys, logger),
  }
}
