/**
 * Compares the requests and answers of a wire test with a file, byte for byte.
 *
 *     const golden = openGolden('refunds')
 *     afterAll(golden.finish)
 *
 *     test('a refund in full', async () => {
 *       const { exchange } = golden.conversation('a refund in full', server)
 *       const creation = await exchange('create', 'POST', `/payments/${id}/refunds`, { amount: 100 })
 *       await exchange('retrieve', 'GET', `/refunds/${creation.body.refund.refund_id}`)
 *     })
 *
 * `PAYDESK_TEST_UPDATE_GOLDEN=1 npx vitest run <file>` rewrites the file, from the first engine that
 * plays it; the other engines must agree with it even then.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { TestServer, WireAnswer } from './server.ts'

const FOLDER = fileURLToPath(new URL('../golden/', import.meta.url))
const BIOME = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url))

/** The values that differ between runs, by field name, with their format. */
const IDS = [
  'payments_session_id',
  'payment_session_id',
  'payment_id',
  'refund_id',
  'transfer_id',
  'transfer_reversal_id',
  'reversal_id',
  'connected_account_id',
  'customer_id',
  'payment_link_id',
  'virtual_account_id',
  'payment_method_id',
  'payment_method_session_id',
  'address_id',
  'mandate_id',
  'mandate_notification_id',
  'payout_id',
  'dispute_id',
  'transaction_id',
  'parent_transaction_id',
  'merchant_transaction_id',
  'comment_id',
  'webhook_url_id',
  'event_id',
]
const ID = /^[1-9]\d{10,15}$/
const SECRETS: Readonly<Record<string, RegExp>> = {
  access_key: /^[\w-]{60}$/,
  account_number: /^PAYD[A-Z2-7]{15}$/,
  virtual_account_number: /^PAYD[A-Z2-7]{15}$/,
  signing_key: /^whsec_[A-Za-z\d+/]{43}=$/,
  url: /^http:\/\/127\.0\.0\.1:\d+\/paymentlink\/[0-9a-f]{52}$/,
  // A refund's number; the field with this name in sessions and payments is the merchant's.
  reference_number: /^74[01]\d{16}$/,
}
/** The fields with times, with their unit and the factor to milliseconds. */
const TIMES: Readonly<Record<string, readonly [unit: string, milliseconds: number]>> = {
  ...Object.fromEntries(
    [
      'created_time',
      'expiry_time',
      'last_modified_time',
      'date',
      'time',
      'last_attempt_time',
      'next_attempt_time',
      'previous_key_expiry_time',
    ].map((name) => [name, ['seconds', 1000]]),
  ),
  event_time: ['milliseconds', 1],
}
/** The fields with times in milliseconds as texts. */
const TEXT_TIMES = [
  'created_time',
  'payment_date',
  'initiated_time',
  'transaction_time',
  'settled_time',
]
const DAY_MS = 24 * 60 * 60_000

/** The fields whose values are segments of a path, such as `/payments/{payment_id}`. */
const PATHS: Readonly<Record<string, string>> = {
  paymentsessions: 'payments_session_id',
  payments: 'payment_id',
  refunds: 'refund_id',
  transfers: 'transfer_id',
  transferreversals: 'transfer_reversal_id',
  connectedaccounts: 'connected_account_id',
  customers: 'customer_id',
  paymentlinks: 'payment_link_id',
  virtualaccounts: 'virtual_account_id',
  paymentmethods: 'payment_method_id',
  paymentmethodsessions: 'payment_method_session_id',
  disputes: 'dispute_id',
  mandates: 'mandate_id',
  notifications: 'mandate_notification_id',
  payouts: 'payout_id',
  webhooks: 'webhook_url_id',
  deliveries: 'event_id',
  events: 'event_id',
}

/** The headers of an answer that are also compared. */
const ANSWER_HEADERS = [
  'location',
  'retry-after',
  'idempotent-replayed',
  'www-authenticate',
  'allow',
]
const JSON_TYPE = 'application/json; charset=utf-8'

/** The content of a file: conversations by title, each with its exchanges by name. */
type GoldenContent = Record<string, Record<string, unknown>>

/** The server of a conversation. The clock of `tenant` is used to check that times are plausible. */
export type GoldenServer = Pick<TestServer, 'call'> & {
  readonly tenant?: { readonly clock: { readonly nowMs: () => number } }
}

/** Requests and answers of one test, in which the same id always has the same placeholder. */
export type GoldenConversation = {
  /**
   * Sends a request, as `server.call` does, and returns the unchanged answer. Throws if request or answer differ from
   * the file, in their values, the order of their keys, or their spelling.
   */
  readonly exchange: (
    name: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<WireAnswer>
  /** Compares something that arrived without a request, such as a webhook's body, in the same way. */
  readonly recordReceived: (name: string, text: string, headers?: Record<string, string>) => void
}

/** A golden file. */
export type Golden = {
  /**
   * Starts a conversation. Its title identifies it in the file. Each engine plays it once. `placeholders`: other values
   * that differ between runs, such as a port, with their placeholders.
   */
  readonly conversation: (
    title: string,
    server?: GoldenServer,
    placeholders?: Readonly<Record<string, string>>,
  ) => GoldenConversation
  /** For `afterAll`: throws if the file has exchanges that no test played. Writes the file in an update. */
  readonly finish: () => void
}

/** The files that this process has written. */
const updatedFiles = new Set<string>()

/**
 * Opens `test/golden/<name>.json` for one engine, once in each `describe.each(ENGINES)`. Each golden file belongs to
 * one test file. `timesWithinDays`: the maximum difference between a time and the server's clock.
 */
export function openGolden(
  name: string,
  {
    folder = FOLDER,
    update = process.env.PAYDESK_TEST_UPDATE_GOLDEN === '1',
    timesWithinDays = 1,
  } = {},
): Golden {
  const file = join(folder, `${name}.json`)
  const newContent: GoldenContent = {}
  let oldContent: GoldenContent | undefined
  let isUpdating: boolean | undefined

  /**
   * Reads the file when the first conversation starts, and not earlier: `openGolden` is called for all engines before
   * the tests of the first engine, which can rewrite the file.
   */
  function open(): void {
    isUpdating ??= update && !updatedFiles.has(file)
    if (isUpdating) updatedFiles.add(file)
    else if (oldContent === undefined)
      oldContent = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as GoldenContent) : {}
  }

  function hold(title: string, exchange: string, actual: unknown): void {
    const exchanges = newContent[title] ?? {}
    newContent[title] = exchanges
    const where = `${name}.json, ${title}, ${exchange}`
    if (exchange in exchanges) throw new Error(`${where}: played twice`)
    exchanges[exchange] = actual
    if (isUpdating) return
    const expected = oldContent?.[title]?.[exchange]
    if (expected === undefined)
      throw new Error(`${where}: not in the file; PAYDESK_TEST_UPDATE_GOLDEN=1 writes it`)
    // The texts are compared, because the order of keys counts.
    expect(JSON.stringify(actual, null, 2), where).toBe(JSON.stringify(expected, null, 2))
  }

  return {
    conversation: (title, server, placeholders = {}) => {
      open()
      if (title in newContent) throw new Error(`${name}.json, ${title}: played twice`)
      newContent[title] = {}
      const words = createWords(placeholders, (atMs) => {
        const nowMs = server?.tenant?.clock.nowMs() ?? Date.now()
        return Math.abs(atMs - nowMs) <= timesWithinDays * DAY_MS
      })
      return {
        exchange: async (exchange, method, path, body, headers) => {
          if (server === undefined) throw new Error(`${title}: there is no server to ask`)
          // This comes before the call, because the ids in the request get the first numbers.
          const request = {
            method,
            path: words.ofPath(path),
            ...(headers !== undefined && { headers: words.ofHeaders(headers) }),
            ...(body !== undefined && words.ofBody(textOf(body))),
          }
          const answer = await server.call(method, path, body, headers)
          const type = answer.headers.get('content-type') ?? ''
          const headerEntries = ANSWER_HEADERS.flatMap((one) => {
            const value = answer.headers.get(one)
            return value === null ? [] : [[one, value] as const]
          })
          if (answer.text !== '' && type !== JSON_TYPE)
            headerEntries.unshift(['content-type', type])
          const response = {
            status: answer.status,
            ...(headerEntries.length > 0 && {
              headers: words.ofHeaders(Object.fromEntries(headerEntries)),
            }),
            ...(answer.text !== '' && words.ofBody(answer.text)),
          }
          hold(title, exchange, { request, response })
          return answer
        },
        recordReceived: (exchange, text, headers) => {
          const body = words.ofBody(text)
          const headerFields = headers === undefined ? {} : { headers: words.ofHeaders(headers) }
          hold(title, exchange, { received: { ...headerFields, ...body } })
        },
      }
    },
    finish: () => {
      open()
      if (isUpdating) return write(file, newContent)
      const names = (all: GoldenContent) =>
        Object.entries(all).flatMap(([title, exchanges]) =>
          Object.keys(exchanges).map((exchange) => `${title}: ${exchange}`),
        )
      const alive = new Set(names(newContent))
      expect(
        names(oldContent ?? {}).filter((one) => !alive.has(one)),
        `${name}.json has exchanges that no test has played`,
      ).toEqual([])
    },
  }
}

function write(file: string, content: GoldenContent): void {
  // In the formatter's style, which does not affect the comparison.
  const input = JSON.stringify(content, null, 2)
  writeFileSync(file, execFileSync(BIOME, ['format', '--stdin-file-path=golden.json'], { input }))
}

function textOf(body: unknown): string {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8')
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** Replaces the values that differ between runs. The same value always has the same placeholder. */
function createWords(
  placeholders: Readonly<Record<string, string>>,
  isPlausible: (atMs: number) => boolean,
) {
  /** The placeholder of each value. */
  const words = new Map(Object.entries(placeholders).map(([thing, word]) => [thing, `<${word}>`]))
  const counts = new Map<string, number>()

  function wordOf(thing: string, field: string): string {
    const oldWord = words.get(thing)
    if (oldWord !== undefined) return oldWord
    const count = (counts.get(field) ?? 0) + 1
    counts.set(field, count)
    words.set(thing, `<${field} ${count}>`)
    return `<${field} ${count}>`
  }

  /** A value with an unexpected format stays unchanged, and then differs from the file. */
  function ofField(field: string, value: unknown): unknown {
    if (typeof value === 'string') {
      if (IDS.includes(field) && ID.test(value)) return wordOf(value, field)
      if (SECRETS[field]?.test(value)) return wordOf(value, field)
      if (TEXT_TIMES.includes(field) && /^\d{13}$/.test(value) && isPlausible(Number(value)))
        return '<milliseconds, a text>'
      return ofText(value)
    }
    if (typeof value === 'number') {
      if (IDS.includes(field) && ID.test(String(value)))
        return wordOf(String(value), field).replace('>', ', a number>')
      if (field === 'duration_ms' && Number.isInteger(value) && value >= 0) return '<duration>'
      const [unit, milliseconds] = TIMES[field] ?? []
      if (unit !== undefined && Number.isInteger(value) && isPlausible(value * (milliseconds ?? 1)))
        return `<${unit}>`
      return value
    }
    if (Array.isArray(value)) return value.map((one) => ofField(field, one))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, ofField(key, one)]))
  }

  /** Known values are replaced everywhere, also in messages. */
  function ofText(text: string): string {
    let result = text
    for (const [thing, word] of words) {
      const escapes = thing.replaceAll(/\W/g, '\\$&')
      result = result.replaceAll(new RegExp(`(?<![A-Za-z\\d-])${escapes}(?![\\w-])`, 'g'), word)
    }
    return result
  }

  return {
    ofPath: (path: string): string =>
      ofText(
        path.replaceAll(/\/(\w+)\/(\d{11,16})(?=[/?]|$)/g, (match, folder: string, id: string) => {
          const field = PATHS[folder]
          return field === undefined ? match : `/${folder}/${wordOf(id, field)}`
        }),
      ),
    ofHeaders: (headers: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, ofText(value)])),
    /** Returns JSON as a value if parsing loses nothing, otherwise as its text. */
    ofBody: (text: string): { readonly body: unknown } | { readonly text: string } => {
      try {
        const value: unknown = JSON.parse(text)
        if (JSON.stringify(value) === text) return { body: ofField('', value) }
      } catch {
        // The text is not JSON.
      }
      return { text: ofText(text) }
    },
  }
}
