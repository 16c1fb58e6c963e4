import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import { accountId, always, type Setting, serverUrl, token, webhookKey } from './setting.ts'

/** The server that a command calls, and its credentials. */
export const API_SETTINGS = {
  url: {
    name: 'api-url',
    flag: 'url',
    placeholder: '<url>',
    read: serverUrl,
    defaults: always('http://127.0.0.1:4242'),
    description: 'The server to call.',
  } satisfies Setting<string>,
  token: {
    name: 'api-token',
    flag: 'token',
    placeholder: '<text>',
    read: token,
    defaultName: 'the sandbox’s, if the URL is on this machine',
    description:
      'The access token. Prefer the variable: other users of the machine can read command lines.',
  } satisfies Setting<string>,
  account: {
    name: 'api-account',
    flag: 'account',
    placeholder: '<id>',
    read: accountId,
    defaultName: `the sandbox’s \`${SANDBOX_VALUES.accountId}\`, if the URL is on this machine`,
    description: 'The account to use.',
  } satisfies Setting<string>,
} as const

/** The key with which `webhook listen` signs. Other users of the machine can read a flag. */
export const WEBHOOK_KEY_SETTING = {
  name: 'webhook-key',
  flag: 'signing-key',
  placeholder: '<text>',
  read: webhookKey,
  defaultName: 'the sandbox’s well-known key, if --url is on this machine, otherwise a random key',
  description: 'The key that signs forwarded events. Prefer the variable.',
} as const satisfies Setting<string>
