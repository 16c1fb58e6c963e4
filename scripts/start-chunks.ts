/** The chunks of the bundle that a start of the server loads: few large ones, because each file costs a start 0.5 ms. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BundlePlugin, ChunkGroup, ModuleGraph } from './bundle-for-node.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The modules that commands on a database import. */
const COMMAND_MODULES = [
  'src/cli/main.ts',
  'src/server/core.ts',
  'src/sandbox/tenants/kept-clock.ts',
]
/** The module of all commands except a plain `serve`. */
const PROGRAM_MODULES = ['src/cli/program.ts']
/** The modules that a start imports in both modes. */
const SERVER_MODULES = [
  'src/server/serve.ts',
  'src/checkout/charge-limit.ts',
  'src/checkout/widget/routes.ts',
]
/** The modules that the start of a sandbox imports. */
const SANDBOX_MODULES = [
  'src/sandbox/console/routes.ts',
  'src/sandbox/control/control-routes.ts',
  'src/sandbox/demo/demo-shop.ts',
  'src/sandbox/log/watch-call.ts',
  'src/sandbox/log/watch-requests.ts',
  'src/sandbox/payer/payer-pages.ts',
  'src/sandbox/payer/test-panel.ts',
  'src/sandbox/start/routes.ts',
  'src/sandbox/tenants/hold-requests.ts',
  'src/sandbox/tenants/tenant.ts',
  'src/sandbox/tenants/tenants.ts',
]

/**
 * Makes the chunks of one build, and the plug-in that fills them. Commands on a database load only `core`, and live mode
 * does not load `sandbox`. The build fails if a module of the lists is gone.
 */
export function groupStartModules(): {
  readonly plugin: BundlePlugin
  readonly groups: ChunkGroup[]
} {
  const chunkOf = new Map<string, string>()
  const plugin: BundlePlugin = {
    name: 'group-start-modules',
    buildEnd() {
      const commands = importsOf(this, COMMAND_MODULES)
      const program = importsOf(this, PROGRAM_MODULES)
      const server = importsOf(this, SERVER_MODULES)
      for (const id of [...server, ...importsOf(this, SANDBOX_MODULES)]) {
        // A module of two chunks would make one of them load the other.
        if (commands.has(id) || program.has(id)) chunkOf.set(id, 'core')
        else chunkOf.set(id, server.has(id) ? 'server' : 'sandbox')
      }
      for (const id of commands) chunkOf.set(id, 'core')
    },
  }
  const groups = ['core', 'server', 'sandbox'].map((name) => ({
    name,
    test: (id: string) => chunkOf.get(id) === name,
  }))
  return { plugin, groups }
}

function importsOf(graph: ModuleGraph, paths: readonly string[]): Set<string> {
  const results = new Set<string>()
  const ids = paths.map((path) => join(ROOT, path))
  for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
    if (results.has(id)) continue
    const info = graph.getModuleInfo(id)
    if (info === null) throw new Error(`The bundle has no module ${id}`)
    results.add(id)
    ids.push(...info.importedIds)
  }
  return results
}
