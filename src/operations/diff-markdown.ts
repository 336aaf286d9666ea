import { markdownCode as code } from '../core/markdown.ts';
import { visible } from '../core/visible.ts';
import { number } from '../core/words.ts';
import type { TableDiff } from './compare-table.ts';
import type { Diff } from './diff.ts';

/** A pull request's comment takes 65,536 characters. */
const MOST = 50_000;
const LINE = 160;
/** Of a database with thousands of tables. */
const MOST_TABLES = 200;

/**
 * What differs as Markdown, for a pull request: by table, with the first rows of each, and a warning where rows are gone. Of encrypted backups it
 * names no table and shows no row: who may read the pull request need not be who may read the rows.
 */
export function diffInMarkdown(diff: Diff): string {
  const { from, to, tables, schema, files, encrypted } = diff;
  const between = `from ${code(from)} to ${code(to)}`;
  const definitions = [...schema.added, ...schema.changed, ...schema.removed].length;
  if (tables.length + definitions === 0 && filesLine(files).length === 0) return `### No row differs ${between}`;
  if (encrypted)
    return [
      `### Rows that differ ${between}`,
      totals(tables),
      ...filesLine(files),
      'They are encrypted, so none is shown.',
    ].join('\n\n');
  const parts = [
    `### Rows that differ ${between}`,
    warnings(tables),
    tableOf(tables),
    definitionLines(schema),
    ...filesLine(files),
  ];
  return [...parts.filter((part) => part !== ''), ...rowsOf(tables)].join('\n\n');
}

const isEmptied = ({ rowsBefore, rowsAfter }: TableDiff) => rowsBefore > 0 && rowsAfter === 0;
/** What a database calls its tables must not end a table's cell. */
const cell = (text: string) => code(text).replaceAll('|', '\\|');
const sum = (tables: readonly TableDiff[], kind: 'added' | 'changed' | 'removed') =>
  number(tables.reduce((total, table) => total + table[kind], 0));

function warnings(tables: readonly TableDiff[]): string {
  const lines = tables
    .filter(({ removed }) => removed > 0)
    .map((each) =>
      isEmptied(each)
        ? `> ⚠️ ${code(each.table)} is empty now: ${each.rowsBefore === 1 ? 'its one row is' : `all of its ${number(each.rowsBefore)} rows are`} gone.`
        : `> ⚠️ ${code(each.table)} is without ${number(each.removed)} of the ${number(each.rowsBefore)} rows that it had.`,
    );
  return capped(lines, (more) => `> … and ${more} more tables.`).join('\n>\n');
}

/** What loses rows is said first, so that what is cut off is not that. */
const lossesFirst = (tables: readonly TableDiff[]) =>
  [...tables].sort((a, b) => Number(b.removed > 0) - Number(a.removed > 0));

function capped(lines: readonly string[], rest: (more: string) => string): readonly string[] {
  const more = lines.length - MOST_TABLES;
  return more > 0 ? [...lines.slice(0, MOST_TABLES), rest(number(more))] : lines;
}

const totals = (tables: readonly TableDiff[]) =>
  `${sum(tables, 'removed') === '0' ? '' : '⚠️ '}${sum(tables, 'added')} added, ${sum(tables, 'changed')} changed, ${sum(tables, 'removed')} removed.`;

function tableOf(tables: readonly TableDiff[]): string {
  if (tables.length === 0) return '';
  const lines = lossesFirst(tables).map(
    ({ table, added, changed, removed, rowsAfter }) =>
      `| ${cell(table)} | ${number(added)} | ${number(changed)} | ${removed > 0 ? '⚠️ ' : ''}${number(removed)} | ${number(rowsAfter)} |`,
  );
  return [
    '| Table | Added | Changed | Removed | Rows now |',
    '|:--|--:|--:|--:|--:|',
    ...capped(lines, (more) => `| … and ${more} more | | | | |`),
  ].join('\n');
}

function definitionLines({ added, changed, removed }: Diff['schema']): string {
  const lines = [
    ...added.map((each) => `- new: ${code(each)}`),
    ...changed.map((each) => `- changed: ${code(each)}`),
    ...removed.map((each) => `- ⚠️ gone: ${code(each)}`),
  ];
  return capped(lines, (more) => `- … and ${more} more`).join('\n');
}

function filesLine(files: Diff['files']): string[] {
  if (files === undefined || files.added + files.changed + files.removed === 0) return [];
  const { added, changed, removed } = files;
  return [
    `Files: ${number(added)} added, ${number(changed)} changed, ${removed > 0 ? '⚠️ ' : ''}${number(removed)} removed.`,
  ];
}

/** In a block of code nothing is a link or a mention, and a line that begins with a sign does not end it. */
function rowsOf(tables: readonly TableDiff[]): string[] {
  const blocks: string[] = [];
  let left = MOST;
  for (const { table, added, changed, removed, rows } of tables) {
    const lines = rows.flatMap(({ before, after }) => [
      ...(before === undefined ? [] : [`- ${shorten(before)}`]),
      ...(after === undefined ? [] : [`+ ${shorten(after)}`]),
    ]);
    const hidden = added + changed + removed - rows.length;
    const more = hidden > 0 ? `\n… ${number(hidden)} more` : '';
    const block = `**${code(table)}**\n\n\`\`\`diff\n${lines.join('\n')}\n\`\`\`${more}`;
    left -= block.length;
    if (lines.length > 0 && left > 0) blocks.push(block);
  }
  if (blocks.length === 0) return [];
  return [`<details><summary>The first rows of each table</summary>\n\n${blocks.join('\n\n')}\n\n</details>`];
}

function shorten(line: string): string {
  const text = visible(line.replace(/\s+/g, ' '));
  return text.length > LINE ? `${text.slice(0, LINE)}…` : text;
}
