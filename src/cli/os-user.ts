import { hostname, userInfo } from 'node:os'
import type { AuditActor } from '../domain/audit-log.ts'
import type { Core } from '../server/core.ts'
import type { Environment } from './arguments.ts'

/** Adds the user of the operating system to a core, for the audit log. */
export function withOsUser(core: Core, environment: Environment): Core & { actor: AuditActor } {
  return { ...core, actor: osUserOf(environment) }
}

/** Returns the user who runs the command: `asha@host1`, or `root@host1 (sudo by asha)`. */
export function osUserOf(environment: Environment): AuditActor {
  const { SUDO_USER: caller } = environment
  const sudo = caller === undefined || caller === '' ? '' : ` (sudo by ${printable(caller)})`
  return { kind: 'os_user', name: `${userName()}@${hostname()}${sudo}` }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a number without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Cuts a text of the environment, and replaces all characters that are not printable ASCII. */
function printable(text: string): string {
  return text.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?')
}
