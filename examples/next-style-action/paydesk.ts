import { createPaydeskClient } from 'paydesk/client'

/** Create the client only on the server, which has the secrets. Never import it into code for browsers. */
export const paydesk = () =>
  createPaydeskClient({
    baseUrl: process.env.PAYDESK_API_URL ?? 'http://127.0.0.1:4242',
    accountId: process.env.PAYDESK_API_ACCOUNT ?? '23137556',
    accessToken:
      process.env.PAYDESK_API_TOKEN ??
      '1000.5061796465736b2073616e64626f7800.61636365737320746f6b656e20000001',
  })
