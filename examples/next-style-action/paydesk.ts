import { createPaydeskClient } from 'paydesk/client'

/** Made once for each server, where secrets are; never in what a browser loads. */
export const paydesk = () =>
  createPaydeskClient({
    baseUrl: process.env.PAYDESK_API_URL ?? 'http://127.0.0.1:4242',
    accountId: process.env.PAYDESK_API_ACCOUNT ?? '23137556',
    accessToken:
      process.env.PAYDESK_API_TOKEN ??
      '1000.5061796465736b2073616e64626f7800.61636365737320746f6b656e20000001',
  })
