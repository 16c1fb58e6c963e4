import { Buffer } from 'node:buffer'
import { isIP } from 'node:net'
import { parseDatabaseUrl } from '../../domain/database-url.ts'
import { parseAccountId } from '../../domain/id.ts'
import { isLoopbackHost } from '../../domain/loopback.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../../domain/redirect-uri.ts'
import type { Mode } from '../../domain/scope.ts'
import { SECRET_KEY_BYTES_MIN } from '../../domain/secret.ts'
import { parseRetryWaits } from '../../domain/webhook-delivery.ts'
import { KEY_COUNT_MAX } from '../../processors/remote/protocol.ts'
import { parseNetworks } from '../../webhooks/address-guard.ts'
import { shownValue } from './shown-value.ts'

/** A text that a setting refuses. */
export type SettingRefusal = {
  /** The allowed texts: `a whole number from 0 to 65535`. */
  readonly mustBe: string
  /**
   * The end of a sentence about the received text, such as `it has 5 characters`. Undefined: the
   * text is shown.
   */
  readonly received?: string
  /** A sentence with the next step. */
  readonly hint?: string
}

/** The value of a setting's text, or the reason why it has none. */
export type SettingReading<Value> = { readonly value: Value } | SettingRefusal

/**
 * Writes the sentence about a text that a setting refuses:
 * `--port must be a whole number from 0 to 65535, but it is "70000".`
 */
export function settingProblem(source: string, text: string, refusal: SettingRefusal): string {
  return `${source} ${refusalText(text, refusal)}`
}

/** Writes the sentence of `settingProblem` without its source, for errors that already name the flag. */
export function refusalText(text: string, { received, hint, mustBe }: SettingRefusal): string {
  const next = hint === undefined ? '' : ` ${hint}`
  return `must be ${mustBe}, but ${received ?? `it is ${shownValue(text)}`}.${next}`
}

/** The default of a setting in each mode. */
export type Defaults<Value> = { readonly sandbox: Value; readonly live: Value }

/** One setting: its name, reader, default and description. The help and the reference page are printed from these. */
export type Setting<Value = unknown> = {
  /** The long flag without its dashes. The environment variable is `PAYDESK_` and the name in capitals. */
  readonly name: string
  /** The value's placeholder in the help. Undefined: the setting is a switch. */
  readonly placeholder?: string
  readonly read: (text: string) => SettingReading<Value>
  /** A variable that hosting platforms set, without Paydesk's prefix: `PORT`. The setting's own variable wins. */
  readonly platformVariable?: string
  /** The default value. Undefined: there is none. */
  readonly defaults?: Defaults<Value | undefined>
  /** A name for the default, if its value is not informative: `a well-known one`. */
  readonly defaultName?: string
  /** The effect of the default: `a warning`. */
  readonly defaultNote?: string
  /** Writes a value as a user would. Undefined: the value's text. */
  show?(value: Value): string
  readonly description: string
  /** The effect in commands that work on a database and serve nothing. Undefined: the same as in a server. */
  readonly databaseDescription?: string
  /** True: it has no flag, because other users of the machine can read a command line. */
  readonly isSecret?: boolean
  /** True: a credential of a sandbox's preset accounts, without a flag. */
  readonly isSandboxValue?: boolean
  /** True: live mode refuses it. */
  readonly isSandboxOnly?: boolean
  /** True: it may be given several times; the values are joined by commas. */
  readonly isRepeatable?: boolean
  /** The flag without its dashes, if it is not the name. */
  readonly flag?: string
}

/** Settings of one subject, under one heading of the help and of the reference page. */
export type SettingGroup = {
  readonly heading: string
  readonly settings: Readonly<Record<string, Setting>>
}

/** Makes a default that is the same in both modes. */
export const always = <Value>(value: Value): Defaults<Value> => ({ sandbox: value, live: value })

/** Makes a default for sandboxes only. */
export const inSandbox = <Value>(value: Value): Defaults<Value | undefined> => ({
  sandbox: value,
  live: undefined,
})

/** Writes the default of a setting in one mode. */
export function defaultIn(setting: Setting, mode: Mode): string {
  const { defaultNote, defaults } = setting
  const text = shownDefault(setting, defaults?.[mode])
  return defaultNote === undefined ? text : `${text} (${defaultNote})`
}

/** Writes the default of a setting for the help and the reference page: `` `5` in a sandbox, `20` in live mode ``. */
export function defaultText(setting: Setting): string {
  const { defaultNote, defaults } = setting
  const sandbox = shownDefault(setting, defaults?.sandbox)
  const live = defaults === undefined ? sandbox : shownDefault(setting, defaults.live)
  const text = sandbox === live ? sandbox : `${sandbox} in a sandbox, ${live} in live mode`
  return defaultNote === undefined ? text : `${text} (${defaultNote})`
}

function shownDefault(setting: Setting, value: unknown): string {
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0)
  if (setting.defaultName !== undefined && (!isNone || setting.defaults === undefined)) {
    return setting.defaultName
  }
  if (isNone) return 'none'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return `\`${setting.show?.(value) ?? value}\``
}

/** Returns the name of a setting's environment variable, such as `PAYDESK_DATABASE_URL`. */
export function environmentName({ name }: Setting): string {
  return `PAYDESK_${name.toUpperCase().replaceAll('-', '_')}`
}

/** Returns the name of a setting's flag, such as `--database-url`. */
export function flagName({ flag, name }: Setting): string {
  return `--${flag ?? name}`
}

/** Reads any text except an empty one. */
export const text: Setting<string>['read'] = (value) =>
  value === '' ? { mustBe: 'a text of at least one character' } : { value }

/** Reads an IP address or a host name to listen on. */
export const listenAddress = (value: string): SettingReading<string> => {
  const isName =
    value.length <= 253 && /^(?!-)[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*\.?$/i.test(value)
  return isIP(value) !== 0 || isName
    ? { value }
    : { mustBe: 'an IP address such as 0.0.0.0 or ::1, or a host name, without scheme and port' }
}

/** Reads a whole number in bounds, both included. */
export const wholeNumber =
  (min: number, max: number) =>
  (value: string): SettingReading<number> =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
      ? { value: Number(value) }
      : { mustBe: `a whole number from ${min} to ${max}` }

/** Reads a switch. */
export const yesOrNo = (value: string): SettingReading<boolean> => {
  if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return { value: true }
  if (['false', '0', 'no', 'off', ''].includes(value.toLowerCase())) return { value: false }
  return { mustBe: 'true or false' }
}

/** Reads one of a few words. */
export const oneOf =
  <Word extends string>(...words: readonly Word[]) =>
  (value: string): SettingReading<Word> =>
    words.includes(value as Word)
      ? { value: value as Word }
      : { mustBe: `one of ${words.join(', ')}` }

/** Reads the URL of a PostgreSQL database, on one server or several. */
export const databaseUrl = (value: string): SettingReading<string> =>
  parseDatabaseUrl(value) !== undefined
    ? { value }
    : {
        mustBe:
          'a URL such as postgres://user:password@host:5432/database, which can name several servers, such as host1:5432,host2:5432; target_session_attrs must be read-write or absent',
      }

const serverAddress =
  (example: string) =>
  (value: string): SettingReading<string> => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    const isPlain =
      url !== undefined &&
      ['http:', 'https:'].includes(url.protocol) &&
      `${url.username}${url.password}${url.search}${url.hash}` === ''
    return isPlain
      ? { value: value.replace(/\/+$/, '') }
      : { mustBe: `a URL such as ${example}, without user, query and fragment` }
  }

/** Reads the URL under which customers reach this server. It may have a path; the slash at its end is removed. */
export const publicUrl = serverAddress('https://pay.example.com or https://example.com/pay')

/** Reads the URL of a server to call. The slash at its end is removed. */
export const serverUrl = serverAddress('http://127.0.0.1:4242')

/** The processor of the settings: a module by its path, or a server by its URL. */
export type ProcessorAddress =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string }

/**
 * Reads the path of a processor module, or the URL of a processor server. Between machines it must be https, because
 * calls contain card data.
 */
export const processorAddress = (value: string): SettingReading<ProcessorAddress> => {
  if (value === '') return { mustBe: 'the path of a module or the URL of a server' }
  if (!/^[a-z][a-z\d+.-]+:\/\//i.test(value)) return { value: { kind: 'module', path: value } }
  const reading = serverAddress('https://processor.example.com/paydesk')(value)
  if ('mustBe' in reading) return reading
  const { hostname, protocol } = new URL(reading.value)
  return protocol === 'https:' || isLoopbackHost(hostname)
    ? { value: { kind: 'server', url: reading.value } }
    : { mustBe: 'an https:// URL, or http:// for this machine (127.0.0.1, [::1], localhost)' }
}

/** Reads the signing keys of a processor server, separated by commas. */
export const processorKeys = (value: string): SettingReading<readonly string[]> => {
  const keys = value.split(',').map((key) => key.trim())
  const isKey = (key: string) => {
    const [, base64 = ''] = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(key) ?? []
    const { length } = Buffer.from(base64, 'base64')
    return length >= 24 && length <= 64
  }
  return keys.length <= KEY_COUNT_MAX && keys.every(isKey)
    ? { value: keys }
    : {
        mustBe: `1 to ${KEY_COUNT_MAX} keys separated by commas, each whsec_ and 24 to 64 bytes in base64`,
        received: keysText(keys, isKey),
        hint: 'To make one: echo "whsec_$(openssl rand -base64 32)"',
      }
}

function keysText(keys: readonly string[], isKey: (key: string) => boolean): string {
  if (keys.length > KEY_COUNT_MAX) return `it has ${keys.length} keys`
  const wrong = keys.findIndex((key) => !isKey(key))
  return keys.length === 1 ? 'it has another form' : `key ${wrong + 1} has another form`
}

/** Reads a key in hex or base64, the forms that show its number of random bytes. */
export const secretKey = (value: string): SettingReading<Uint8Array> => {
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(value)
  const isBase64 = /^[\w+/-]+={0,2}$/.test(value)
  const bytes = Buffer.from(isBase64 ? value : '', isHex ? 'hex' : 'base64')
  return bytes.length >= SECRET_KEY_BYTES_MIN
    ? { value: new Uint8Array(bytes) }
    : {
        mustBe: `at least ${SECRET_KEY_BYTES_MIN} random bytes in hex or base64`,
        received:
          value === ''
            ? 'it is empty'
            : isBase64
              ? `it has only ${bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`}`
              : 'it has other characters',
        hint: 'To make one: openssl rand -hex 32',
      }
}

/** Reads the id of an account. */
export const accountId = (value: string): SettingReading<string> => {
  const id = parseAccountId(value)
  return id === undefined ? { mustBe: 'a whole number of at most 16 digits' } : { value: id }
}

/** Reads a secret for a sandbox. */
export const token = (value: string): SettingReading<string> =>
  /^[\x21-\x7e]{16,512}$/.test(value)
    ? { value }
    : { mustBe: '16 to 512 printable characters without blanks', received: secretText(value) }

/**
 * Reads a key that signs webhooks. Unlike a token, it can have blanks, and 8 characters are enough, as in a settings
 * file.
 */
export const webhookKey = (value: string): SettingReading<string> =>
  /^[\x20-\x7e]{8,512}$/.test(value) && value.trim() !== ''
    ? { value }
    : { mustBe: '8 to 512 printable characters', received: secretText(value) }

/** An error must not repeat a secret. */
function secretText(secret: string): string {
  if (secret === '') return 'it is empty'
  return /^[\x21-\x7e]*$/.test(secret)
    ? `it has ${secret.length === 1 ? '1 character' : `${secret.length} characters`}`
    : 'it has blanks or other characters'
}

/** Describes the first wrong part of a list. `received` is undefined if the list has one part, or no part is wrong. */
export function wrongPart(
  value: string,
  isRight: (part: string) => boolean,
): { readonly received?: string } {
  const parts = value.split(',').map((part) => part.trim())
  const wrong = parts.find((part) => !isRight(part))
  if (wrong === undefined || parts.length === 1) return {}
  return { received: `one is ${shownValue(wrong)}` }
}

/** Reads redirect URIs, separated by commas. */
export const redirectUris = (value: string): SettingReading<string> =>
  value.split(',').every((uri) => isRedirectUri(uri.trim()))
    ? { value }
    : {
        ...wrongPart(value, isRedirectUri),
        mustBe: `addresses separated by commas, each https, http on localhost, or com.example.app:/path, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}`,
      }

/** Reads the waits between the attempts of a delivery, such as `24x1h,12x2h`. */
export const retryWaits = (value: string): SettingReading<readonly number[]> => {
  const waits = parseRetryWaits(value)
  return waits === undefined
    ? {
        ...wrongPart(value, (part) => parseRetryWaits(part) !== undefined),
        mustBe: 'waits such as 24x1h,12x2h, at most 200, each of 1s to 7d',
      }
    : { value: waits }
}

/** Reads networks, separated by commas. */
export const networks = (value: string): SettingReading<readonly string[]> => {
  const networkList = parseNetworks(value)
  return networkList === undefined
    ? {
        ...wrongPart(value, (part) => parseNetworks(part)?.length === 1),
        mustBe: 'networks separated by commas, such as 10.0.0.0/8,fd00::/8',
      }
    : { value: networkList }
}
