import type { Html } from '../../pages/html.ts'
import { readGraph, renderGraph } from './graph.ts'
import { readSequence, renderSequence } from './sequence.ts'

/**
 * Draws a diagram in the notation of Mermaid: `stateDiagram-v2`, `flowchart` and `sequenceDiagram`, as far as our pages
 * use them. Undefined: a line is not understood.
 */
export function renderDiagram(source: string): Html | undefined {
  const lines = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const [kind = '', ...rest] = lines
  if (kind === 'sequenceDiagram') {
    const sequence = readSequence(rest)
    return sequence && renderSequence(sequence, source)
  }
  const isState = kind === 'stateDiagram-v2'
  if (!isState && !/^flowchart (?:TD|LR)$/.test(kind)) return undefined
  const edges = readGraph(rest)
  return edges && renderGraph(edges, source)
}
