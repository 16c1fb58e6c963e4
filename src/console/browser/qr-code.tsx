import type { JSX } from 'preact'
import encodeQR from 'qr'
import { text } from './text.ts'

/** The white border around the code, in modules. Source: ISO/IEC 18004 requires four. */
const BORDER_MODULES = 4

/** A QR code with a link that downloads it as an SVG file. `what` names it for screen readers. */
export function QrCode({
  fileName,
  address,
  what,
}: {
  readonly address: string
  readonly what: string
  readonly fileName: string
}): JSX.Element {
  const { path, size } = drawCode(address)
  const file = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={what}>
        <path d={path} />
      </svg>
      <a
        class="button small"
        download={`${fileName}.svg`}
        href={`data:image/svg+xml,${encodeURIComponent(file)}`}
      >
        {text('Download as SVG')}
      </a>
    </div>
  )
}

/** Draws the dark modules as one path, and returns it with the width of the code in modules. */
function drawCode(text: string): { readonly path: string; readonly size: number } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER_MODULES })
  const path = rows.map((row, y) => drawRow(row, y)).join('')
  return { path, size: rows.length }
}

function drawRow(row: readonly boolean[], y: number): string {
  return row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join('')
}
