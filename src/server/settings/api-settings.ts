import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'
import { accountId, type Setting, serverUrl, token } from './setting.ts'

/** Where commands find a server, and as whom they call it. */
export const API_SETTINGS = {
  url: {
    name: 'api-url',
    flag: 'url',
    placeholder: '<url>',
    read: serverUrl,
    defaultText: '`http://127.0.0.1:4242`',
    description: 'The server to call.',
  } satisfies Setting<string>,
  token: {
    name: 'api-token',
    flag: 'token',
    placeholder: '<text>',
    read: token,
    defaultText: 'the sandbox’s, where the URL is this machine',
    description:
      'The access token. Rather use the variable: others on the machine can read a command line.',
  } satisfies Setting<string>,
  account: {
    name: 'api-account',
    flag: 'account',
    placeholder: '<id>',
    read: accountId,
    defaultText: `the sandbox’s \`${SANDBOX_VALUES.accountId}\`, where the URL is this machine`,
    description: 'The account whose payments and events are meant.',
  } satisfies Setting<string>,
} as const

/** What `webhook listen` signs with. A flag can be read by others on the machine. */
export const WEBHOOK_KEY_SETTING = {
  name: 'webhook-key',
  flag: 'signing-key',
  placeholder: '<text>',
  read: token,
  defaultText: 'a sandbox’s well-known key',
  description: 'What forwarded events are signed with. Rather use the variable.',
} as const satisfies Setting<string>
