import { EXPECTATIONS, STEPS } from '../src/cli/scenarios/scenario-steps.ts'

type Schema = {
  readonly description?: string
  readonly 'x-expected'?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | object
  readonly items?: Schema
}

type Schemas = Readonly<Record<string, Schema>>

/** Prints docs/reference/scenario-steps.md from the schema of scenario files. */
export function printScenarioSteps(printedBy: string): string {
  const steps = Object.entries(STEPS as unknown as Schemas)
  const expectations = Object.entries(EXPECTATIONS as unknown as Schemas)
  return `# Scenario steps

<!-- ${printedBy} -->

A scenario is a list of steps. [The guide](../guides/scenarios.md) explains how to write and run one. A step consists of
its kind, a colon, and its fields. It can also have a \`title\` for the report, and \`repeat\`, the number of its runs (1 to
100). Fields in _italics_ are optional. \`of\` takes the id of an object, or the name that an earlier step gave
the object with \`as\`. \`at\`, and \`of\` in \`pay_link\`, \`receiver\` and \`transfer_in\`, take only such a name. If a step takes a session or a
payment link, an id must be that of a session. If a step takes a payment or a session, an id must be that of a payment.

| kind | fields | effect |
|---|---|---|
${steps.map(([kind, schema]) => `| \`${kind}\` | ${takes(schema)} | ${does(schema)} |`).join('\n')}

## Expectations

| kind | fields | compared values |
|---|---|---|
${expectations.map(([kind, schema]) => `| \`${kind}\` | ${takes(schema)} | ${does(schema)} |`).join('\n')}
`
}

function takes(schema: Schema): string {
  if (schema['x-expected']?.startsWith('at least one of'))
    return 'at least one of the expectations below'
  const { additionalProperties, properties = {}, required = [] } = schema
  const names = Object.entries(properties).map(([name, field]) => {
    const label = required.includes(name) ? `\`${name}\`` : `_\`${name}\`_`
    return field.description === undefined || name === 'as' || name === 'idempotency_key'
      ? label
      : `${label} (${within(field.description)})`
  })
  if (names.length === 0) return schema['x-expected'] ?? 'a name or an id'
  return [...names, ...(additionalProperties === false ? [] : ['and more'])].join(', ')
}

/** Turns a description into a part of a sentence. */
function within(description: string): string {
  const text = description.replace(/\.$/, '')
  return /^[A-Z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text
}

function does({ description = '' }: Schema): string {
  return description.replaceAll('|', '\\|')
}
