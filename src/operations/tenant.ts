import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { MessageChannel } from '../domain/message.ts'
import type { Random } from '../domain/random.ts'
import type { Mode } from '../domain/scope.ts'
import type { Keys } from '../domain/secret.ts'
import type { Processor } from '../processors/processor.ts'
import type { SandboxProcessor } from '../processors/sandbox.ts'
import type { SendWebhook } from '../webhooks/send-webhook.ts'
import type { MoneyCounter } from './money-counter.ts'
import type { ChargeLimits } from './pay-payment-session.ts'
import type { InSpan } from './spans.ts'
import type { Store } from './store.ts'

/**
 * One isolated environment: everything that a request or the background work uses. A live server has one. A sandbox has
 * `main`, and others, such as one for each test.
 *
 * A sandbox replaces `store` and `ids` when it restores a snapshot. Code that lives longer than a request must keep
 * the tenant and read both from it at each use.
 */
export type Tenant = {
  /** `main`, or the name of a sandbox's other tenant. */
  readonly name: string
  readonly mode: Mode
  readonly keys: Keys
  readonly clock: Clock
  /** The clock of webhook signatures: `clock`, or the machine's in a sandbox with `--webhook-time real`. */
  readonly signingClock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly store: Store
  /** Guarded: it answers in time with a valid outcome, even if the module behind it fails. */
  readonly processor: Processor
  /** The same processor, if it is the sandbox's own. Undefined in live mode and for a module. */
  readonly sandboxProcessor: SandboxProcessor | undefined
  /** The limits of charges. */
  readonly chargeLimits: ChargeLimits
  /** Counts payments and refunds. Undefined: nothing is counted. */
  readonly moneyCounter?: MoneyCounter
  /** Undefined: there are no traces. */
  readonly inSpan?: InSpan
  /** The channels by which messages reach customers: all in a sandbox, in live mode those of the messenger. */
  readonly messageChannels: readonly MessageChannel[]
  /** Signs and sends one webhook. The background work has its own function, to which a sandbox adds faults. */
  readonly sendWebhook: SendWebhook
  /**
   * Returns true if a program such as `webhook listen` reads the events as they happen. Undefined:
   * unknown, because the server is live or has several workers.
   */
  readonly isListenedTo?: () => boolean
}
