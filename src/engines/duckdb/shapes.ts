import type { SchemaObject } from '../../core/manifest.ts';
import type { Shapes } from '../../core/privacy/select.ts';
import { fold } from './names.ts';
import { namesIn } from './sql-words.ts';
import type { Table } from './tables.ts';

/** What whoever decides about columns must know of the tables. */
export function shapesOf(tables: readonly Table[], schema: readonly SchemaObject[]): Shapes {
  const mentioned = (sql: string) => {
    const names = namesIn(sql);
    return new Set(tables.flatMap(({ name, key }) => (names.has(fold(name)) ? [fold(key)] : [])));
  };
  return {
    tables: tables.map((table) => ({
      name: table.key,
      kind: 'table',
      columns: table.columns.map(({ name, type, notNull, hasDefault, isGenerated }) => ({
        name,
        type,
        notNull,
        hasDefault,
        isGenerated,
        isKey: table.primary.includes(name),
      })),
      uniques: table.uniques.map(({ columns, sql }) => ({ columns, mentions: namesIn(sql) })),
      references: table.references,
      // A generated column may be computed from any that its table's definition names.
      computedFrom: () =>
        table.columns.some(({ isGenerated }) => isGenerated) ? namesIn(generatedIn(table.sql)) : new Set(),
    })),
    others: schema
      .filter(({ type }) => type === 'view' || type === 'macro')
      .map(({ type, name, table, sql }) => ({ type, name, table, mentions: () => mentioned(sql) })),
    leakingTables: () => [],
    fold,
  };
}

/** What stands behind GENERATED ALWAYS AS, to the end of what its parentheses hold. */
function generatedIn(sql: string): string {
  const parts: string[] = [];
  for (const { index } of sql.matchAll(/ GENERATED ALWAYS AS\(/g)) {
    let depth = 0;
    let at = sql.indexOf('(', index);
    const from = at;
    for (; at < sql.length; at++) {
      if (sql[at] === '(') depth++;
      if (sql[at] === ')' && --depth === 0) break;
    }
    parts.push(sql.slice(from, at + 1));
  }
  return parts.join('\n');
}
