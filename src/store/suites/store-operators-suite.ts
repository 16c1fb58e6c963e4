import { describe, expect, test } from 'vitest'
import { ACCOUNT, NOW_MS, type OpenEngine, useStore } from '../../../test/support/stored-rows.ts'
import type { OperatorRecord } from '../../domain/operator.ts'
import { OPERATOR_SESSION_MS } from '../../domain/operator-session.ts'

const OPERATOR: OperatorRecord = {
  id: 'op_0000000000000001',
  name: 'Asha ₹',
  email: 'asha@example.com',
  role: 'support',
  accountIds: [ACCOUNT],
  refundMaxMinor: 500_000n,
  accountRefundMax: new Map([[ACCOUNT, 9_007_199_254_740_993n]]),
  createdAtMs: NOW_MS,
  disabledAtMs: undefined,
  credentials: undefined,
  invitation: { tokenHash: 'hash of an invitation', endsAtMs: NOW_MS + 1_000 },
  identity: undefined,
}
const CREDENTIALS = {
  passwordHash: '$argon2id$…',
  codeSecretSealed: 'v1.sealed',
  lastCodeStep: 7,
  recoveryHashes: ['a', 'b'],
}

/** Operators and their sessions, as tests that every engine passes. */
export function operatorTests(open: OpenEngine): void {
  describe('operators', () => {
    const db = useStore(open)
    const insert = (more: Partial<OperatorRecord>) =>
      db.store.transaction((tx) => tx.operators.insert({ ...OPERATOR, ...more }))
    const insertSession = (tokenHash: string, operatorId: string, createdAtMs = NOW_MS) =>
      db.store.transaction((tx) =>
        tx.operators.insertSession({ tokenHash, operatorId, createdAtMs, seenAtMs: createdAtMs }),
      )

    test('are read back unchanged, by id, address and invitation', async () => {
      expect(await db.store.operators.areAny()).toBe(false)
      expect(await insert({})).toBe(true)
      expect(await db.store.operators.areAny()).toBe(true)
      expect(await db.store.operators.find(OPERATOR.id)).toEqual(OPERATOR)
      expect(await db.store.operators.findByEmail(OPERATOR.email)).toEqual(OPERATOR)
      expect(await db.store.operators.findByInvitation('hash of an invitation')).toEqual(OPERATOR)
      const changedOperator = {
        ...OPERATOR,
        name: 'Asha M.',
        role: 'manager' as const,
        accountIds: undefined,
        refundMaxMinor: undefined,
        accountRefundMax: undefined,
        acceptedAtMs: NOW_MS + 4,
        disabledAtMs: NOW_MS + 5,
        credentials: CREDENTIALS,
        invitation: undefined,
        identity: { issuer: 'https://id.example', subject: 'asha' },
      }
      await db.store.transaction((tx) => tx.operators.update(changedOperator))
      expect(await db.store.operators.find(OPERATOR.id)).toEqual(changedOperator)
      expect(await db.store.operators.list()).toEqual([changedOperator])
      expect(await db.store.operators.findByInvitation('hash of an invitation')).toBeUndefined()
    })

    test('have unique e-mail addresses, and invalid texts find no operator', async () => {
      const id = 'op_0000000000000002'
      expect(await insert({ id, invitation: undefined })).toBe(false)
      expect(await db.store.operators.find(id)).toBeUndefined()
      for (const text of ['', '\u0000', 'a'.repeat(300), '\ud800']) {
        expect(await db.store.operators.findByEmail(text)).toBeUndefined()
        expect(await db.store.operators.find(text)).toBeUndefined()
      }
    })

    test('are found by their identity, which is unique', async () => {
      const lock = (subject: string) =>
        db.store.transaction((tx) =>
          tx.operators.lockByIdentity({ issuer: 'https://id.example', subject }),
        )
      expect(await lock('asha')).toMatchObject({ id: OPERATOR.id })
      expect(await lock('ravi')).toBeUndefined()
      const identity = { issuer: 'https://id.example', subject: 'asha' }
      const twin = { id: 'op_0000000000000004', email: 'twin@example.com', invitation: undefined }
      expect(await insert({ ...twin, identity })).toBe(false)
    })

    test('have passkeys, which can be updated, and deleted one by one or all at once', async () => {
      const passkey = {
        credentialId: 'credential-1',
        operatorId: OPERATOR.id,
        name: 'Phone ₹',
        publicKey: 'AQID',
        signCount: 4_294_967_295,
        createdAtMs: NOW_MS,
        usedAtMs: undefined,
      }
      const second = { ...passkey, credentialId: 'credential-2', createdAtMs: NOW_MS + 1 }
      const areNew = await db.store.transaction(async (tx) => [
        await tx.operators.insertPasskey(passkey),
        await tx.operators.insertPasskey(passkey),
        await tx.operators.insertPasskey(second),
      ])
      expect(areNew).toEqual([true, false, true])
      const later = { ...passkey, signCount: 0, usedAtMs: NOW_MS + 2 }
      await db.store.transaction((tx) => tx.operators.updatePasskey(later))
      expect(await db.store.operators.listPasskeys(OPERATOR.id)).toEqual([later, second])
      expect(await db.store.operators.findPasskey('credential-1')).toEqual(later)
      await db.store.transaction((tx) => tx.operators.deletePasskey('credential-1'))
      expect(await db.store.operators.findPasskey('credential-1')).toBeUndefined()
      await db.store.transaction((tx) => tx.operators.deletePasskeys(OPERATOR.id))
      expect(await db.store.operators.listPasskeys(OPERATOR.id)).toEqual([])
    })

    test('use each challenge once', async () => {
      const use = () =>
        db.store.transaction((tx) => tx.operators.useChallenge('challenge', NOW_MS + 1_000))
      expect((await Promise.all([use(), use()])).toSorted()).toEqual([false, true])
      await db.store.deleteExpired(NOW_MS + 1_000)
      expect(await use()).toBe(false)
      await db.store.deleteExpired(NOW_MS + 2 * 60 * 60_000)
      expect(await use()).toBe(true)
    })

    test('have sessions that end one by one, all at once, or at their expiry', async () => {
      const id = 'op_0000000000000003'
      await insert({ id, email: 'ravi@example.com', invitation: undefined })
      await insertSession('one', id)
      await insertSession('two', id)
      await insertSession('old', id, NOW_MS - OPERATOR_SESSION_MS)
      await db.store.transaction((tx) => tx.operators.touchSession('one', NOW_MS + 60_000))
      expect(await db.store.operators.findSession('one')).toEqual({
        tokenHash: 'one',
        operatorId: id,
        createdAtMs: NOW_MS,
        seenAtMs: NOW_MS + 60_000,
      })
      await db.store.deleteExpired(NOW_MS)
      expect(await db.store.operators.findSession('old')).toBeUndefined()
      await db.store.transaction((tx) => tx.operators.deleteSession('one'))
      expect(await db.store.operators.findSession('one')).toBeUndefined()
      await insertSession('three', id)
      const sessions = await db.store.operators.listSessions(id)
      expect(sessions.map(({ tokenHash }) => tokenHash).toSorted()).toEqual(['three', 'two'])
      expect(await db.store.transaction((tx) => tx.operators.deleteSessions(id))).toBe(2)
      expect(await db.store.operators.findSession('two')).toBeUndefined()
    })

    test('have counts of failures, which simultaneous tries raise one after the other', async () => {
      const raise = () =>
        db.store.transaction(async (tx) => {
          const count = await tx.operators.lockCount('key')
          const failureCount = (count?.failureCount ?? 0) + 1
          await tx.operators.putCount('key', { failureCount, startedAtMs: NOW_MS })
        })
      await Promise.all(Array.from({ length: 8 }, raise))
      const read = () => db.store.transaction((tx) => tx.operators.lockCount('key'))
      expect(await read()).toEqual({ failureCount: 8, startedAtMs: NOW_MS })
      await db.store.transaction((tx) => tx.operators.deleteCount('key'))
      expect(await read()).toBeUndefined()
    })
  })
}
