/** The types of the sandbox's answers, by the names that the console's views use. */
import type {
  ConsoleFacts,
  DeliveryPost,
  ExchangeMessage,
  Snapshot,
} from '../../../client/control.ts'

/** Answers of the control API. */
export type {
  ClockState,
  Exchange,
  KeptFault as Fault,
  LinkStory,
  Listener,
  MandateStory,
  SearchResult,
  SessionStory,
  SignatureSteps,
  Statistics,
  TimelineEntry,
} from '../../../client/control.ts'
/** The sandbox that the console shows. */
export type SandboxFacts = ConsoleFacts
/** A snapshot of the sandbox. */
export type KeptSnapshot = Snapshot
/** One side of an exchange. */
export type Message = ExchangeMessage
/** One POST of a delivery. */
export type Post = DeliveryPost
