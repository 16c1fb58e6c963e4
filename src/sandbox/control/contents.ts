import type { Static } from 'typebox'
import type { WebhookCreateBody } from '../../api/webhooks/schemas.ts'
import type { Fault, TriggeredSession } from '../../client/control-types.ts'
import type { ReadyAccount } from './contents-schema.ts'

/** The contents of a sandbox at its start. */
export type SandboxContents = {
  /** Accounts besides the preset ones. The preset token and the preset client may act for them. */
  readonly accounts?: readonly ReadyAccount[]
  /** Webhook endpoints. If a URL is already registered, its endpoint does not change. */
  readonly endpoints?: readonly (Static<typeof WebhookCreateBody> & {
    /** Default: the preset account of the IN edition. */
    readonly account_id?: string
    /** Default: a new key. */
    readonly signing_key?: string
  })[]
  /** Faults. They are new at each start. */
  readonly faults?: readonly Fault[]
  /** Sessions with attempts to pay them. Only a sandbox without sessions gets them. */
  readonly sessions?: readonly TriggeredSession[]
}
