import { OverwinterError, reasonOf } from '../core/errors.ts';
import { markdownCode as code, markdownText } from '../core/markdown.ts';
import type { Diff } from '../operations/diff.ts';
import { spanInWords } from './age.ts';
import type { CiPart, CiReport } from './report.ts';

const number = (value: number) => value.toLocaleString('en');
const count = (value: number, one: string) => `${number(value)} ${one}${value === 1 ? '' : 's'}`;
/** What a database calls its tables must not become markup or end a table's cell. */
const cell = (text: string) => code(text).replaceAll('|', '\\|');

const DONE = { saved: 'Saved', labelled: 'Labelled', kept: 'Already there' } as const;
const HEADINGS = {
  pushed: '✅ Backup pushed',
  unchanged: '✅ Backup unchanged',
  'dry-run': '✅ Backup checked (nothing was pushed)',
  failed: '❌ Backup failed',
} as const;

/**
 * The run as a page of Markdown, for people who look at a job on GitHub: of a public repository that is everybody. It counts rows and
 * shows none, and of encrypted backups it names no table either.
 */
export function summaryOf(report: CiReport): string {
  const { problem, status, parts } = report;
  const isWrong = [report, ...parts].some((each) => each.problem !== undefined);
  const heading = isWrong && status !== 'failed' ? '⚠️ Backups need attention' : HEADINGS[status];
  const several = parts.length > 1;
  const sections = parts.flatMap((part) => [
    ...(several ? [`### ${code(part.name)}`] : []),
    ...problemLines(part.problem),
    ...factLines(report, part),
    ...diffLines(part),
  ]);
  return `${[`## ${heading}`, ...problemLines(problem), ...sections].join('\n\n')}\n`;
}

function problemLines(problem: unknown): string[] {
  if (problem === undefined) return [];
  const hint = problem instanceof OverwinterError ? `\n> ${markdownText(problem.hint)}` : '';
  return [`> **${markdownText(reasonOf(problem))}**${hint}`];
}

function factLines({ status, commit, branch, pushed }: CiReport, part: CiPart): string[] {
  const { backup, verified, freshness, pulled } = part;
  const facts: [string, string][] = [['Deployed commit', code(commit.slice(0, 10))]];
  if (pulled !== undefined) {
    const how = `${number(pulled.fetched)} of ${count(pulled.files, 'file')} fetched`;
    facts.push(['Brought from', `${code(pulled.from)}, ${how}`]);
  }
  if (part.refused !== undefined) facts.push(['⚠️ Kept aside', code(part.refused.name)]);
  if (backup === undefined && part.problem === undefined && status !== 'failed') facts.push(['Backup', 'none yet']);
  if (backup !== undefined) {
    const of = backup.of === undefined ? '' : `, a label on ${code(backup.of)}`;
    facts.push([DONE[backup.how], `${code(backup.name)}${of}`]);
    facts.push(['Holds', `${count(backup.rows, 'row')} in ${count(backup.tables, 'table')}, as of ${backup.date}`]);
  }
  if (verified !== undefined)
    facts.push(['Restore drill', verified.ok ? `✅ passed with ${count(verified.rows, 'row')}` : '❌ failed']);
  if (pushed !== undefined && backup !== undefined)
    facts.push(['Pushed to', `${code(branch)} as ${code(pushed.slice(0, 10))}`]);
  if (freshness?.ageSeconds !== undefined && freshness.newest !== undefined) {
    const old = `${code(freshness.newest)}, ${spanInWords(freshness.ageSeconds)} old`;
    facts.push([`Newest of ${freshness.environment}`, `${freshness.stale ? '❌' : '✅'} ${old}`]);
  }
  for (const [what, list] of [
    ['Parts brought back from git', part.healed],
    ['⚠️ Parts that are lost', part.lost],
    ['Old backups removed', part.removed],
    ['⚠️ Backups that cannot be read', part.skipped],
  ] as const)
    if (list.length > 0) facts.push([what, number(list.length)]);
  return [['| | |', '|---|---|', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')];
}

function diffLines({ diff, backup }: CiPart): string[] {
  if (diff === undefined) return [];
  if (backup?.encrypted) return [`### Since ${code(diff.from)}`, inNumbers(diff)];
  const tables = diff.tables.map(
    ({ table, added, changed, removed }) =>
      `| ${cell(table)} | ${number(added)} | ${number(changed)} | ${number(removed)} |`,
  );
  const schema = schemaLines(diff.schema);
  const heading = `### Since ${code(diff.from)}`;
  if (tables.length + schema.length === 0) return [heading, 'Nothing changed.'];
  const rows = ['| Table | Added | Changed | Removed |', '|---|--:|--:|--:|', ...tables].join('\n');
  return [heading, ...(tables.length === 0 ? [] : [rows]), ...(schema.length === 0 ? [] : [schema.join('\n')])];
}

function inNumbers({ tables, schema }: Diff): string {
  const sum = (which: 'added' | 'changed' | 'removed') =>
    `${number(tables.reduce((total, each) => total + each[which], 0))} ${which}`;
  const definitions = schema.added.length + schema.changed.length + schema.removed.length;
  return `Rows: ${sum('added')}, ${sum('changed')}, ${sum('removed')}. Definitions that changed: ${number(definitions)}.`;
}

function schemaLines({ added, changed, removed }: Diff['schema']): string[] {
  return [
    ...added.map((each) => `- added: ${code(each)}`),
    ...changed.map((each) => `- changed: ${code(each)}`),
    ...removed.map((each) => `- removed: ${code(each)}`),
  ];
}
