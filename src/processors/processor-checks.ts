import { CHARGE_CHECKS, type ProcessorCheck } from './checks.ts'
import { MANDATE_CHECKS } from './mandate-checks.ts'
import { REPORT_CHECKS } from './report-checks.ts'
import { SAVED_INSTRUMENT_CHECKS } from './saved-instrument-checks.ts'

/** The rules of every processor and of each capability, in reading order. */
export const PROCESSOR_CHECKS: readonly ProcessorCheck[] = [
  ...CHARGE_CHECKS,
  ...SAVED_INSTRUMENT_CHECKS,
  ...MANDATE_CHECKS,
  ...REPORT_CHECKS,
]
