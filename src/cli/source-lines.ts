import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

type SourceMaps = {
  /** Reads the map of a bundled file, which is named by its URL. Throws if there is none. */
  readonly read: (file: string) => string
  /** Returns the path of a source for a stack trace. `source`: its path in the map. */
  readonly nameSource: (source: string) => string
}

/**
 * Makes stack traces show the lines of the sources instead of those of the bundled files whose URLs begin with
 * `place`. Node's `--enable-source-maps` reads all maps at the start; this function reads a map only for a stack trace.
 */
export function showSourceLines(place: URL, sourceMaps: SourceMaps = mapsBeside(place)): void {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (file: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file, sourceMaps))
    return maps.get(file)
  }
  Error.prepareStackTrace = (error, sites) => {
    const lines = sites.map((site) => {
      const file = site.getFileName()
      if (!file?.startsWith(place.href)) return String(site)
      const line = site.getLineNumber() ?? 1
      const column = site.getColumnNumber() ?? 1
      const origin = mapOf(file)?.findOrigin(line, column)
      if (origin === undefined || !('fileName' in origin)) return String(site)
      const source = sourceMaps.nameSource(origin.fileName)
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
function readMap(file: string, { read }: SourceMaps): SourceMap | undefined {
  try {
    const payload: SourceMapPayload = JSON.parse(read(file))
    return new SourceMap(payload)
  } catch {
    return undefined
  }
}

/** Sources are named relative to the current folder. */
function mapsBeside(folder: URL): SourceMaps {
  return {
    read: (file) => readFileSync(fileURLToPath(`${file}.map`), 'utf8'),
    nameSource: (source) => relative(process.cwd(), fileURLToPath(new URL(source, folder))),
  }
}
