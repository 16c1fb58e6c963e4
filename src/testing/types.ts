/** The types of a sandbox's answers, taken from the schemas of its control API. */
export type {
  BankTransfer,
  ClockState,
  Decision,
  Exchange,
  ExchangeQuery,
  Fault,
  KeptFault,
  LedgerReport,
  PlayedAttempt,
  PlayedSession,
  SandboxFacts,
  SavedInstrument,
  Snapshot,
  TriggeredEvent,
  TriggeredSession,
  WireEvent,
} from '../client/control.ts'

/** A session, named by its id or its access key, or by an object that has one of them. */
export type SessionReference =
  | string
  | { readonly payments_session_id?: string; readonly access_key?: string }
