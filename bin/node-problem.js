// Plain JavaScript that any Node reads: an old one must be told so, not trip over the first type.
var NEEDED = 24

/** Returns the sentences about a Node that is too old for Paydesk. Undefined: this Node is new enough. */
export function nodeProblem() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return undefined
  return (
    'paydesk needs Node ' +
    NEEDED +
    ' or newer, and this is ' +
    process.version +
    '.\n' +
    'In a clone of the repository run `npm ci` (without --ignore-scripts), which brings a Node of its\n' +
    'own, and start with `npm start` or `npx paydesk`. Elsewhere install a newer Node first.'
  )
}
