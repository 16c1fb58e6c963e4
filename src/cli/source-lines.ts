import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Makes stack traces show the lines of the sources instead of those of the bundle in `folder`. Node's
 * `--enable-source-maps` reads all maps at the start; this function reads a map only for a stack trace.
 */
export function showSourceLines(folder: URL): void {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (file: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file))
    return maps.get(file)
  }
  Error.prepareStackTrace = (error, sites) => {
    const lines = sites.map((site) => {
      const file = site.getFileName()
      if (!file?.startsWith(folder.href)) return String(site)
      const line = site.getLineNumber() ?? 1
      const column = site.getColumnNumber() ?? 1
      const origin = mapOf(file)?.findOrigin(line, column)
      if (origin === undefined || !('fileName' in origin)) return String(site)
      const source = relative(process.cwd(), fileURLToPath(new URL(origin.fileName, folder)))
      return String(site).replace(
        `${file}:${line}:${column}`,
        `${source}:${origin.lineNumber}:${origin.columnNumber}`,
      )
    })
    return [Error.prototype.toString.call(error), ...lines.map((line) => `    at ${line}`)].join(
      '\n',
    )
  }
}

/** Undefined: the map cannot be read, for example because a newer bundle has replaced it. */
function readMap(file: string): SourceMap | undefined {
  try {
    const payload: SourceMapPayload = JSON.parse(readFileSync(fileURLToPath(`${file}.map`), 'utf8'))
    return new SourceMap(payload)
  } catch {
    return undefined
  }
}
