import { Buffer } from 'node:buffer'
import { parseDatabaseUrl } from '../../domain/database-url.ts'
import { parseAccountId } from '../../domain/id.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../../domain/redirect-uri.ts'
import { SECRET_KEY_BYTES_MIN } from '../../domain/secret.ts'
import { parseRetryWaits } from '../../domain/webhook-delivery.ts'
import { parseNetworks } from '../../webhooks/address-guard.ts'

/** A value that a setting's text came to, or what the text should have been. */
export type Read<Value> = { readonly value: Value } | { readonly mustBe: string }

/** One setting: how it is named, read and described. The reference page is printed from these. */
export type Setting<Value = unknown> = {
  /** The long flag without its dashes; the environment variable is `PAYDESK_` and this in capitals. */
  readonly name: string
  /** What stands behind the flag in the help; a setting without it is a switch. */
  readonly placeholder?: string
  readonly read: (text: string) => Read<Value>
  /** In words, as the default depends on the mode for some. */
  readonly defaultText: string
  readonly description: string
  /** Has no flag, for a command line can be read by others on the machine. */
  readonly isSecret?: boolean
  /** Only for a sandbox's ready account. */
  readonly isSandboxValue?: boolean
  /** May be given several times: the values are joined by commas. */
  readonly isRepeatable?: boolean
  /** The flag without its dashes, where it is not the name. */
  readonly flag?: string
}

/** The name of a setting's environment variable, such as `PAYDESK_DATABASE_URL`. */
export function environmentName({ name }: Setting): string {
  return `PAYDESK_${name.toUpperCase().replaceAll('-', '_')}`
}

/** The name of a setting's flag, such as `--database-url`. */
export function flagName({ flag, name }: Setting): string {
  return `--${flag ?? name}`
}

/** Any text but none. */
export const text: Setting<string>['read'] = (value) =>
  value === '' ? { mustBe: 'not empty' } : { value }

/** A whole number in bounds, both included. */
export const wholeNumber =
  (min: number, max: number) =>
  (value: string): Read<number> =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
      ? { value: Number(value) }
      : { mustBe: `a whole number from ${min} to ${max}` }

/** A switch. */
export const yesOrNo = (value: string): Read<boolean> => {
  if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return { value: true }
  if (['false', '0', 'no', 'off', ''].includes(value.toLowerCase())) return { value: false }
  return { mustBe: 'true or false' }
}

/** One of a few words. */
export const oneOf =
  <Word extends string>(...words: readonly Word[]) =>
  (value: string): Read<Word> =>
    words.includes(value as Word)
      ? { value: value as Word }
      : { mustBe: `one of ${words.join(', ')}` }

/** The address of a PostgreSQL database, on one server or several. */
export const databaseUrl = (value: string): Read<string> =>
  parseDatabaseUrl(value) !== undefined
    ? { value }
    : {
        mustBe:
          'a URL such as postgres://user:password@host:5432/database, or with several servers as in host1:5432,host2:5432; target_session_attrs can be read-write only',
      }

const serverAddress =
  (example: string) =>
  (value: string): Read<string> => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    const isPlain =
      url !== undefined &&
      ['http:', 'https:'].includes(url.protocol) &&
      `${url.username}${url.password}${url.search}${url.hash}` === ''
    return isPlain
      ? { value: value.replace(/\/+$/, '') }
      : { mustBe: `a URL such as ${example}, without user, query and fragment` }
  }

/** The address by which customers reach this server, without a slash at its end. It may have a path. */
export const publicUrl = serverAddress('https://pay.example.com or https://example.com/pay')

/** The address of a server to call, without a slash at its end. */
export const serverUrl = serverAddress('http://127.0.0.1:4242')

/** A key in hex or base64, by which its randomness is known to be all there. */
export const secretKey = (value: string): Read<Uint8Array> => {
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(value)
  const isBase64 = /^[\w+/-]+={0,2}$/.test(value)
  const bytes = Buffer.from(isBase64 ? value : '', isHex ? 'hex' : 'base64')
  return bytes.length >= SECRET_KEY_BYTES_MIN
    ? { value: new Uint8Array(bytes) }
    : {
        mustBe: `at least ${SECRET_KEY_BYTES_MIN} random bytes in hex or base64; make one with: openssl rand -hex 32`,
      }
}

/** An account’s id. */
export const accountId = (value: string): Read<string> => {
  const id = parseAccountId(value)
  return id === undefined ? { mustBe: 'a whole number of at most 16 digits' } : { value: id }
}

/** A secret that a person chose for a sandbox. */
export const token = (value: string): Read<string> =>
  /^[\x21-\x7e]{16,512}$/.test(value)
    ? { value }
    : { mustBe: '16 to 512 printable characters without blanks' }

/** Addresses that authorization codes may be sent to, separated by commas. */
export const redirectUris = (value: string): Read<string> =>
  value.split(',').every((uri) => isRedirectUri(uri.trim()))
    ? { value }
    : {
        mustBe: `addresses separated by commas, each https, or http on localhost, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}`,
      }

/** Waits between the attempts of a delivery, such as `24x1h,12x2h`. */
export const retryWaits = (value: string): Read<readonly number[]> => {
  const waits = parseRetryWaits(value)
  return waits === undefined
    ? { mustBe: 'waits such as 24x1h,12x2h: at most 200, each of 1s to 7d' }
    : { value: waits }
}

/** Networks, separated by commas. */
export const networks = (value: string): Read<readonly string[]> => {
  const read = parseNetworks(value)
  return read === undefined
    ? { mustBe: 'networks separated by commas, such as 10.0.0.0/8,fd00::/8' }
    : { value: read }
}
