import type { Control } from '../../client/control.ts'
import type { Exchange } from '../../client/errors.ts'
import { isObject } from '../../client/transport.ts'
import type { WebhookListener } from '../../testing/webhook-listener.ts'
import { type Fields, isDone, type ServerCall, subjectOf } from './server-call.ts'
import { NoSuchValue } from './step-values.ts'

/** The built-in receiver of an endpoint. */
export type ScenarioReceiver = {
  readonly listener: WebhookListener
  readonly answerWith: (answer: number | 'cut') => void
}

/** The sandbox that a scenario is played in, and the values of its steps so far. */
export type Stage = {
  readonly call: ServerCall
  readonly control: Control
  readonly accountId: string
  readonly values: Map<string, unknown>
  /** The built-in receivers, by the names of their endpoints. */
  readonly receivers: Map<string, ScenarioReceiver>
  /** The names of the snapshots on the server, by their names in the file. */
  readonly snapshots: Map<string, string>
  /** Makes a name that no other scenario on the server uses. */
  readonly uniqueName: (name: string) => string
  /** Does all due work. Returns the sandbox's time, in milliseconds since 1970. */
  readonly settle: () => Promise<number>
}

/** Returns the id of the object with a name. An id is returned unchanged. Throws NoSuchValue. */
export function idOf(stage: Stage, name: unknown, field: string): string {
  const text = String(name)
  if (/^\d+$/.test(text)) return text
  const value = stage.values.get(text)
  for (const object of [value, firstOf(value, 'payments'), firstOf(value, 'splits')]) {
    const id = isObject(object) ? object[field] : undefined
    if (id !== undefined) return String(id)
  }
  throw new NoSuchValue(`${text} has no ${field}.`)
}

/** Returns the fields of the object with a name. An unknown name has none. */
export function fieldsOf(stage: Stage, name: unknown): Fields {
  const value = stage.values.get(String(name))
  return isObject(value) ? value : {}
}

/** Returns the first item of a list in an object. Undefined: there is none. */
export function firstOf(value: unknown, key: string): unknown {
  const list = isObject(value) ? value[key] : undefined
  return Array.isArray(list) ? list[0] : undefined
}

/** Keeps the object of a successful answer under the name of the step, if the step has a name. */
export async function keep(
  stage: Stage,
  name: unknown,
  calling: Promise<Exchange>,
): Promise<Exchange> {
  const answer = await calling
  if (name !== undefined && isDone(answer)) stage.values.set(String(name), subjectOf(answer))
  return answer
}

/** Sends a POST to the API with the step's fields as its body. */
export function post(stage: Stage, path: string, fields: Fields): Promise<Exchange> {
  const { as: name, idempotency_key: key, of: _subject, ...body } = fields
  const headers = key === undefined ? {} : { 'idempotency-key': String(key) }
  return keep(stage, name, stage.call('POST', `/api/v1${path}`, { body, headers }))
}

/** Sends a POST to the control API. */
export function control(stage: Stage, path: string, body: unknown = {}): Promise<Exchange> {
  return stage.call('POST', `/_sandbox${path}`, { body })
}
