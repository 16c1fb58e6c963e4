// Plain JavaScript that any Node reads: an old Node must print this message, not fail at the first
// type.

/** Returns the sentences about a Node that is too old for Paydesk. Undefined: this Node is new enough. */
export function nodeProblem() {
  // Within the function, because the CommonJS entries contain its text.
  var needed = 24
  if (Number(process.versions.node.split('.')[0]) >= needed) return undefined
  return (
    'paydesk needs Node ' +
    needed +
    ' or newer, and this is ' +
    process.version +
    '.\n' +
    'In a clone of the repository run `npm ci` (without --ignore-scripts), which brings a Node of its\n' +
    'own, and start with `npm start` or `npx paydesk`. In your own project install a newer Node, or run\n' +
    '`npm install --save-dev node@26` and start with npx or a script of package.json.'
  )
}
