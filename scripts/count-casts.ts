/**
 * Prints the type assertions (`value as Type`) for each 1,000 lines of source, and fails above the limits: a cast
 * overrides the compiler. `npm run check` runs it.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** The maximum number of casts for each 1,000 lines, by folder. */
const LIMITS = { 'src/store': 10, src: 5 } as const

export type CastCount = { readonly casts: number; readonly lines: number; readonly per1000: number }

export function countCasts(): ReadonlyMap<keyof typeof LIMITS, CastCount> {
  return new Map([
    ['src/store', countIn('src/store')],
    ['src', countIn('src')],
  ])
}

function countIn(folder: string): CastCount {
  let casts = 0
  let lines = 0
  for (const path of globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT })) {
    if (/(?:\.test\.tsx?|-suite\.ts)$/.test(path)) continue
    const text = readFileSync(join(ROOT, path), 'utf8')
    lines += text.split('\n').length - 1
    casts += castsIn(text)
  }
  return { casts, lines, per1000: Math.round((casts / lines) * 10_000) / 10 }
}

/** Counts `as` before a type. Comments, texts and the renames of imports and exports do not count, nor does `as const`. */
function castsIn(text: string): number {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, "''")
    .replaceAll(/^(?:import|export) (?:type )?\{[^}]*\}/gm, '')
    .replaceAll(/^(?:import|export) \* as .*$/gm, '')
  return [...code.matchAll(/\bas\s+(?!const\b)[\w({['"]/g)].length
}

if (import.meta.main) {
  let isAbove = false
  for (const [folder, { casts, lines, per1000 }] of countCasts()) {
    const limit = LIMITS[folder]
    isAbove ||= per1000 >= limit
    console.log(
      `casts in ${folder}: ${casts} in ${lines} lines, ${per1000} per 1,000 (below ${limit})`,
    )
  }
  if (isAbove) process.exitCode = 1
}
