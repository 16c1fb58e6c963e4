import pg from 'pg'

/** A statement with the parameters of its last call. */
export type RecordedStatement = { readonly text: string; readonly values: readonly unknown[] }

/** Records all statements of this process's connections while work runs. Each text is returned once. */
export async function recordStatements(
  work: () => Promise<void>,
): Promise<readonly RecordedStatement[]> {
  const statements = new Map<string, RecordedStatement>()
  const { query } = pg.Client.prototype
  // biome-ignore lint/suspicious/noExplicitAny: the driver's function has many signatures.
  pg.Client.prototype.query = function (this: pg.Client, config: any, ...more: any[]): any {
    const text = typeof config === 'string' ? config : config?.text
    if (typeof text === 'string') {
      const values = config.values ?? (Array.isArray(more[0]) ? more[0] : [])
      statements.set(text, { text, values })
    }
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    return (query as any).call(this, config, ...more)
  }
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return [...statements.values()]
}

/** Records the notices and warnings that this process's connections get while work runs. */
export async function recordNotices(work: () => Promise<void>): Promise<readonly string[]> {
  const notices: string[] = []
  const { emit } = pg.Client.prototype
  pg.Client.prototype.emit = function (this: pg.Client, name: string, ...values: unknown[]) {
    if (name === 'notice') notices.push((values[0] as { readonly message: string }).message)
    return emit.call(this, name, ...values)
  }
  try {
    await work()
  } finally {
    pg.Client.prototype.emit = emit
  }
  return notices
}

/** The machines that a statement needs: `local` for the coordinator alone, otherwise the number of tasks on shards. */
export type Reach = 'local' | number

/** Returns the reach of a statement, by its plan. Statements without a plan, such as `begin`, are local. */
export async function reachOf(
  client: pg.Client,
  { text, values }: RecordedStatement,
): Promise<Reach> {
  if (!/^\s*(?:select|insert|update|delete|with)\b/i.test(text)) return 'local'
  const { rows } = await client.query(`explain (costs off) ${text}`, [...values])
  const counts = rows.flatMap((row) => {
    const [, count] = /Task Count: (\d+)/.exec(String(row['QUERY PLAN'])) ?? []
    return count === undefined ? [] : [Number(count)]
  })
  return counts.length === 0 ? 'local' : counts.reduce((sum, count) => sum + count, 0)
}
