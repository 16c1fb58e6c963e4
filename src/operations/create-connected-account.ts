import { createHmac } from 'node:crypto'
import type { AccountId } from '../domain/id.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import { drawAccountId } from './create-account.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'
import type { ConnectedAccount } from './store.ts'
import { storeDrawn } from './store-drawn.ts'

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
      const draw = (): ConnectedAccount => ({
        ...asked,
        accountId,
        createdAtMs,
        id: drawAccountId(deps.random),
      })
      const account = await storeDrawn(draw, tx.insertConnectedAccount)
      return { answer: render(account), resourceId: account.id }
    },
  })
  if (result === undefined) throw new Error('a connected account was neither made nor refused')
  return result
}
