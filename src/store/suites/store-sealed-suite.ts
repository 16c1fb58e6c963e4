import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  ACCOUNT_KEYS,
  activeMethodOf,
  answerFor,
  customerOf,
  endpointOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  operatorOf,
  savedMethodOf,
  session,
  useStore,
} from '../../../test/support/stored-rows.ts'
import { SEALED_PLACES, type SealedPlace, type SealedValue } from '../../operations/store.ts'

/** Values that are sealed with a key of the server, as tests that every engine passes. */
export function sealedTests(open: OpenEngine): void {
  describe('sealed values', () => {
    const db = useStore(open)

    /** Reads all values of a place, two at a time. */
    async function all(place: SealedPlace): Promise<readonly SealedValue[]> {
      const values: SealedValue[] = []
      for (;;) {
        const next = await db.store.sealedValues.list(place, values.at(-1), 2)
        if (next.length === 0) return values
        values.push(...next)
      }
    }
    const sealedAt = async (place: SealedPlace) =>
      (await all(place)).map(({ sealedText }) => sealedText)

    test('are listed in batches, each once, and absent ones are left out', async () => {
      const previousKey = { sealedKey: 'old hook', untilMs: NOW_MS }
      await db.store.transaction(async (tx) => {
        await tx.accounts.updateKeys(ACCOUNT, {
          ...ACCOUNT_KEYS,
          signing: { value: 'new', previous: { value: 'old', untilMs: NOW_MS } },
        })
        const customer = customerOf(ACCOUNT)
        await tx.customers.insert(customer)
        for (const tokenSealed of ['token 1', 'token 2']) {
          await tx.paymentMethods.insert(activeMethodOf(customer, { tokenSealed }))
        }
        await tx.paymentMethods.insert(savedMethodOf(customer))
        await tx.operators.insert(operatorOf({ codeSecretSealed: 'code secret' }))
        await tx.webhookEndpoints.put(endpointOf(OTHER_ACCOUNT, { signingKeySealed: 'hook 1' }))
        await tx.webhookEndpoints.put(
          endpointOf(ACCOUNT, { signingKeySealed: 'hook 2', previousKey }),
        )
      })
      const answers: string[] = []
      for (let index = 0; index < 7; index += 1) {
        // At most two of them share a bucket.
        const one = session({}, Math.floor(index / 2))
        const answer = answerFor(one, `key ${index}`)
        answers.push(answer.answerSealed)
        await db.store.paymentSessions.insert(one, answer, NOW_MS)
      }
      const result = await Promise.all(
        SEALED_PLACES.map(async (place) => [place, (await sealedAt(place)).toSorted()]),
      )
      expect(Object.fromEntries(result)).toEqual({
        account_signing_keys: ['new', 'v1.x'],
        previous_account_signing_keys: ['old'],
        webhook_keys: ['hook 1', 'hook 2'],
        previous_webhook_keys: ['old hook'],
        idempotent_answers: answers.toSorted(),
        saved_method_tokens: ['token 1', 'token 2'],
        operator_code_secrets: ['code secret'],
      })
    })

    test('are replaced once, and not if they have changed in the meantime', async () => {
      for (const place of SEALED_PLACES) {
        const before = await all(place)
        const value = before.at(-1)
        if (value === undefined) throw new Error(`there is no value in ${place}`)
        const replace = (newSealedText: string) =>
          db.store.transaction((tx) => tx.sealedValues.replace(value, newSealedText))
        expect(await replace(`again ${place}`)).toBe(true)
        expect(await replace('a second time')).toBe(false)
        expect(await sealedAt(place)).toEqual([
          ...before.slice(0, -1).map(({ sealedText }) => sealedText),
          `again ${place}`,
        ])
      }
    })
  })
}
