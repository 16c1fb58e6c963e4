/** The checks that apply only to processor servers. */

import { CheckFailed, describeValue, ensure, type ProcessorCheck } from '../checks.ts'
import { drawBytes, machineClock } from '../machine.ts'
import { randomAttemptId } from '../processor-under-test.ts'
import { TOLERANCE_SECONDS } from './protocol.ts'
import {
  type CallSender,
  createCallSender,
  type ProcessorServer,
  type SignedCall,
} from './send-call.ts'

/**
 * The time between now and a timestamp that the server must refuse, in milliseconds: the tolerance and a minute.
 */
const OUTSIDE_MS = (TOLERANCE_SECONDS + 60) * 1000

/** Makes the checks of one server. `sender` signs with the right keys. */
export function serverChecks(
  server: ProcessorServer,
  sender: CallSender,
): readonly ProcessorCheck[] {
  const question = (atMs = machineClock.nowMs()) =>
    sender.sign('findCharge', { attemptId: randomAttemptId() }, atMs)

  async function statusFor(call: SignedCall): Promise<number> {
    const outcome = await sender.post(call)
    if ('reason' in outcome) throw new CheckFailed(`no answer came: ${outcome.detail}`)
    return outcome.status
  }
  async function ensureRefusal(what: string, call: SignedCall): Promise<void> {
    const status = await statusFor(call)
    ensure(status === 401, () => `${what} must get status 401, but got ${status}`)
  }

  return [
    {
      name: 'a call without a signature is refused',
      run: () => ensureRefusal('the call', { ...question(), headers: {} }),
    },
    {
      name: 'a call signed with another key is refused',
      run: () => ensureRefusal('the call', signWith(server, [drawKey()])),
    },
    {
      name: 'a call whose body was changed after signing is refused',
      run: () => {
        const call = question()
        return ensureRefusal('the call', { ...call, body: call.body.replace(/\d"\}$/, '0"} ') })
      },
    },
    {
      name: 'a call signed more than five minutes ago is refused',
      run: () => ensureRefusal('the call', question(machineClock.nowMs() - OUTSIDE_MS)),
    },
    {
      name: 'a call signed more than five minutes ahead is refused',
      run: () => ensureRefusal('the call', question(machineClock.nowMs() + OUTSIDE_MS)),
    },
    {
      name: 'a call sent to the path of another call is refused',
      run: async () => {
        const { path } = sender.sign('cancelCharge', {}, machineClock.nowMs())
        const status = await statusFor({ ...question(), path })
        ensure(
          status >= 400 && status < 500,
          () => `a findCharge at ${path} must get status 400, but got ${status}`,
        )
      },
    },
    {
      name: 'a call signed with an unknown key and a known key is answered',
      run: async () => {
        for (const keys of [
          [drawKey(), ...server.keys],
          [...server.keys, drawKey()],
        ]) {
          const status = await statusFor(signWith(server, keys))
          ensure(
            status === 200,
            () =>
              `webhook-signature can contain several signatures, and one valid signature is enough; the status was ${status}`,
          )
        }
      },
    },
    {
      name: 'unknown fields are ignored',
      run: async () => {
        const fields = { attemptId: randomAttemptId(), addedLater: { by: 'a newer Paydesk' } }
        const answer = await sender.send('findCharge', fields)
        ensure(
          'value' in answer,
          () =>
            `a call with an unknown field must be answered, but was not: ${describeValue(answer)}`,
        )
      },
    },
  ]
}

function drawKey(): string {
  return `whsec_${Buffer.from(drawBytes(32)).toString('base64')}`
}

function signWith({ url }: ProcessorServer, keys: readonly string[]): SignedCall {
  const other = createCallSender({ url, keys }, { clock: machineClock, drawBytes })
  return other.sign('findCharge', { attemptId: randomAttemptId() }, machineClock.nowMs())
}
