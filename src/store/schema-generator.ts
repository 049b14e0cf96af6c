import type { Sql as Pool } from 'postgres'

type Column = Readonly<{ table_name: string; column_name: string; udt_name: string; is_nullable: string; has_default: boolean }>

const scalars: Readonly<Record<string, string>> = {
  uuid: 'string', text: 'string', varchar: 'string', inet: 'string', cidr: 'string', name: 'string', bpchar: 'string', numeric: 'string',
  int2: 'number', int4: 'number', int8: 'number', float4: 'number', float8: 'number', bool: 'boolean',
  timestamptz: 'Date', timestamp: 'Date', date: 'Date', jsonb: 'unknown', json: 'unknown', bytea: 'Uint8Array', tsvector: 'string', interval: 'string',
}

/** Reads the tables of a migrated database and writes the text of `schema.ts`. A test holds the committed file to it. */
export async function generateSchema(owner: Pool): Promise<string> {
  const columns = await owner<Column[]>`
    select c.table_name, c.column_name, c.udt_name, c.is_nullable,
      (c.column_default is not null or c.is_generated = 'ALWAYS') as has_default
    from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public'
      and not exists (select from pg_class p join pg_namespace n on n.oid = p.relnamespace
        where n.nspname = 'public' and p.relname = c.table_name and p.relispartition)
    order by c.table_name, c.ordinal_position`
  const tables = Map.groupBy(columns, (column) => column.table_name)
  const interfaces = [...tables].map(
    ([name, members]) => `export interface ${pascal(name)} {\n${members.map((column) => `  ${column.column_name}: ${typeOf(column)}\n`).join('')}}\n`,
  )
  const index = `export interface Schema {\n${[...tables.keys()].map((name) => `  ${name}: ${pascal(name)}\n`).join('')}}\n`
  const needsGenerated = columns.some((column) => column.has_default)
  const header = '// Generated from the migrated database. To renew: VIGIL_UPDATE=1 ./vigil test --only schema\n'
  return [`${header}${needsGenerated ? "import type { Generated } from 'kysely'\n" : ''}`, ...interfaces, index].join('\n')
}

function typeOf(column: Column): string {
  const isList = column.udt_name.startsWith('_')
  const scalar = scalars[isList ? column.udt_name.slice(1) : column.udt_name]
  if (scalar === undefined) throw new Error(`${column.table_name}.${column.column_name} has type ${column.udt_name}, which schema-generator.ts does not know`)
  const base = isList ? `${scalar}[]` : scalar
  // `unknown` holds null already.
  const nullable = column.is_nullable === 'YES' && base !== 'unknown' ? `${base} | null` : base
  return column.has_default ? `Generated<${nullable}>` : nullable
}

function pascal(name: string): string {
  return name.split('_').map((part) => part[0]!.toUpperCase() + part.slice(1)).join('')
}
