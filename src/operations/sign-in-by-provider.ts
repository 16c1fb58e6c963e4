import { type Operator, type OperatorRecord, operatorActor } from '../domain/operator.ts'
import {
  type AccessRefusal,
  accessOf,
  type ProviderAccess,
  type ProviderClaims,
  type ProviderPerson,
  type ProviderRules,
  personOf,
  subjectOf,
} from '../domain/provider-access.ts'
import type { Random } from '../domain/random.ts'
import { operatorFields } from '../wire/operator.ts'
import { drawOperatorId } from './invite-operator.ts'
import { openOperatorSession, type SignInOrigin } from './operator-session.ts'
import type { Store, Transaction } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = {
  readonly clock: AuditDeps['clock']
  readonly random: Random
  readonly store: Pick<Store, 'operators' | 'transaction'>
}

/** A person whom a provider has identified. */
export type ProvidedPerson = SignInOrigin & {
  readonly issuer: string
  /** Verified claims of the provider. */
  readonly claims: ProviderClaims
  readonly rules: ProviderRules
}

/** The reason why a person whom the provider has identified may not sign in. */
export type ProviderRefusal =
  | AccessRefusal
  | 'no_subject'
  | 'no_email'
  | 'email_unverified'
  | 'email_taken'
  | 'disabled'

/** The result of a sign-in through a provider. The token cannot be read later. */
export type ProviderSignIn =
  | { readonly operator: Operator; readonly sessionToken: string }
  | { readonly refused: ProviderRefusal }

/**
 * Signs in the operator whose stored identity has the provider's issuer and the person's subject. The first sign-in
 * makes the operator; each one sets the role, and the accounts if the provider decides about them. An operator to whom
 * the claims give no access is refused, and their open sessions end. An e-mail address finds no operator, because its
 * owner can change.
 */
export function signInByProvider(deps: Deps, person: ProvidedPerson): Promise<ProviderSignIn> {
  const { claims, issuer, rules } = person
  const subject = subjectOf(claims)
  if (subject === undefined) return Promise.resolve({ refused: 'no_subject' })
  const access = accessOf(claims, rules)
  return deps.store.transaction(async (tx) => {
    const knownOperator = await tx.operators.lockByIdentity({ issuer, subject })
    if (knownOperator?.disabledAtMs !== undefined) return { refused: 'disabled' }
    if ('refused' in access) {
      if (knownOperator !== undefined) await endSessions(tx, deps, knownOperator)
      return access
    }
    const operator =
      knownOperator === undefined
        ? await insertOperator(tx, deps, { identity: { issuer, subject }, access, person })
        : await updateAccess(tx, deps, knownOperator, access)
    if ('refused' in operator) return operator
    return { operator, sessionToken: await openOperatorSession(tx, deps, operator, person) }
  })
}

async function endSessions(
  tx: Pick<Transaction, 'operators' | 'auditLog'>,
  { clock }: Deps,
  operator: OperatorRecord,
): Promise<void> {
  const count = await tx.operators.deleteSessions(operator.id)
  if (count === 0) return
  await writeAuditEntry(
    tx,
    { clock, actor: operatorActor(operator) },
    { action: 'operator.sign_out', objectId: operator.id, before: { sessions: count } },
  )
}

type NewIdentity = {
  readonly identity: NonNullable<OperatorRecord['identity']>
  readonly access: ProviderAccess
  readonly person: ProvidedPerson
}

async function insertOperator(
  tx: Pick<Transaction, 'operators' | 'auditLog'>,
  { clock, random }: Deps,
  { access, identity, person }: NewIdentity,
): Promise<OperatorRecord | { readonly refused: ProviderRefusal }> {
  const read: ProviderPerson | { readonly refused: ProviderRefusal } = personOf(
    person.claims,
    person.rules,
  )
  if ('refused' in read) return read
  const operator: OperatorRecord = {
    ...read,
    id: drawOperatorId(random),
    role: access.role,
    accountIds: access.accountIds === 'unchanged' ? undefined : access.accountIds,
    refundMaxMinor: undefined,
    createdAtMs: clock.nowMs(),
    disabledAtMs: undefined,
    credentials: undefined,
    invitation: undefined,
    identity,
  }
  if (!(await tx.operators.insert(operator))) {
    // A simultaneous first sign-in of the same person has stored the operator.
    return (await tx.operators.lockByIdentity(identity)) ?? { refused: 'email_taken' }
  }
  await writeAuditEntry(
    tx,
    { clock, actor: operatorActor(operator) },
    {
      action: 'operator.create',
      objectId: operator.id,
      after: { ...operatorFields(operator), provider: identity.issuer, subject: identity.subject },
    },
  )
  return operator
}

async function updateAccess(
  tx: Pick<Transaction, 'operators' | 'auditLog'>,
  { clock }: Deps,
  before: OperatorRecord,
  { accountIds, role }: ProviderAccess,
): Promise<OperatorRecord> {
  const after = { ...before, role, ...(accountIds !== 'unchanged' && { accountIds }) }
  if (JSON.stringify(operatorFields(before)) === JSON.stringify(operatorFields(after)))
    return before
  await tx.operators.update(after)
  await writeAuditEntry(
    tx,
    { clock, actor: operatorActor(after) },
    {
      action: 'operator.update',
      objectId: after.id,
      before: operatorFields(before),
      after: operatorFields(after),
    },
  )
  return after
}
