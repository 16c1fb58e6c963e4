/** The erasure of a customer in live mode: the processor deletes the tokens of saved methods. */
import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CustomerRecord } from '../src/domain/customer.ts'
import type { PaymentMethodId } from '../src/domain/id.ts'
import { SEAL_NONCE_BYTES, seal } from '../src/domain/secret.ts'
import { createAccount } from '../src/operations/create-account.ts'
import { createCustomer } from '../src/operations/create-customer.ts'
import { openCore } from '../src/server/core.ts'
import { makePlace, type Place, settingsAt } from './support/engines.ts'
import { openExampleBank } from './support/example-bank.ts'
import { inProcessCli } from './support/in-process-cli.ts'
import { startProcessorServer } from './support/processor-server.ts'
import { activeMethodOf, TEST_ACTOR } from './support/stored-rows.ts'

const SECRET_KEY = '01'.repeat(32)
const PROCESSOR_KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const TOKEN = 'acme_token_1'

describe.each(['file', 'postgres'] as const)('an erasure in live mode, on %s', (engine) => {
  let place: Place
  let customer: CustomerRecord
  let methodId: PaymentMethodId
  beforeEach(async () => {
    place = await makePlace(engine)
    const core = await openCore(
      settingsAt(place, {
        live: true,
        secretKey: SECRET_KEY,
        processor: 'http://127.0.0.1:9',
        processorKey: PROCESSOR_KEY,
      }),
    )
    const { account } = await createAccount({ ...core, actor: TEST_ACTOR }, 'Shop Test', 'IN')
    customer = await core.store.transaction((tx) =>
      createCustomer(tx, core, account.id, { name: 'Asha Rao', email: 'asha@shop.example' }),
    )
    methodId = core.ids.paymentMethod(customer.id)
    const method = activeMethodOf(customer, {
      id: methodId,
      addressId: core.ids.paymentMethod(customer.id),
      tokenSealed: seal(TOKEN, core.keys.sealing, core.random.bytes(SEAL_NONCE_BYTES)),
    })
    await core.store.transaction((tx) => tx.paymentMethods.insert(method))
    await core.store.close()
  })
  afterEach(() => place.remove())

  /** Erases the customer, with a processor server if `url` names one, and returns the command's output. */
  const erase = async (url?: string, ...words: readonly string[]) => {
    const { data, databaseUrl } = place.flags
    const run = inProcessCli({
      PAYDESK_LIVE: 'true',
      PAYDESK_SECRET_KEY: SECRET_KEY,
      PAYDESK_PROCESSOR_KEY: PROCESSOR_KEY,
      ...(data === undefined
        ? { PAYDESK_DATABASE_URL: String(databaseUrl) }
        : { PAYDESK_DATA: String(data) }),
    })
    const processor = url === undefined ? [] : ['--processor', url]
    return run('customer', 'erase', customer.id, ...processor, ...words)
  }

  test('deletes a token when the processor has confirmed its deletion, and counts the remaining tokens', async () => {
    const requests: unknown[] = []
    let isDown = true
    const acme = await startProcessorServer(openExampleBank(), undefined, {
      describe: () => ({ name: 'acme', canSave: true }),
      forget: ({ call: _, ...request }) => {
        requests.push(request)
        return isDown ? undefined : { kind: 'forgotten' }
      },
    })
    try {
      const counts: number[] = []
      const eraseAndCount = async (url?: string, ...words: readonly string[]) => {
        const { out, refusal } = await erase(url, '--json', ...words)
        expect(refusal).toBe('')
        counts.push(JSON.parse(out).open_token_count)
      }
      await eraseAndCount(acme.url, '--dry-run')
      expect(requests).toEqual([])
      // Without a processor the servers delete the token later.
      await eraseAndCount()
      await eraseAndCount(acme.url)
      isDown = false
      await eraseAndCount(acme.url)
      await eraseAndCount(acme.url)
      expect(counts).toEqual([1, 1, 1, 0, 0])
      const request = { paymentMethodId: methodId, token: TOKEN }
      expect(requests).toEqual([request, request])
    } finally {
      acme.close()
    }
  })
})
