import { render } from 'preact'
import { OperatorApp } from './operator-app.tsx'

const root = document.getElementById('app')
if (root !== null) render(<OperatorApp />, root)
