import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Exchange, ExchangeQuery } from '../client/control.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { followRequests } from './follow-requests.ts'
import { jsonOption } from './json-option.ts'
import { plain, print, printJsonLine, printNote, showTime } from './output.ts'
import { LIVE_LOGS, onServer, withControl } from './server-command.ts'
import { runUntilStop } from './stop-signal.ts'
import { applyStyle, styledStatus } from './styles.ts'

const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

type TailFlags = Flags & {
  readonly kind?: NonNullable<ExchangeQuery['kind']>
  readonly last: number
  readonly method?: (typeof HTTP_METHODS)[number]
  readonly path?: string
  readonly session?: string
  readonly status?: string
}

/** Adds `paydesk logs`. */
export function addLogsCommands(program: Command, environment: Environment): void {
  const logs = program
    .command('logs')
    .description(
      'The sandbox’s requests as they happen. `paydesk request` lists and shows them. A live server writes its own log.',
    )
  onServer(logs, 'tail')
    .description(
      'Show API calls, webhooks and calls to the processor as they happen. The command waits while the server restarts. Ctrl-C ends it. Sandbox only.',
    )
    .option('--status <list>', 'only these statuses, such as 404 or 4xx,5xx', statusesFrom)
    .addOption(new Option('--method <method>', 'only this HTTP method').choices(HTTP_METHODS))
    .option(
      '--path <text>',
      'only requests whose method and path contain this text, such as POST /payments',
    )
    .option('--session <id>', 'only requests about this payment session', idFrom)
    .addOption(
      new Option('--kind <kind>', 'only this kind').choices(['api', 'webhook', 'processor']),
    )
    .option('--last <number>', 'first show this many earlier requests', lastFrom, 10)
    .addOption(jsonOption('print each request as one line of JSON'))
    .action((flags: TailFlags) =>
      withControl(
        flags,
        environment,
        (control, { url }) =>
          runUntilStop(async (signal) => {
            const isJson = flags.json === true
            const show = (row: Exchange) => {
              if (flags.method !== undefined && row.method !== flags.method) return
              if (isJson) printJsonLine(row)
              else print(lineOf(row))
            }
            await followRequests({
              control,
              url,
              query: queryOf(flags),
              signal,
              onReady: (rows) => {
                const earlier = rows.filter(
                  ({ method }) => flags.method === undefined || method === flags.method,
                )
                for (const row of earlier.slice(0, flags.last).toReversed()) show(row)
                printNote(`Following the requests of ${url}. Ctrl-C ends it.`)
              },
              onRow: show,
              onConnection: (isConnected) =>
                printNote(
                  isConnected
                    ? 'The server is back.'
                    : 'The server does not answer. Waiting until it is back.',
                ),
            })
          }),
        LIVE_LOGS,
      ),
    )
}

function queryOf({ kind, path, session, status }: TailFlags): ExchangeQuery {
  return {
    ...(kind !== undefined && { kind }),
    ...(path !== undefined && { path }),
    ...(status !== undefined && { status }),
    ...(session !== undefined && { payments_session_id: session }),
  }
}

/** Writes a request: `14:03:22  api        201  POST /api/v1/paymentsessions  4 ms`. */
function lineOf(row: Exchange): string {
  const status = String(row.response?.status ?? 'none')
  const [path = ''] = row.path.split('?')
  const note = row.failure ?? (row.fault_id === undefined ? '' : `fault ${row.fault_id}`)
  const parts = [
    applyStyle('quiet', showTime(row.time_ms)),
    plain(row.kind).padEnd('processor'.length),
    styledStatus(plain(status).padEnd(4)),
    plain(`${row.method} ${path}`),
    applyStyle('quiet', `${row.duration_ms} ms`),
    plain(note),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function statusesFrom(text: string): string {
  if (/^[1-5](?:\d\d|xx)(?:,[1-5](?:\d\d|xx))*$/.test(text)) return text
  throw new InvalidArgumentError('It must be statuses such as 404 or 4xx,5xx.')
}

function lastFrom(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= 1_000) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 0 to 1000.')
}
