import { setImmediate } from 'node:timers'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type Tool as ToolDescription,
} from '@modelcontextprotocol/sdk/types.js'
import { Type } from 'typebox'
import { listDocuments } from './documents.ts'
import { EVENT_TOOLS } from './event-tools.ts'
import { PAYMENT_TOOLS } from './payment-tools.ts'
import type { Place } from './place.ts'
import { PROMPTS } from './prompts.ts'
import { SANDBOX_TOOLS } from './sandbox-tools.ts'
import { SESSION_TOOLS } from './session-tools.ts'
import { bounded, createArgumentCheck, problemFrom, type Tool, type ToolProblem } from './tool.ts'
import { TRAFFIC_TOOLS } from './traffic-tools.ts'

/** A server of the Model Context Protocol that is running. */
export type RunningMcpServer = {
  /** Resolves when the client has gone: then nobody is there to be served. */
  readonly ended: Promise<void>
  /** Answers what is under way, and ends. It may be called twice. */
  readonly close: () => Promise<void>
}

/** Serves a place to the program that has started this one, by standard input and output. */
export async function serveMcp(
  place: Place,
  { version, onFault }: { readonly version: string; readonly onFault: (error: unknown) => void },
): Promise<RunningMcpServer> {
  const server = new Server(
    { name: 'paydesk', title: 'Paydesk', version },
    {
      capabilities: { tools: {}, resources: {}, prompts: {} },
      instructions: place.isControlled ? SANDBOX_INSTRUCTIONS : LIVE_INSTRUCTIONS,
    },
  )
  const tools = offeredTools(place)
  const documents = listDocuments(place)
  const underWay = new Set<Promise<unknown>>()
  const counted = <Out>(work: Promise<Out>): Promise<Out> => {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ description }) => description),
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const found = tools.find(({ description: { name } }) => name === params.name)
    if (found === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name} here.`)
    }
    return counted(callTool(place, found, params.arguments ?? {}, onFault))
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: documents.map(({ read: _, ...described }) => described),
  }))
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const found = documents.find((one) => one.uri === uri)
    if (found === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no resource ${uri}.`)
    }
    const text = await counted(found.read())
    return { contents: [{ uri, mimeType: found.mimeType, text }] }
  })
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: PROMPTS.map(({ arguments: args, write: _, ...described }) => ({
      ...described,
      arguments: [...args],
    })),
  }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { arguments: args = {}, name } }) => {
    const found = PROMPTS.find((one) => one.name === name)
    if (found === undefined) throw new McpError(ErrorCode.InvalidParams, `No prompt is ${name}.`)
    const missing = found.arguments.find((one) => one.required && args[one.name] === undefined)
    if (missing !== undefined) {
      throw new McpError(ErrorCode.InvalidParams, `${missing.name} is needed.`)
    }
    const text = found.write(args)
    return {
      description: found.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
    }
  })
  server.onerror = onFault

  const ended = Promise.withResolvers<void>()
  process.stdin.once('end', ended.resolve).once('close', ended.resolve)
  // Whoever reads the answers has gone.
  process.stdout.once('error', () => ended.resolve())
  await server.connect(new StdioServerTransport())
  return {
    ended: ended.promise,
    close: async () => {
      // What came last is handed to its handler in a turn of its own, and so is each answer written.
      await turn()
      while (underWay.size > 0) await Promise.allSettled(underWay)
      await turn()
      await server.close()
    },
  }
}

function turn(): Promise<void> {
  return new Promise((turned) => setImmediate(turned))
}

/** A tool as it is offered, with the arguments that all tools have. */
type OfferedTool = {
  readonly description: ToolDescription
  readonly tool: Tool
  readonly check: (args: Readonly<Record<string, unknown>>) => ToolProblem | undefined
}

function offeredTools({ isControlled }: Place): readonly OfferedTool[] {
  const hidden = isControlled ? 'uncontrolled' : 'controlled'
  const all = [SESSION_TOOLS, PAYMENT_TOOLS, EVENT_TOOLS, SANDBOX_TOOLS, TRAFFIC_TOOLS]
  const account = Type.Optional(
    Type.String({
      pattern: '^\\d{1,16}$',
      description: isControlled
        ? 'The account that is meant. Default: the IN account; sandbox_facts has the US one.'
        : 'The account that is meant.',
    }),
  )
  const tenant = Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,49}$',
      description: 'A sandbox that create_tenant made. Default: the sandbox itself.',
    }),
  )
  return all
    .flat()
    .filter(({ where }) => where !== hidden)
    .map((tool) => {
      const { description, effect, input, isIdempotent, name, output, title } = tool
      const schema = Type.Object(
        { ...input, account_id: account, ...(isControlled && { tenant }) },
        { additionalProperties: false },
      )
      return {
        tool,
        check: createArgumentCheck(schema),
        description: {
          name,
          title,
          description,
          inputSchema: plainJson(schema) as ToolDescription['inputSchema'],
          outputSchema: plainJson(Type.Object(output)) as NonNullable<
            ToolDescription['outputSchema']
          >,
          annotations: {
            title,
            readOnlyHint: effect === 'reads',
            destructiveHint: effect === 'destroys',
            idempotentHint: isIdempotent,
            // A sandbox reaches nothing but the machine it runs on.
            openWorldHint: !isControlled,
          },
        },
      }
    })
}

/** A schema that every client reads: without keywords of our own, and with a type where a list of texts says it. */
function plainJson(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => {
    if (name.startsWith('x-')) return undefined
    if (typeof value !== 'object' || value === null || !('enum' in value)) return value
    return Array.isArray(value.enum) ? { type: 'string', ...value } : value
  })
}

async function callTool(
  place: Place,
  { check, tool }: OfferedTool,
  args: Readonly<Record<string, unknown>>,
  onFault: (error: unknown) => void,
): Promise<CallToolResult> {
  const wrong = check(args)
  if (wrong !== undefined) return problemResult(wrong)
  const { account_id: account, tenant, ...own } = args as Readonly<Record<string, string>>
  try {
    const reached = await place.reach(tenant, account)
    const answer = bounded(await tool.run(reached, own as never))
    return {
      content: [{ type: 'text', text: JSON.stringify(answer) }],
      structuredContent: answer,
    }
  } catch (error) {
    const problem = problemFrom(error)
    if (problem !== undefined) return problemResult(problem)
    onFault(error)
    return problemResult({ code: 'internal_error', message: 'Something went wrong on our side.' })
  }
}

function problemResult(problem: ToolProblem): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(problem) }], isError: true }
}

const SANDBOX_INSTRUCTIONS = `Paydesk is a payment service that speaks the Zoho Payments API. This is a sandbox of it: everything is real but the money, so try what you like. sandbox_facts has the address and credentials to configure an application with. create_session and play_attempt do what merchants and customers do; advance_clock brings about what takes time: retries of webhooks, refunds, expiry. get_session says what came of a session, list_requests what was sent. Amounts are texts in major units. The guides are resources.`

const LIVE_INSTRUCTIONS = `Paydesk is a payment service that speaks the Zoho Payments API. This server is not a sandbox that you can control, and may move real money: ask before you create, cancel or refund anything. get_session says what came of a session, get_event what was delivered of an event. Amounts are texts in major units. The guides are resources.`
