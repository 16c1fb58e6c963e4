import { Graph, layout } from '@dagrejs/dagre'
import { type Html, html } from '../../pages/html.ts'
import { LINE_HEIGHT, type Point, px, renderFigure, widthOf } from './svg.ts'

/** The edges of a graph between two nodes in one direction. `[*]` is the beginning as `from`, the end as `to`. */
export type Edges = {
  readonly from: string
  readonly to: string
  readonly labels: readonly string[]
}

const NODE_HEIGHT = 40
/** The size of the start and the end. */
const DOT = 18
const MARGIN = 16

/** Reads `a --> b` and `a --> b: label`. Undefined: a line has another form. */
export function readGraph(lines: readonly string[]): readonly Edges[] | undefined {
  const edges = new Map<string, { from: string; to: string; labels: string[] }>()
  for (const line of lines) {
    const match = /^(\[\*\]|\w+) --> (\[\*\]|\w+)(?:: (.+))?$/.exec(line)
    if (match === null) return undefined
    const [, from = '', to = '', label] = match
    const edge = edges.get(`${from} ${to}`) ?? { from, to, labels: [] }
    if (label !== undefined) edge.labels.push(label)
    edges.set(`${from} ${to}`, edge)
  }
  return [...edges.values()]
}

/** Draws a graph from top to bottom. Moves from a node to itself are written inside the node. */
export function renderGraph(edges: readonly Edges[], source: string): Html {
  const own = new Map(
    edges.filter(({ from, to }) => from === to).map(({ from, labels }) => [from, labels]),
  )
  const names = new Set(edges.flatMap(({ from, to }) => [startOf(from), endOf(to)]))
  const graph = new Graph()
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 44, marginx: MARGIN, marginy: MARGIN })
  for (const name of names) graph.setNode(name, sizeOf(name, own.get(name) ?? []))
  for (const { from, labels, to } of edges) {
    if (from === to) continue
    const width = Math.max(0, ...labels.map(widthOf)) + 12
    const height = labels.length * LINE_HEIGHT
    graph.setEdge(startOf(from), endOf(to), { width, height, labelpos: 'c' })
  }
  layout(graph)
  const { height = 0, width = 0 } = graph.graph()
  const kind = own.size > 0 || names.has(START) ? 'States and the moves between them' : 'Folders'
  return renderFigure(source, { height, width, name: kind }, (arrow) => {
    const drawnEdges = edges
      .filter(({ from, to }) => from !== to)
      .map(({ from, labels, to }) => {
        const { points, x, y } = graph.edge(startOf(from), endOf(to))
        return drawEdge(points, labels, { x: x ?? 0, y: y ?? 0 }, arrow)
      })
    const drawnNodes = [...names].map((name) =>
      drawNode(name, own.get(name) ?? [], graph.node(name)),
    )
    return html`${drawnEdges}${drawnNodes}`
  })
}

const START = 'start of the diagram'
const END = 'end of the diagram'
const startOf = (name: string) => (name === '[*]' ? START : name)
const endOf = (name: string) => (name === '[*]' ? END : name)
const isDot = (name: string) => name === START || name === END

function sizeOf(name: string, own: readonly string[]) {
  if (isDot(name)) return { width: DOT, height: DOT }
  const width = Math.max(widthOf(name) + 32, ...own.map((label) => widthOf(`↻ ${label}`) + 24))
  return { width, height: NODE_HEIGHT + own.length * LINE_HEIGHT }
}

type Place = Point & { readonly width: number; readonly height: number }

function drawNode(name: string, own: readonly string[], { height, width, x, y }: Place): Html {
  if (name === START) return html`<circle class="dot" cx="${px(x)}" cy="${px(y)}" r="7"/>`
  if (name === END)
    return html`<circle class="ring" cx="${px(x)}" cy="${px(y)}" r="8"/><circle class="dot" cx="${px(x)}" cy="${px(y)}" r="4.5"/>`
  const top = y - height / 2
  return html`<rect class="node" x="${px(x - width / 2)}" y="${px(top)}" width="${px(width)}" height="${px(height)}" rx="10"/>
<text class="name" x="${px(x)}" y="${px(top + 25)}" text-anchor="middle">${name}</text>
${own.map((label, index) => html`<text class="own" x="${px(x)}" y="${px(top + 42 + index * LINE_HEIGHT)}" text-anchor="middle">↻ ${label}</text>`)}`
}

function drawEdge(
  points: readonly Point[],
  labels: readonly string[],
  { x, y }: Point,
  arrow: string,
): Html {
  const top = y - (labels.length * LINE_HEIGHT) / 2 + 13
  return html`<path class="edge" d="${pathOf(points)}" marker-end="url(#${arrow})"/>
${labels.map((label, index) => html`<text class="label" x="${px(x)}" y="${px(top + index * LINE_HEIGHT)}" text-anchor="middle">${label}</text>`)}`
}

function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  const last = rest.pop()
  if (first === undefined || last === undefined) return ''
  const curves = rest.map((point, index) => {
    const next = rest[index + 1] ?? last
    const end = index === rest.length - 1 ? last : middle(point, next)
    return `Q${px(point.x)} ${px(point.y)} ${px(end.x)} ${px(end.y)}`
  })
  const line = curves.length === 0 ? `L${px(last.x)} ${px(last.y)}` : curves.join('')
  return `M${px(first.x)} ${px(first.y)}${line}`
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}
