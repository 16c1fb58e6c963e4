/** A prepared task that a person can give an agent by name. */
type AgentPrompt = {
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

/** The prepared tasks. */
export const PROMPTS: readonly AgentPrompt[] = [
  {
    name: 'test_my_integration',
    title: 'Test my integration',
    description:
      'Plays payments as customers and banks would, and reports how the integration handles them.',
    arguments: [
      {
        name: 'webhook_url',
        description: 'The URL of the integration’s webhook receiver, if it has one.',
        required: false,
      },
      {
        name: 'about',
        description: 'A description of the integration, and how to start it.',
        required: false,
      },
    ],
    write: ({
      about,
      webhook_url: url,
    }) => `Test my payment integration against the Paydesk sandbox.
${about === undefined ? 'Read the code in this workspace: how does it create payment sessions, and how does it handle webhooks?' : `About it: ${about}`}

1. Call sandbox_facts. The integration must use that base URL, account and access token. Read paydesk://guides/webhooks.md and paydesk://reference/errors.md.
2. ${url === undefined ? 'If the integration receives webhooks, start it and register its URL with create_webhook' : `Start the integration and register ${url} with create_webhook`}; configure it with the signing_key in the answer. It must verify signatures.
3. Let the code of the integration create a session. list_requests shows its request; get_request has the details. Check amount, currency, reference_number, and that it sends an Idempotency-Key.
4. Play these on sessions of the integration, and check after each what the integration has stored and shown:
   - a payment by UPI that succeeds;
   - two declines, then a success;
   - a payment that stays pending and succeeds after 12m (advance_clock);
   - a session that expires unpaid;
   - a success that is refunded in part, then in full.
5. Deliveries: a second delivery with resend_event must change nothing. Stop the integration’s webhook receiver, make a payment, start the receiver again, and advance_clock by 2h: the event must arrive and count once.
6. Use get_session to compare the state of the integration with the sandbox’s.

Report each check as passed or failed, with the evidence: request, event, answer. For each failure, name the place in the code and the fix. Do not change code before I agree.`,
  },
  {
    name: 'explain_session',
    title: 'Explain the history of a session',
    description: 'Explains in order what happened to a payment session, and why.',
    arguments: [
      { name: 'payments_session_id', description: 'The payment session.', required: true },
    ],
    write: ({ payments_session_id: id }) =>
      `Explain what happened to payment session ${id}. Read it with get_session, its events with get_event and, if the tool exists, its requests with list_requests. Explain in order of time: attempts and why they failed, events, deliveries and the endpoints’ answers. End with the next action, if one is needed.`,
  },
]
