import { createPaydeskClient } from 'paydesk/client'
import { openShop } from './shop.ts'

// The credentials that `npm start` prints, the same at each start of a sandbox.
const paydesk = createPaydeskClient({
  baseUrl: process.env.PAYDESK_API_URL ?? 'http://127.0.0.1:4242',
  accountId: process.env.PAYDESK_API_ACCOUNT ?? '23137556',
  accessToken:
    process.env.PAYDESK_API_TOKEN ??
    '1000.5061796465736b2073616e64626f7800.61636365737320746f6b656e20000001',
})
const signingKey = process.env.PAYDESK_SIGNING_KEY ?? 'sandbox_signing_key_0123456789abcdef'
const shop = await openShop({ paydesk, signingKey, port: 3000 })
console.log(`The shop is open at ${shop.url}. Order with:
  curl -i ${shop.url}/orders -H 'content-type: application/json' -d '{"amount": "1499.90"}'
and open the Location in the answer.`)
