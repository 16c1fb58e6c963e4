import type { Account } from '../../domain/account.ts'
import { statusAt } from '../../domain/payment-session.ts'
import {
  TERMINAL_SESSION_SECONDS,
  type TerminalMethod,
  terminalMethodsOf,
} from '../../domain/terminal.ts'
import type { PaymentSessionRecord, Store } from '../../operations/store.ts'

/** A session that a terminal shows. */
export type TerminalSession = {
  readonly session: PaymentSessionRecord
  readonly account: Account
  /** The methods that the terminal offers for it. */
  readonly methods: readonly TerminalMethod[]
}

/** The maximum number of sessions of an account that are searched. */
const SEARCHED_COUNT_MAX = 200

/** Lists the sessions of a terminal that can be paid now, newest first. */
export async function openSessionsOf(
  {
    clock,
    store,
  }: {
    readonly clock: { readonly nowMs: () => number }
    readonly store: Pick<Store, 'accounts' | 'paymentSessions'>
  },
  terminalId: string,
): Promise<readonly TerminalSession[]> {
  const nowMs = clock.nowMs()
  const accounts = (await store.accounts.list()).filter(({ edition }) => edition === 'IN')
  const open = await Promise.all(
    accounts.map(async (account) => {
      // Older sessions have ended.
      const createdFromMs = nowMs - TERMINAL_SESSION_SECONDS * 1000
      const { items } = await store.paymentSessions.list(
        account.id,
        { status: 'created', createdFromMs },
        { page: 1, perPage: SEARCHED_COUNT_MAX },
        nowMs,
      )
      return items.flatMap((session) => terminalSessionOf(session, account, terminalId, nowMs))
    }),
  )
  return open.flat().toSorted((a, b) => b.session.createdAtMs - a.session.createdAtMs)
}

function terminalSessionOf(
  session: PaymentSessionRecord,
  account: Account,
  terminalId: string,
  nowMs: number,
): readonly TerminalSession[] {
  const { typeFacts } = session
  if (typeFacts?.type !== 'pos_payment' || typeFacts.terminalId !== terminalId) return []
  if (statusAt(session, nowMs) !== 'created') return []
  const methods = terminalMethodsOf(account.paymentMethods, typeFacts.method)
  return methods.length === 0 ? [] : [{ session, account, methods }]
}
