/** A task that a person gives an agent by its name. */
export type AgentPrompt = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: readonly {
    readonly name: string
    readonly description: string
    readonly required: boolean
  }[]
  readonly write: (args: Readonly<Record<string, string>>) => string
}

/** The tasks that are offered. */
export const PROMPTS: readonly AgentPrompt[] = [
  {
    name: 'test_my_integration',
    title: 'Test my integration',
    description: 'Plays what customers and banks do, and reports what the integration made of it.',
    arguments: [
      { name: 'webhook_url', description: 'Where it takes webhooks, if it does.', required: false },
      { name: 'about', description: 'What it is, and how it is started.', required: false },
    ],
    write: ({
      about,
      webhook_url: url,
    }) => `Test my payment integration against the Paydesk sandbox.
${about === undefined ? 'Find out from the code in this workspace how it creates payment sessions and what it does with webhooks.' : `About it: ${about}`}

1. Call sandbox_facts. The integration has to use that base URL, account and access token. Read paydesk://guides/webhooks.md and paydesk://reference/errors.md.
2. ${url === undefined ? 'If it takes webhooks, start it and register its URL with create_webhook' : `Start it and register ${url} with create_webhook`}; configure it with the signing_key of the answer. It must check signatures.
3. Have it create a session by its own code. list_requests shows what it sent; get_request has the whole exchange. Check amount, currency, reference_number, and that it sends an Idempotency-Key.
4. Play these on sessions of its own, and check after each what it has stored and shown:
   - a payment by UPI that succeeds;
   - two declines, then a success;
   - a payment that stays pending and succeeds after 12m (advance_clock);
   - a session that expires unpaid;
   - a success that is refunded, in part and then in full.
5. Deliveries: resend_event must change nothing the second time. Stop its webhook endpoint, make a payment, start it again, advance_clock by 2h: the event must have arrived and count once.
6. Use get_session to compare its state with the sandbox’s.

Report each check as passed or failed, with what you saw: request, event, answer. For each failure name the place in the code, and the change that would mend it. Do not change code before I say so.`,
  },
  {
    name: 'explain_session',
    title: 'Explain what happened to a session',
    description: 'Says in order what happened to a payment session, and why.',
    arguments: [
      { name: 'payments_session_id', description: 'The payment session.', required: true },
    ],
    write: ({ payments_session_id: id }) =>
      `Explain what happened to payment session ${id}. Read it with get_session, then the events with get_event and, where there is list_requests, what was sent about it. Tell it in order of time: attempts and why they failed, events, deliveries and what the endpoints answered. End with what has to be done, if anything.`,
  },
]
