import { nodeProblem } from '../../bin/node-problem.js'

// The first import of each entry, so that an old Node fails with these sentences before it runs another module.
const problem = nodeProblem()
if (problem !== undefined) throw new Error(problem)
