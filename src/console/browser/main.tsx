import { render } from 'preact'
import { loadTexts } from './load-texts.ts'
import { OperatorApp } from './operator-app.tsx'

const root = document.getElementById('app')
if (root !== null) {
  await loadTexts()
  render(<OperatorApp />, root)
}
