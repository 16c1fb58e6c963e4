import type { Clock } from '../domain/clock.ts'
import { MESSAGE_CHANNELS } from '../domain/message.ts'
import { withSpans } from '../operations/spans.ts'
import type { Store } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import { createSandboxProcessor } from '../processors/sandbox.ts'
import { prepareSandbox } from '../sandbox/tenants/prepare.ts'
import type { WebhookTargets } from '../webhooks/address-guard.ts'
import { createWebhookPoster, type WebhookPoster } from '../webhooks/post-webhook.ts'
import { createWebhookSender } from '../webhooks/send-webhook.ts'
import { startBackgroundWork } from './background-work.ts'
import { clockOf, keepDatabasePrivate, openStore } from './core.ts'
import { createIds } from './ids.ts'
import { guardedMessenger } from './load-messenger.ts'
import { guardFor } from './load-processor.ts'
import { createRandom } from './random.ts'
import type { ServerCore } from './server-core.ts'
import type { Settings } from './settings/read-settings.ts'

/** A tenant with its background work and its database. */
export type OpenTenant<OpenedTenant extends Tenant = Tenant> = {
  readonly tenant: OpenedTenant
  /** Ends the background work. Call it before `close`. */
  readonly stopWork: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the tenant of a server that has only one: in live mode, and in a sandbox of several processes. */
export async function openOnlyTenant(core: ServerCore): Promise<OpenTenant> {
  const { clock: machine, engine, keys, logger, metrics, random = createRandom(), settings } = core
  const { steadyClock } = core
  const inSpan = core.tracing?.inSpan
  const needs = { clock: machine, random, steadyClock, inSpan }
  const store = await openStore(engine, needs, settings, keys)
  const clock = await clockOf(settings, store, machine)
  // Checked after the open, so that a failed start prints one sentence without warnings before it.
  keepDatabasePrivate(settings, logger)
  const poster = posterFor(core, clock)
  const tenant: Tenant = {
    name: 'main',
    mode: settings.mode,
    keys,
    clock,
    signingClock: clock,
    ids: createIds(clock, random, store.publicIds),
    random,
    store,
    ...processorsFor(core, { clock, store }),
    sendWebhook: createWebhookSender(poster.post),
    moneyCounter: metrics,
    messageChannels:
      settings.mode === 'sandbox' ? MESSAGE_CHANNELS : (core.messenger?.channels ?? []),
  }
  // Only a server prepares the sandbox: a command on a database changes nothing in it.
  if (settings.mode === 'sandbox') await prepareSandbox(tenant, settings.sandbox)
  const { webhookRetryWaitsMs: retryWaitsMs } = settings
  const messenger = core.messenger && guardedMessenger(core.messenger, logger)
  const work = startBackgroundWork(tenant, { logger, metrics, poster, messenger, retryWaitsMs })
  return { tenant, stopWork: work.stop, close: store.close }
}

/** Makes the guarded processor of a tenant: the module of the settings, or the sandbox's own. */
export function processorsFor(
  {
    logger,
    module,
    settings,
    tracing,
  }: Pick<ServerCore, 'logger' | 'module' | 'settings'> & Partial<Pick<ServerCore, 'tracing'>>,
  tenant: { readonly clock: Clock; readonly store: Pick<Store, 'sandboxCharges' | 'sandboxSaves'> },
): Pick<Tenant, 'chargeLimits' | 'inSpan' | 'processor' | 'sandboxProcessor'> {
  const { inSpan } = tracing ?? {}
  const guardProcessor = guardFor(logger)
  const guard: typeof guardProcessor = (unguardedModule, clock) => {
    const processor = guardProcessor(unguardedModule, clock)
    return inSpan === undefined ? processor : withSpans(processor, 'processor', inSpan)
  }
  const traces = inSpan !== undefined && { inSpan }
  const chargeLimits: Tenant['chargeLimits'] = {
    attemptLifeMs: settings.attemptLifeMs,
    patienceMs: settings.processorTimeoutMs,
    onLost: (attemptId, error) =>
      logger.error(
        { err: error, attemptId },
        'a late answer of the processor could not be recorded',
      ),
  }
  if (module !== undefined) {
    const processor = guard(module, tenant.clock)
    return { processor, sandboxProcessor: undefined, chargeLimits, ...traces }
  }
  const own = createSandboxProcessor(tenant)
  return {
    ...traces,
    chargeLimits,
    processor: guard(own, tenant.clock),
    sandboxProcessor: settings.mode === 'sandbox' ? own : undefined,
  }
}

/** Makes the sender of webhooks of a tenant. */
export function posterFor(
  { settings, tracing }: Pick<ServerCore, 'settings' | 'tracing'>,
  clock: Clock,
): WebhookPoster {
  const poster = createWebhookPoster({ targets: webhookTargetsOf(settings), clock })
  if (tracing === undefined) return poster
  const span = { kind: 'webhook', name: 'webhook post' } as const
  return { ...poster, post: (webhook) => tracing.inSpan(span, () => poster.post(webhook)) }
}

/** Returns the addresses to which webhooks may go. */
export function webhookTargetsOf({
  mode,
  webhookNetworks: networks,
}: Pick<Settings, 'mode' | 'webhookNetworks'>): WebhookTargets {
  return { allowsLoopback: mode === 'sandbox', networks }
}
