/**
 * The kinds of definitions that a schema is made of, as they are made one after the other. Those from `constraint` on are made when the
 * rows are there: for speed, and so that no trigger, rule or policy sees rows coming in.
 */
const BEFORE_ROWS = [
  'schema',
  'extension',
  'collation',
  'dictionary',
  'configuration',
  'mapping',
  'enum',
  'domain',
  'composite',
  'range',
  'sequence',
  'function',
  'procedure',
  'table',
  'alter',
  'default',
  'partition',
  'view',
] as const;

const AFTER_ROWS = [
  'constraint',
  'index',
  'attach',
  'foreign key',
  'setting',
  'materialized view',
  'statistics',
  'rule',
  'trigger',
  'policy',
  'security',
  'comment',
  'grant',
] as const;

export const KINDS: readonly string[] = [...BEFORE_ROWS, ...AFTER_ROWS];

const RANKS = new Map(KINDS.map((kind, at) => [kind, at]));

/** Its place among the kinds. */
export const rankOf = (kind: string): number => RANKS.get(kind) ?? KINDS.length;

/** From this kind on, definitions are made when the rows are there. */
export const FIRST_AFTER_ROWS = rankOf('constraint');

/** From this kind on, they hold one table's rows against another's, or do something when rows change. */
export const FIRST_BETWEEN_TABLES = rankOf('foreign key');
