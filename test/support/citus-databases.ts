/** The databases of a Citus cluster, each of which is a database on every node. */
import pg from 'pg'
import { closedWithFile } from './left-open.ts'

/** Runs one statement on a new connection, and returns the number of rows. */
export async function ask(url: string, statement: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

/**
 * Makes one Citus database out of a database on each of several servers. The first server becomes the coordinator. Each
 * database gets the extension and the addresses of the other servers.
 */
export async function joinNodes(urls: readonly string[]): Promise<void> {
  const [coordinatorUrl = '', ...workerUrls] = urls
  await Promise.all(urls.map((url) => ask(url, 'create extension citus')))
  await ask(coordinatorUrl, `select citus_set_coordinator_host(${hostAndPort(coordinatorUrl)})`)
  for (const url of workerUrls) {
    await ask(coordinatorUrl, `select citus_add_node(${hostAndPort(url)})`)
  }
}

function hostAndPort(url: string): string {
  const { hostname, port } = new URL(url)
  return `'${hostname}', ${port}`
}

const nodesOfClusters = new Map<string, Promise<readonly string[]>>()

/** Returns the URLs of a cluster's servers: the only server, or the coordinator of Citus followed by the workers. */
export function nodesOf(clusterUrl: string): Promise<readonly string[]> {
  const nodes = nodesOfClusters.get(clusterUrl) ?? readNodes(clusterUrl)
  nodesOfClusters.set(clusterUrl, nodes)
  return nodes
}

async function readNodes(clusterUrl: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: clusterUrl })
  await client.connect()
  try {
    const { rows: extensions } = await client.query(
      "select 1 from pg_extension where extname = 'citus'",
    )
    if (extensions.length === 0) return [clusterUrl]
    const { rows } = await client.query(
      'select nodename, nodeport from pg_dist_node order by groupid',
    )
    return rows.map(({ nodename, nodeport }) => {
      const url = new URL(clusterUrl)
      url.host = `${nodename}:${nodeport}`
      return url.href
    })
  } finally {
    await client.end()
  }
}

/** A database of this worker. */
type CitusDatabase = {
  readonly name: string
  /** True: it has the current schema, so that another test can use it once its rows are deleted. */
  readonly isReusable: boolean
  readonly drop: () => Promise<void>
}

/** The databases of this worker, in the order in which tests took them. */
const databases: CitusDatabase[] = []
/** The number of newest databases that no other test takes, because a test may open its database again. */
const KEPT_COUNT = 8
let createdCount = 0

/**
 * Makes a database from a template, or deletes the rows of an old unused database, which costs a tenth of a new one.
 * Returns the URL of the database.
 */
export async function takeCitusDatabase(
  nodes: readonly string[],
  template: string,
  isReusable: boolean,
): Promise<string> {
  const [coordinatorUrl = ''] = nodes
  const oldest = databases.length > KEPT_COUNT ? databases.shift() : undefined
  if (oldest !== undefined) {
    if (await isUsed(coordinatorUrl, oldest.name)) databases.push(oldest)
    else if (oldest.isReusable && isReusable) {
      databases.push(oldest)
      await deleteRows(nodes, oldest.name)
      return urlOfDatabase(coordinatorUrl, oldest.name)
    } else await oldest.drop()
  }
  createdCount += 1
  const name = `paydesk_${process.pid}_${Date.now().toString(36)}_${createdCount}`
  await createOnAll(nodes, name, template)
  const drop = closedWithFile(async () => {
    const index = databases.findIndex((one) => one.name === name)
    if (index >= 0) databases.splice(index, 1)
    await Promise.all(nodes.map((url) => ask(url, `drop database if exists ${name} with (force)`)))
  })
  databases.push({ name, isReusable, drop })
  return urlOfDatabase(coordinatorUrl, name)
}

async function isUsed(coordinatorUrl: string, name: string): Promise<boolean> {
  const connections = `select 1 from pg_stat_activity where datname = '${name}' and application_name = 'paydesk'`
  return (await ask(coordinatorUrl, connections)) > 0
}

/**
 * Deletes all rows of a node's tables: its shards, its copies of reference tables, and its local tables. The same
 * statements through the coordinator would take a hundred times as long.
 */
const DELETE_ROWS = `do $$
  declare
    names text;
  begin
    select string_agg(cast(c.oid as regclass)::text, ', ') into names from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname <> 'schema_migrations' and pg_relation_size(c.oid) > 0
        and not exists (select 1 from pg_dist_partition p where p.logicalrelid = c.oid);
    if names is not null then
      execute 'truncate ' || names || ' cascade';
    end if;
  end $$`

/** Deletes all rows of a database, without the triggers that keep the rows of the audit log. */
async function deleteRows(nodes: readonly string[], name: string): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      const client = new pg.Client({ connectionString: urlOfDatabase(node, name) })
      await client.connect()
      try {
        await client.query(
          'set session_replication_role = replica; set citus.override_table_visibility = off; set citus.enable_manual_changes_to_shards = on',
        )
        await client.query(DELETE_ROWS)
      } finally {
        await client.end()
      }
    }),
  )
}

/**
 * Creates a database on all nodes. It copies the files of the template, because the default, which writes the pages to
 * the write-ahead log, costs more than twice as much.
 */
export async function createOnAll(
  nodes: readonly string[],
  name: string,
  template: string,
): Promise<void> {
  await Promise.all(
    nodes.map((url) => ask(url, `create database ${name} template ${template} strategy file_copy`)),
  )
}

/** Ends all connections to a database for good. PostgreSQL copies no database that has connections. */
export async function closeOnAll(nodes: readonly string[], name: string): Promise<void> {
  for (const url of nodes) {
    await ask(url, `alter database ${name} allow_connections false`)
    const look = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`
    while ((await ask(url, look)) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Returns the URL of another database of the same server. */
export function urlOfDatabase(clusterUrl: string, name: string): string {
  return clusterUrl.replace(/\/[^/]*$/, `/${name}`)
}
