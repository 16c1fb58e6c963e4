import { CommandRefused } from '../command-refused.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { valueAt } from './judge.ts'
import { sendRequest, type Target } from './send-request.ts'

/** The host of the real service’s sandbox, which takes only test accounts and moves no money. */
export const ZOHO_SANDBOX_HOST = 'paymentssandbox.zoho.in'
/** The live API is on several hosts below these domains. */
const ZOHO_DOMAINS = [
  'zoho.in',
  'zoho.com',
  'zoho.eu',
  'zohocdn.com',
  'zohoapis.in',
  'zohoapis.com',
]

/** Returns true for the real service’s sandbox. Throws CommandRefused if it has no https, and for other hosts of Zoho. */
export function isRealSandbox(url: string): boolean {
  const { hostname, protocol } = new URL(url)
  const host = hostname.replace(/\.$/, '')
  if (host === ZOHO_SANDBOX_HOST) {
    if (protocol === 'https:') return true
    throw refuse(`The real sandbox needs https: https://${ZOHO_SANDBOX_HOST}.`)
  }
  if (ZOHO_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`))) {
    throw refuse(
      `${host} belongs to the live service. The checks never touch live money: use https://${ZOHO_SANDBOX_HOST} or a Paydesk sandbox.`,
    )
  }
  return false
}

/**
 * Returns the target with its kind. The URL proves the real sandbox; another server proves that it is a sandbox by its
 * answer to a request without the token. Throws CommandRefused for everything else: live services are refused, and so
 * are servers that may be live.
 */
export async function proveSandbox(address: Omit<Target, 'kind'>): Promise<Target> {
  if (isRealSandbox(address.url)) return { ...address, kind: 'zoho' }
  const target: Target = { ...address, kind: 'paydesk' }
  const result = await sendRequest(target, {
    method: 'GET',
    path: '//_sandbox/clock',
    token: 'none',
  })
  if ('failure' in result) {
    throw new CommandRefused(
      `No server answers at ${address.url}. ${result.failure}`,
      EXIT_CODES.unreachable.code,
    )
  }
  const { json, status } = result.answer
  const hasControlApi = status === 200 && Number.isInteger(valueAt(json, 'clock.time_ms'))
  if (hasControlApi) return target
  throw new CommandRefused(
    `${address.url} does not prove that it is a sandbox: GET /_sandbox/clock answered ${status} without the sandbox’s clock. A live Paydesk, other programs, and a sandbox with several workers are refused, because the checks never touch live money.`,
  )
}

function refuse(message: string): CommandRefused {
  return new CommandRefused(message, EXIT_CODES.usage.code)
}
