import { isLoopbackHost } from '../../domain/loopback.ts'
import type { Mode } from '../../domain/scope.ts'
import { always, oneOf, publicUrl, type Setting, type SettingReading } from './setting.ts'

/**
 * Browsers keep the console's cookies only over TLS or on this machine, so under another URL every sign-in would fail.
 */
const consoleUrl = (value: string): SettingReading<string> => {
  const reading = publicUrl(value)
  if ('mustBe' in reading) return reading
  const { hostname, protocol } = new URL(reading.value)
  return protocol === 'https:' || isLoopbackHost(hostname)
    ? reading
    : {
        mustBe:
          'an https:// URL, because browsers keep the cookies of the console only over TLS (http:// only for this machine)',
      }
}

/** The settings of the live console's address. */
export const CONSOLE_SETTINGS = {
  consoleOn: {
    name: 'console-on',
    placeholder: '<port>',
    read: oneOf('public', 'operations'),
    defaults: always('public'),
    description:
      'Live mode only. `operations` serves the console on --operations-port alone: `/console` of the public port then answers 404. `operations` needs --public-url, because payment links of the console lead there.',
  } satisfies Setting<'public' | 'operations'>,
  consoleUrl: {
    name: 'console-url',
    placeholder: '<url>',
    read: consoleUrl,
    defaultName: 'the address that the browser uses',
    description:
      'Only with --console-on operations. The URL of a proxy in front of the operations port, without the path of the console: https://console.example.com if the console is at https://console.example.com/console. Passkeys, invitations and the redirect URI of --oidc-issuer use the URL of the proxy.',
  } satisfies Setting<string>,
} as const

type ConsoleValues = {
  readonly consoleOn?: 'public' | 'operations'
  readonly consoleUrl?: string
  readonly publicUrl?: string
}

/** The place of the live console. */
export type ConsoleSettings = {
  /** The port that serves the console. */
  readonly consoleOn: 'public' | 'operations'
  /** The URL below which operators find `/console`. Undefined: the address of the request. */
  readonly consoleUrl: string | undefined
}

/** Reads the place of the console, and adds its problems. `givenSettings` has the keys that have a source, even with a wrong value. */
export function readConsole(
  values: ConsoleValues,
  mode: Mode,
  givenSettings: ReadonlySet<string>,
  problems: string[],
): ConsoleSettings {
  const { consoleOn = 'public', consoleUrl: url, publicUrl: customersUrl } = values
  if (consoleOn === 'public') {
    // A wrong --console-on has its own problem.
    const isPublic = values.consoleOn !== undefined || !givenSettings.has('consoleOn')
    if (givenSettings.has('consoleUrl') && isPublic) {
      problems.push(
        '--console-url needs --console-on operations: otherwise the console is below --public-url.',
      )
    }
    return { consoleOn, consoleUrl: customersUrl }
  }
  if (mode === 'sandbox') {
    problems.push(
      '--console-on operations works only in live mode, because the console of a sandbox has no operators: remove it.',
    )
    return { consoleOn, consoleUrl: url }
  }
  if (!givenSettings.has('operationsPort')) {
    problems.push('--console-on operations needs --operations-port.')
  }
  if (!givenSettings.has('publicUrl')) {
    problems.push(
      '--console-on operations needs --public-url: payment links of the console lead customers to it.',
    )
  }
  return { consoleOn, consoleUrl: url }
}
