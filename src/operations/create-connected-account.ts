import { createHmac } from 'node:crypto'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'
import type { ConnectedAccount } from './ports.ts'

/** An id that is taken is rare, and many in a row mean that something else is wrong. */
const DRAW_COUNT_MAX = 8

/**
 * Connects an account, to which parts of payments can then be passed on, with a new id of 11 digits.
 *
 * `read` gives what was said of it, and `render` makes the answer. Throws RowHeld, and what `read` throws.
 */
export async function createConnectedAccount(
  deps: AnswerOnceDeps,
  accountId: AccountId,
  read: () => Pick<ConnectedAccount, 'name' | 'details'>,
  render: (account: ConnectedAccount) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay> {
  // Of a body with a tax number and an account number not even a hash is kept that one could guess by.
  const body =
    idempotent &&
    createHmac('sha256', deps.keys.sealing).update(idempotent.body).digest('base64url')
  const request = idempotent && body !== undefined ? { ...idempotent, body } : undefined
  const result = await answerOnce(deps, request, {
    hold: async () => true,
    change: async (tx) => {
      const asked = read()
      const createdAtMs = deps.clock.nowMs()
      for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
        const id = parseAccountId(
          String(60_000_000_000 + deps.random.below(10_000_000_000)),
        ) as AccountId
        const account: ConnectedAccount = { ...asked, id, accountId, createdAtMs }
        if (await tx.insertConnectedAccount(account)) {
          return { answer: render(account), resourceId: id }
        }
      }
      throw new Error(`${DRAW_COUNT_MAX} connected account ids in a row were taken`)
    },
  })
  if (result === undefined) throw new Error('a connected account was neither made nor refused')
  return result
}
