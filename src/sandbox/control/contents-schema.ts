/**
 * The fields of a sandbox's contents in a settings file. One table is the check of known fields, the types of files in
 * TypeScript, and the tables on the page of settings.
 */
import type { Static, TProperties } from 'typebox'
import { Type } from '../../api/type.ts'
import { WebhookCreateBody } from '../../api/webhooks/schemas.ts'
import { FaultBody } from '../faults/schemas.ts'
import { TriggerSessionBody } from './schemas.ts'

/** An account beside the preset ones. */
export const AccountFields = Type.Object({
  account_id: Type.String({ description: 'The id.', 'x-expected': 'a text of 1 to 16 digits' }),
  name: Type.String({ description: 'The merchant’s name on the checkout page.' }),
  edition: Type.Enum(['IN', 'US'], {
    description: 'The country’s edition of the service, which decides currencies and methods.',
  }),
  brand_color: Type.Optional(
    Type.String({
      description: 'The colour of the button.',
      'x-expected': 'a color such as #1a56db',
    }),
  ),
  logo: Type.Optional(
    Type.String({
      description: 'The path of a PNG, JPEG or WebP file, from the folder of the settings file.',
    }),
  ),
  terms_url: Type.Optional(Type.String({ description: 'The page with the terms.' })),
  privacy_url: Type.Optional(Type.String({ description: 'The page about privacy.' })),
  powered_by: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether the page says "Powered by Paydesk".',
    }),
  ),
})
/** An account beside the preset ones, as a settings file names it. */
export type ReadyAccount = Static<typeof AccountFields>

/** A webhook endpoint. */
export const EndpointFields = Type.Object({
  account_id: Type.Optional(
    Type.String({ description: 'Its account. Default: the preset account of the IN edition.' }),
  ),
  signing_key: Type.Optional(
    Type.String({
      description: 'Signs its webhooks. Default: a new key.',
      'x-expected': 'a text of at least 8 characters',
    }),
  ),
  ...WebhookCreateBody.properties,
})

/** The parts of a sandbox's contents: their purpose, and the fields of each of their objects. */
export const CONTENTS: Readonly<
  Record<
    'accounts' | 'endpoints' | 'faults' | 'sessions',
    { readonly purpose: string; readonly fields: { readonly properties: TProperties } }
  >
> = {
  accounts: {
    purpose:
      'Accounts besides the preset ones. The preset token and the preset client may act for them.',
    fields: AccountFields,
  },
  endpoints: {
    purpose: 'Webhook endpoints. If a URL is already registered, its endpoint does not change.',
    fields: EndpointFields,
  },
  faults: {
    purpose:
      'Faults. They are new at each start. The guide to [the sandbox](../guides/sandbox.md#faults) explains them.',
    fields: FaultBody,
  },
  sessions: {
    purpose:
      'Sessions, with attempts to pay them. Only a sandbox without sessions gets them. `session` has the fields of the call `createPaymentSession`, which `/docs` lists.',
    fields: TriggerSessionBody,
  },
}
