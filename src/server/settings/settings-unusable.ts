/** Unusable settings: one sentence for each problem. */
export class SettingsUnusable extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
