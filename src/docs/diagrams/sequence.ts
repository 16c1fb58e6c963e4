import { type Html, html } from '../../pages/html.ts'
import { px, renderFigure, widthOf } from './svg.ts'

type Step =
  | {
      readonly kind: 'message'
      readonly from: number
      readonly to: number
      readonly text: string
      /** True: an answer. */
      readonly isDashed: boolean
    }
  | { readonly kind: 'note'; readonly from: number; readonly to: number; readonly text: string }

/** The participants from left to right, and the steps between them. */
export type Sequence = { readonly names: readonly string[]; readonly steps: readonly Step[] }

const STEP_HEIGHT = 44
const HEAD_HEIGHT = 40
const MARGIN = 12
const GAP_MIN = 120

/**
 * Reads `participant A as Name`, `A->>B: text`, `A-->>B: text` and `Note over A,B: text`. Undefined: a line has another
 * form, or names an unknown participant.
 */
export function readSequence(lines: readonly string[]): Sequence | undefined {
  const names = new Map<string, string>()
  const steps: Step[] = []
  const indexOf = (name: string) => [...names.keys()].indexOf(name)
  for (const line of lines) {
    const participant = /^participant (\w+) as (.+)$/.exec(line)
    const message = /^(\w+)(--?)>>(\w+): (.+)$/.exec(line)
    const note = /^Note over (\w+)(?:,(\w+))?: (.+)$/.exec(line)
    if (participant !== null) {
      const [, id = '', name = ''] = participant
      names.set(id, name)
    } else if (message !== null) {
      const [, a = '', dashes, b = '', text = ''] = message
      const ends = { from: indexOf(a), to: indexOf(b) }
      if (ends.from < 0 || ends.to < 0) return undefined
      steps.push({ kind: 'message', ...ends, text, isDashed: dashes === '--' })
    } else if (note !== null) {
      const [, a = '', b = a, text = ''] = note
      const ends = { from: indexOf(a), to: indexOf(b) }
      if (ends.from < 0 || ends.to < 0) return undefined
      steps.push({ kind: 'note', ...ends, text })
    } else return undefined
  }
  return { names: [...names.values()], steps }
}

/** Draws a sequence from top to bottom. */
export function renderSequence({ names, steps }: Sequence, source: string): Html {
  const xs = columnsOf({ names, steps })
  const width = (xs.at(-1) ?? 0) + widthOf(names.at(-1) ?? '') / 2 + 12 + MARGIN
  const height = MARGIN * 2 + HEAD_HEIGHT + (steps.length + 0.5) * STEP_HEIGHT
  const name = `Messages between ${names.join(', ')}`
  return renderFigure(source, { width, height, name }, (arrow) => {
    const lines = xs.map(
      (x) =>
        html`<path class="life" d="M${px(x)} ${MARGIN + HEAD_HEIGHT}V${px(height - MARGIN)}"/>`,
    )
    const heads = names.map((text, index) => drawHead(text, xs[index] ?? 0))
    const drawings = steps.map((step, index) => {
      const y = MARGIN + HEAD_HEIGHT + (index + 0.8) * STEP_HEIGHT
      return drawStep(step, xs, y, arrow)
    })
    return html`${lines}${heads}${drawings}`
  })
}

/** The distance of two columns depends on the texts between them. */
function columnsOf({ names, steps }: Sequence): readonly number[] {
  const xs: number[] = []
  names.forEach((name, index) => {
    if (index === 0) {
      xs.push(MARGIN + widthOf(name) / 2 + 12)
      return
    }
    const before = names[index - 1] ?? ''
    let x = (xs[index - 1] ?? 0) + Math.max(GAP_MIN, (widthOf(before) + widthOf(name)) / 2 + 36)
    for (const { from, text, to } of steps) {
      const [leftEdge, right] = [Math.min(from, to), Math.max(from, to)]
      if (right === index && leftEdge < right)
        x = Math.max(x, (xs[leftEdge] ?? 0) + widthOf(text) + 28)
    }
    xs.push(x)
  })
  return xs
}

function drawHead(text: string, x: number): Html {
  // Names are bold.
  const width = widthOf(text) * 1.12 + 24
  return html`<rect class="node" x="${px(x - width / 2)}" y="${MARGIN}" width="${px(width)}" height="${HEAD_HEIGHT}" rx="10"/>
<text class="name" x="${px(x)}" y="${MARGIN + 25}" text-anchor="middle">${text}</text>`
}

function drawStep(step: Step, xs: readonly number[], y: number, arrow: string): Html {
  const [from, to] = [xs[step.from] ?? 0, xs[step.to] ?? 0]
  const middle = (from + to) / 2
  if (step.kind === 'note') {
    const width = Math.max(widthOf(step.text) + 24, Math.abs(to - from) + 40)
    return html`<rect class="note" x="${px(middle - width / 2)}" y="${px(y - 20)}" width="${px(width)}" height="30" rx="6"/>
<text class="label plain" x="${px(middle)}" y="${px(y)}" text-anchor="middle">${step.text}</text>`
  }
  const style = step.isDashed ? 'edge dashed' : 'edge'
  return html`<path class="${style}" d="M${px(from)} ${px(y)}H${px(to)}" marker-end="url(#${arrow})"/>
<text class="label" x="${px(middle)}" y="${px(y - 7)}" text-anchor="middle">${step.text}</text>`
}
