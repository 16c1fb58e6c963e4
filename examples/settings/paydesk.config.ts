import type { PaydeskConfig } from 'paydesk/config'

export default {
  // Settings by their names: npx paydesk serve --help lists them. Flags and variables win over this file.
  settings: {
    port: 4242,
    data: './paydesk.db',
  },
  // The contents of the sandbox. Remove this part for live mode.
  sandbox: {
    // Paydesk sends webhooks to these endpoints as soon as your application listens.
    endpoints: [
      {
        name: 'My shop',
        url: 'http://127.0.0.1:3000/webhooks',
        enabled_events: ['payment.succeeded', 'payment.failed'],
        signing_key: 'whsec_c2FuZGJveF9rZXlfb2ZfbXlfc2hvcF8wMTIzNDU2Nzg=',
      },
    ],
    // Set the probability to 0.1, and one of ten creations fails.
    faults: [
      {
        target: 'route',
        match: { route: 'POST /paymentsessions' },
        probability: 0,
        effect: { status: 503, retry_after: 2 },
      },
    ],
    // A new database gets these sessions.
    sessions: [
      {
        session: { amount: 1499.9, currency: 'INR', description: 'Brass lamp' },
        attempts: [{ method: 'card', outcome: 'succeeded' }],
      },
    ],
  },
} satisfies PaydeskConfig
