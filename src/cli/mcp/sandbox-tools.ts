import { Type } from 'typebox'
import { pick, type Tool, tool, wireObject } from './tool.ts'

const ClockOut = {
  clock: wireObject(
    '`time` in ISO 8601, whether it stands still, and after a move at how many moments something fell due on the way.',
  ),
}
const TenantOut = { tenant: wireObject('Its name, address, accounts and credentials.') }
const TenantName = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,49}$', description })
const Duration = (description: string) => Type.String({ maxLength: 40, description })

/** What can be done with a sandbox as a whole. */
export const SANDBOX_TOOLS: readonly Tool[] = [
  tool({
    name: 'sandbox_facts',
    title: 'Show what the sandbox is reached by',
    description:
      'Gives the base URL, the ready accounts, and all credentials that an integration is configured with. None of them is a secret: a sandbox has no money.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: { sandbox: wireObject('Addresses, accounts and credentials.'), ...ClockOut },
    run: async ({ control, facts }) => ({
      sandbox: facts,
      ...pick(await control('GET', '/clock'), 'clock'),
    }),
  }),
  tool({
    name: 'read_clock',
    title: 'Read the clock',
    description: 'Gives the time that the sandbox goes by, which is its own.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: ClockOut,
    run: async ({ control }) => pick(await control('GET', '/clock'), 'clock'),
  }),
  tool({
    name: 'advance_clock',
    title: 'Move the clock on',
    description:
      'Moves the sandbox’s clock on. What falls due on the way happens at its own time before this answers: expiry, pending outcomes, refunds, retries of webhooks, the end of tokens. There is no way back. `0s` does what is due now.',
    effect: 'adds',
    where: 'controlled',
    input: { by: Duration('Such as 2d, 1h30m, 90s; at most a year.') },
    output: ClockOut,
    run: async ({ control }, asked) =>
      pick(await control('POST', '/clock/advance', asked), 'clock'),
  }),
  tool({
    name: 'set_clock',
    title: 'Set the clock',
    description: 'Moves the sandbox’s clock on to a time, as advance_clock does.',
    effect: 'adds',
    isIdempotent: true,
    where: 'controlled',
    input: {
      time: Type.String({
        maxLength: 40,
        description: 'ISO 8601 with a zone, such as 2026-11-22T09:30:00Z. Not before its time now.',
      }),
    },
    output: ClockOut,
    run: async ({ control }, asked) => pick(await control('POST', '/clock/set', asked), 'clock'),
  }),
  tool({
    name: 'create_tenant',
    title: 'Make a sandbox of its own',
    description:
      'Makes another sandbox beside this one, empty, with an address, accounts, credentials and a clock of its own. Every tool works on it when it is given the name as `tenant`. Good for one test that must not be disturbed.',
    effect: 'adds',
    where: 'controlled',
    input: {
      name: Type.Optional(TenantName('Small letters, digits, hyphens. Default: one is made up.')),
      seed: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'Makes ids, keys and times the same in every run. The clock stands still.',
        }),
      ),
    },
    output: TenantOut,
    run: async ({ control }, asked) => pick(await control('POST', '/tenants', asked), 'tenant'),
  }),
  tool({
    name: 'delete_tenant',
    title: 'Throw a tenant away',
    description: 'Throws away a sandbox that create_tenant made, with all that it holds.',
    effect: 'destroys',
    where: 'controlled',
    input: { name: TenantName('The tenant.') },
    output: { name: Type.String({ description: 'The tenant that is gone.' }) },
    run: async ({ control }, { name }) => {
      await control('DELETE', `/tenants/${name}`)
      return { name }
    },
  }),
  tool({
    name: 'reset',
    title: 'Reset the sandbox',
    description:
      'Throws away all that the sandbox holds but its ready accounts: sessions, payments, events, webhook endpoints. The clock goes on.',
    effect: 'destroys',
    where: 'controlled',
    input: {},
    output: TenantOut,
    run: async ({ control }) => pick(await control('POST', '/reset'), 'tenant'),
  }),
]
