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
import { CUSTOMER_TOOLS } from './customer-tools.ts'
import { DISPUTE_TOOLS } from './dispute-tools.ts'
import { listDocuments } from './documents.ts'
import { EVENT_TOOLS } from './event-tools.ts'
import { MANDATE_TOOLS } from './mandate-tools.ts'
import { MESSAGE_TOOLS } from './message-tools.ts'
import { PAYMENT_LINK_TOOLS } from './payment-link-tools.ts'
import { PAYMENT_METHOD_TOOLS } from './payment-method-tools.ts'
import { PAYMENT_TOOLS } from './payment-tools.ts'
import { PAYOUT_TOOLS } from './payout-tools.ts'
import { PROMPTS } from './prompts.ts'
import { SANDBOX_TOOLS } from './sandbox-tools.ts'
import { SESSION_TOOLS } from './session-tools.ts'
import type { TargetServer } from './target-server.ts'
import { TERMINAL_TOOLS } from './terminal-tools.ts'
import { createArgumentCheck, limitSize, problemFrom, type Tool, type ToolProblem } from './tool.ts'
import { TRAFFIC_TOOLS } from './traffic-tools.ts'
import { VIRTUAL_ACCOUNT_TOOLS } from './virtual-account-tools.ts'

/** A running server of the Model Context Protocol. */
export type RunningMcpServer = {
  /** Resolves when the client has closed the connection. */
  readonly end: Promise<void>
  /** Finishes the calls in progress, then closes. It may be called twice. */
  readonly close: () => Promise<void>
}

/** Serves the tools to the program that started this one, on standard input and output. */
export async function serveMcp(
  target: TargetServer,
  { version, onFault }: { readonly version: string; readonly onFault: (error: unknown) => void },
): Promise<RunningMcpServer> {
  const server = new Server(
    { name: 'paydesk', title: 'Paydesk', version },
    {
      capabilities: { tools: {}, resources: {}, prompts: {} },
      instructions: target.isControlled ? SANDBOX_INSTRUCTIONS : LIVE_INSTRUCTIONS,
    },
  )
  const tools = offeredTools(target)
  const documents = listDocuments(target)
  const underWay = new Set<Promise<unknown>>()
  const trackWork = <Out>(work: Promise<Out>): Promise<Out> => {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ description }) => description),
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const tool = tools.find(({ description: { name } }) => name === params.name)
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name}.`)
    }
    return trackWork(callTool(target, tool, params.arguments ?? {}, onFault))
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: documents.map(({ read: _, ...description }) => description),
  }))
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const document = documents.find((one) => one.uri === uri)
    if (document === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `There is no resource ${uri}.`)
    }
    const text = await trackWork(document.read())
    return { contents: [{ uri, mimeType: document.mimeType, text }] }
  })
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: PROMPTS.map(({ arguments: args, write: _, ...description }) => ({
      ...description,
      arguments: [...args],
    })),
  }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { arguments: args = {}, name } }) => {
    const prompt = PROMPTS.find((one) => one.name === name)
    if (prompt === undefined)
      throw new McpError(ErrorCode.InvalidParams, `There is no prompt ${name}.`)
    const missing = prompt.arguments.find((one) => one.required && args[one.name] === undefined)
    if (missing !== undefined) {
      throw new McpError(ErrorCode.InvalidParams, `${missing.name} is required.`)
    }
    const text = prompt.write(args)
    return {
      description: prompt.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
    }
  })
  server.onerror = onFault

  const end = Promise.withResolvers<void>()
  process.stdin.once('end', end.resolve).once('close', end.resolve)
  // The client reads no more answers.
  process.stdout.once('error', () => end.resolve())
  await server.connect(new StdioServerTransport())
  return {
    end: end.promise,
    close: async () => {
      // The last request reaches its handler one turn of the event loop later. Each answer reaches the output another
      // turn later.
      await turn()
      while (underWay.size > 0) await Promise.allSettled(underWay)
      await turn()
      await server.close()
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A tool with its full description, which includes the common arguments of all tools. */
type OfferedTool = {
  readonly description: ToolDescription
  readonly tool: Tool
  readonly check: (args: Readonly<Record<string, unknown>>) => ToolProblem | undefined
}

function offeredTools({ isControlled }: TargetServer): readonly OfferedTool[] {
  const hiddenKind = isControlled ? 'uncontrolled' : 'controlled'
  const all = [
    SESSION_TOOLS,
    PAYMENT_TOOLS,
    CUSTOMER_TOOLS,
    MESSAGE_TOOLS,
    PAYOUT_TOOLS,
    DISPUTE_TOOLS,
    TERMINAL_TOOLS,
    MANDATE_TOOLS,
    PAYMENT_LINK_TOOLS,
    PAYMENT_METHOD_TOOLS,
    VIRTUAL_ACCOUNT_TOOLS,
    EVENT_TOOLS,
    SANDBOX_TOOLS,
    TRAFFIC_TOOLS,
  ]
  const account = Type.Optional(
    Type.String({
      pattern: '^\\d{1,16}$',
      description: isControlled
        ? 'The account. Default: the IN account; sandbox_facts has the US account.'
        : 'The account.',
    }),
  )
  const tenant = Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,49}$',
      description: 'The name of a tenant (see create_tenant). Default: the main sandbox.',
    }),
  )
  return all
    .flat()
    .filter(({ where }) => where !== hiddenKind)
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
            // A sandbox simulates banks and customers. By default only its webhooks can go to the internet.
            openWorldHint: !isControlled,
          },
        },
      }
    })
}

/** Makes a schema that every client can read: without our own keywords, and with a type beside each `enum`. */
function plainJson(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => {
    if (name.startsWith('x-')) return undefined
    if (typeof value !== 'object' || value === null || !('enum' in value)) return value
    return Array.isArray(value.enum) ? { type: 'string', ...value } : value
  })
}

async function callTool(
  target: TargetServer,
  { check, tool }: OfferedTool,
  args: Readonly<Record<string, unknown>>,
  onFault: (error: unknown) => void,
): Promise<CallToolResult> {
  const wrong = check(args)
  if (wrong !== undefined) return problemResult(wrong)
  const { account_id: account, tenant, ...own } = args as Readonly<Record<string, string>>
  try {
    const answer = limitSize(await tool.run(await target.targetFor(tenant, account), own as never))
    return {
      content: [{ type: 'text', text: JSON.stringify(answer) }],
      structuredContent: answer,
    }
  } catch (error) {
    const problem = problemFrom(error)
    if (problem !== undefined) return problemResult(problem)
    onFault(error)
    return problemResult({
      code: 'internal_error',
      message: 'Paydesk failed. Its log has the reason.',
    })
  }
}

function problemResult(problem: ToolProblem): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(problem) }], isError: true }
}

const SANDBOX_INSTRUCTIONS = `Paydesk is a payment service that speaks the Zoho Payments API. This is a sandbox: everything works as in live mode, but no money moves, so try anything. sandbox_facts has the address and credentials to configure an application. create_session and play_attempt do what merchants and customers do; advance_clock makes time pass, for webhook retries, refunds and expiry. get_session shows the history of a session, list_requests the requests. Amounts are texts in major units. The guides are resources.`

const LIVE_INSTRUCTIONS = `Paydesk is a payment service that speaks the Zoho Payments API. This server has no control API and may move real money: ask before each call that changes data, sends messages or moves money. get_session shows the history of a session, get_event the deliveries of an event. Amounts are texts in major units. The guides are resources.`
