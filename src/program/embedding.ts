/**
 * Node's functions for embedded files. Undefined: the program does not run as a single executable. Other runtimes,
 * which can load `paydesk/testing`, have no such functions.
 */
export const embedding = findEmbedding()

function findEmbedding(): typeof import('node:sea') | undefined {
  const sea = process.getBuiltinModule('node:sea')
  return sea?.isSea() === true ? sea : undefined
}
