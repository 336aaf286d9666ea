/**
 * The kinds of definitions that a schema is made of, as they are made one after the other. Those from `constraint` on are made when the
 * rows are there: for speed, and so that no trigger, rule or policy sees rows coming in.
 */
const BEFORE_ROWS = [
  'schema',
  'extension',
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

/** Whether a definition is made when the rows are there, and with it everything that follows. */
export const isAfterRows = (kind: string): boolean => AFTER_ROWS.some((each) => each === kind);
