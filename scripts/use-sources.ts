/**
 * Lets Node load `paydesk/…` from the sources of this repository, which has no built package:
 * `node --import ./scripts/use-sources.ts program.ts`.
 */
import { registerHooks } from 'node:module'
import { PACKAGE_ENTRIES } from './package-entries.ts'

const PACKAGE = 'paydesk/'
const sources: Readonly<Record<string, string>> = PACKAGE_ENTRIES

registerHooks({
  resolve: (name, context, next) => {
    const source = name.startsWith(PACKAGE) ? sources[name.slice(PACKAGE.length)] : undefined
    if (source === undefined) return next(name, context)
    return { url: new URL(`../${source}`, import.meta.url).href, shortCircuit: true }
  },
})
