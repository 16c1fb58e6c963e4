import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerReport } from '../../domain/records.ts'
import { deriveKeys } from '../../domain/secret.ts'
import { openCopy } from '../../store/engine/data-file-copy.ts'
import { migrate } from '../../store/engine/migrate.ts'
import { openSqlite } from '../../store/engine/sqlite.ts'
import { type CopyFacts, findDamage, readCopyFacts } from '../../store/inspect-copy.ts'
import { checkLedger } from '../../store/ledger.ts'

/** The steps of a check, for the progress. */
export type CheckStep = 'pages' | 'rows' | 'migration' | 'ledger'

/** The result of a check of a copy. */
export type CopyCheck = CopyFacts & {
  readonly byteCount: number
  readonly damage: readonly string[]
  /** Undefined: the copy is damaged. */
  readonly ledger: LedgerReport | undefined
  /** Undefined: no secret key is configured, or the copied database has none, because no server had used it. */
  readonly hasConfiguredKey: boolean | undefined
}

/**
 * Checks a copy of a data file: its pages, its schema, and its ledger against its payments. The copy does not change. An
 * older copy is migrated in a temporary folder first, so that the check also tries the migration. Throws
 * DatabaseUnusable for a file that cannot be read as a Paydesk database of this version or an older one.
 */
export async function checkCopy(
  file: string,
  secretKey: Uint8Array | undefined,
  onStep: (step: CheckStep) => void,
): Promise<CopyCheck> {
  const copy = openCopy(file)
  try {
    onStep('pages')
    const damage = await findDamage(copy.sql)
    onStep('rows')
    const facts = await readCopyFacts(copy.sql, file)
    const isOld = facts.schemaVersion < facts.programSchemaVersion
    const check = async () => {
      if (isOld) return checkMigratedCopy(copy.copyTo, onStep)
      onStep('ledger')
      return checkLedger(copy.sql)
    }
    return {
      ...facts,
      byteCount: statSync(file).size,
      damage,
      ledger: damage.length === 0 ? await check() : undefined,
      hasConfiguredKey:
        secretKey === undefined || facts.secretKeyCheck === undefined
          ? undefined
          : deriveKeys(secretKey).check === facts.secretKeyCheck,
    }
  } finally {
    copy.close()
  }
}

async function checkMigratedCopy(
  copyTo: (file: string) => Promise<void>,
  onStep: (step: CheckStep) => void,
): Promise<LedgerReport> {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-check-'))
  try {
    onStep('migration')
    const copyPath = join(folder, 'copy.db')
    writeFileSync(copyPath, '', { mode: 0o600 })
    await copyTo(copyPath)
    const engine = openSqlite(copyPath)
    try {
      await migrate(engine)
      onStep('ledger')
      return await engine.snapshot((sql) => checkLedger(sql))
    } finally {
      await engine.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns true if nothing is wrong with a copy. A missing secret key is not an error of the copy. */
export function isSound({ damage, hasConfiguredKey, ledger }: CopyCheck): boolean {
  return damage.length === 0 && ledger?.discrepancies.length === 0 && hasConfiguredKey !== false
}
