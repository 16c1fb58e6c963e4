import { Type } from 'typebox'
import { type Tool, tool, wireObject } from './tool.ts'

const ClockOut = {
  clock: wireObject(
    'The clock’s `time` in ISO 8601, and whether the clock is frozen. After a move of the clock also how many times it stopped for due work.',
  ),
}
const TenantOut = {
  tenant: wireObject('The name, address, accounts and credentials of the sandbox.'),
}
const TenantName = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,49}$', description })
const Duration = (description: string) => Type.String({ maxLength: 40, description })

/** The tools for a sandbox as a whole. */
export const SANDBOX_TOOLS: readonly Tool[] = [
  tool({
    name: 'sandbox_facts',
    title: 'Show the sandbox’s address and credentials',
    description:
      'Returns the base URL, the preset accounts, and all credentials that an integration needs. None of them is secret: a sandbox moves no money.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: { sandbox: wireObject('Addresses, accounts and credentials.'), ...ClockOut },
    run: async ({ control, facts }) => ({ sandbox: facts, clock: await control.clock.read() }),
  }),
  tool({
    name: 'read_clock',
    title: 'Read the clock',
    description: 'Returns the sandbox’s time. A sandbox has its own clock.',
    effect: 'reads',
    where: 'controlled',
    input: {},
    output: ClockOut,
    run: async ({ control }) => ({ clock: await control.clock.read() }),
  }),
  tool({
    name: 'advance_clock',
    title: 'Advance the clock',
    description:
      'Advances the sandbox’s clock. Work that falls due in between is done in order before the call returns: expiry, pending outcomes, refunds, webhook retries, expired tokens. The clock cannot go back. `0s` does the work that is due now.',
    effect: 'adds',
    where: 'controlled',
    input: { by: Duration('Such as 2d, 1h30m, 90s; at most a year.') },
    output: ClockOut,
    run: async ({ control }, { by }) => ({ clock: await control.clock.advance(by) }),
  }),
  tool({
    name: 'set_clock',
    title: 'Set the clock',
    description: 'Advances the sandbox’s clock to a time, as advance_clock does.',
    effect: 'adds',
    isIdempotent: true,
    where: 'controlled',
    input: {
      time: Type.String({
        maxLength: 40,
        description:
          'A time with its zone, such as 2026-11-22T09:30:00Z. It must not be before the clock’s time.',
      }),
    },
    output: ClockOut,
    run: async ({ control }, { time }) => ({ clock: await control.clock.set(time) }),
  }),
  tool({
    name: 'create_tenant',
    title: 'Create a separate sandbox',
    description:
      'Creates an empty sandbox beside this one, with its own address, accounts, credentials and clock. Pass its name to any tool as `tenant`. Use it to isolate a test.',
    effect: 'adds',
    where: 'controlled',
    input: {
      name: Type.Optional(
        TenantName(
          'Lowercase letters, digits and hyphens. Default: the next free name, such as `tenant-1`.',
        ),
      ),
      seed: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'Makes ids, keys and times the same in every run, and freezes the clock.',
        }),
      ),
    },
    output: TenantOut,
    run: async ({ control }, args) => ({ tenant: await control.tenants.create(args) }),
  }),
  tool({
    name: 'delete_tenant',
    title: 'Delete a tenant',
    description: 'Deletes a tenant and everything in it.',
    effect: 'destroys',
    where: 'controlled',
    input: { name: TenantName('The tenant.') },
    output: { name: Type.String({ description: 'The deleted tenant.' }) },
    run: async ({ control }, { name }) => {
      await control.tenants.delete(name)
      return { name }
    },
  }),
  tool({
    name: 'reset',
    title: 'Reset the sandbox',
    description:
      'Deletes the sessions, payments, events, webhook endpoints and everything else in the sandbox, except its preset accounts. The clock keeps its time.',
    effect: 'destroys',
    where: 'controlled',
    input: {},
    output: TenantOut,
    run: async ({ control }) => ({ tenant: await control.reset() }),
  }),
]
