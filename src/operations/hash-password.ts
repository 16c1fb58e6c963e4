import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../domain/random.ts'

/**
 * The cost of a hash: 46 MiB of memory in one pass. Source: OWASP Password Storage Cheat Sheet, Argon2id.
 */
const MEMORY_KIB = 47_104
const PASSES = 1
const SALT_BYTES = 16
const HASH_BYTES = 32

/** The maximum number of hashes at the same time. Each needs its memory, and a core. */
const RUNNING_MAX = 2
/** The maximum number of hashes that wait. Further ones are refused. */
const WAITING_MAX = 50

/** Too many passwords are being checked. The caller should answer 503. */
export class PasswordCheckBusy extends Error {
  constructor() {
    super('too many passwords are being checked')
  }
}

const runArgon2 = promisify(argon2)
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=1\$([\w+/]{22})\$([\w+/]{43})$/

/** A hash that no password has. An unknown operator is checked against it, so that the time reveals nothing. */
const NO_HASH = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

/**
 * Hashes a password with Argon2id. Returns the hash with its parameters, in the PHC string format. Throws
 * PasswordCheckBusy.
 */
export async function hashPassword(random: Random, password: string): Promise<string> {
  const salt = Buffer.from(random.bytes(SALT_BYTES))
  const hash = await derive(password, { salt, memory: MEMORY_KIB, passes: PASSES })
  const parts = [salt, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${parts.join('$')}`
}

/**
 * Returns true if a password has this hash. Without a stored hash it takes the same time and returns false. Throws
 * PasswordCheckBusy.
 */
export async function isPasswordRight(
  storedHash: string | undefined,
  password: string,
): Promise<boolean> {
  const parts = PHC.exec(storedHash ?? NO_HASH)
  if (parts === null) throw new Error('the stored password hash has an unknown format')
  const [, memory, passes, salt = '', hash = ''] = parts
  const derivedHash = await derive(password, {
    salt: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
  })
  return timingSafeEqual(derivedHash, Buffer.from(hash, 'base64')) && storedHash !== undefined
}

let runningCount = 0
const waiting: (() => void)[] = []

async function derive(
  password: string,
  {
    memory,
    passes,
    salt,
  }: { readonly salt: Buffer; readonly memory: number; readonly passes: number },
): Promise<Buffer> {
  if (runningCount >= RUNNING_MAX) {
    if (waiting.length >= WAITING_MAX) throw new PasswordCheckBusy()
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    runningCount += 1
  }
  try {
    // The same password can be typed with different code points, on another keyboard or system.
    const message = password.normalize('NFKC')
    return await runArgon2('argon2id', {
      message,
      nonce: salt,
      parallelism: 1,
      tagLength: HASH_BYTES,
      memory,
      passes,
    })
  } finally {
    const next = waiting.shift()
    // The next hash takes over the place.
    if (next === undefined) runningCount -= 1
    else next()
  }
}
