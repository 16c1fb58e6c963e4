import type { ProcessorFeed, Store } from '../operations/store.ts'
import type { StoreContext } from './context.ts'

/** Makes a store's functions for the lists that a processor reports. */
export const processorFeedsOf = ({ engine }: StoreContext): Store['processorFeeds'] => ({
  claim: (name, nowMs, leaseMs) =>
    engine.transaction(async (sql) => {
      await sql.run(
        'insert into processor_feeds (name, next_read_at_ms) values ($1, 0) on conflict (name) do nothing',
        [name],
      )
      const claimCount = await sql.run(
        'update processor_feeds set next_read_at_ms = $3 where name = $1 and next_read_at_ms <= $2',
        [name, nowMs, nowMs + leaseMs],
      )
      if (claimCount === 0) return undefined
      const [row] = await sql.all('select read_up_to from processor_feeds where name = $1', [name])
      return { position: typeof row?.read_up_to === 'string' ? row.read_up_to : undefined }
    }),
  put: async (name, { nextReadAtMs, position }: ProcessorFeed) => {
    await engine.transaction((sql) =>
      sql.run('update processor_feeds set read_up_to = $2, next_read_at_ms = $3 where name = $1', [
        name,
        position ?? null,
        nextReadAtMs,
      ]),
    )
  },
})
