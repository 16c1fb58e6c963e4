import type { PaydeskConfig } from 'paydesk/config'

export default {
  // Settings by their names: npx paydesk serve --help lists them. Flags and variables win over this file.
  // The secret key is not in this file: PAYDESK_SECRET_KEY_FILE names the file that has the key.
  settings: {
    live: true,
    // Or PostgreSQL: databaseUrl. Put a URL with a password into the file that PAYDESK_DATABASE_URL_FILE names.
    data: './live.db',
    // The adapter for your acquirer: the path of a module, or the URL of a server.
    processor: './processor.js',
    // The address of your proxy, which customers see. The proxy sets X-Forwarded-For.
    publicUrl: 'https://pay.example.com',
    trustProxy: true,
    // /healthz, /readyz and /metrics, for your network only.
    operationsPort: 9464,
  },
} satisfies PaydeskConfig
