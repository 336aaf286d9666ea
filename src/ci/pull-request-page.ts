import { OverwinterError, reasonOf } from '../core/errors.ts';
import { markdownCode as code, markdownText } from '../core/markdown.ts';
import type { Diff } from '../operations/diff.ts';
import { diffInMarkdown } from '../operations/diff-markdown.ts';
import type { CiPart } from './report.ts';

/** A comment takes 65,536 characters. */
const MOST = 60_000;

/** What a pull request does to the backups of one database. */
export interface Changed {
  readonly part: CiPart;
  /** Why there is none where both sides cannot be compared. */
  readonly diff: Diff | { readonly why: string };
}

/** What the reviewers of a pull request are to see: of every database what differs, whether it would restore, and what is wrong. */
export function pullRequestPage(changes: readonly Changed[]): string {
  const sections = changes.map((each) => section(each, changes.length > 1));
  const lines: string[] = [];
  let left = MOST;
  for (const each of sections) {
    left -= each.length;
    if (left > 0) lines.push(each);
  }
  const more = sections.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more databases: the job's summary has them.`] : [])].join('\n\n');
}

/** Whether there is anything to say that a reviewer would miss. */
export const isWorthAComment = (changes: readonly Changed[]): boolean =>
  changes.some(({ part, diff }) => part.problem !== undefined || (!('why' in diff) && isDifferent(diff)));

function isDifferent({ tables, schema, files }: Diff): boolean {
  const beside = files === undefined ? 0 : files.added + files.changed + files.removed;
  return tables.length + schema.added.length + schema.changed.length + schema.removed.length + beside > 0;
}

function section({ part, diff }: Changed, isOneOfSeveral: boolean): string {
  const { problem, verified } = part;
  const hint = problem instanceof OverwinterError ? `\n> ${markdownText(problem.hint)}` : '';
  return [
    ...(isOneOfSeveral ? [`## ${code(part.name)}`] : []),
    ...(problem === undefined ? [] : [`> ⚠️ **${markdownText(reasonOf(problem))}**${hint}`]),
    'why' in diff ? `Rows cannot be compared: ${markdownText(diff.why)}` : diffInMarkdown(diff),
    ...(verified === undefined ? [] : [verified.ok ? '✅ It restores: tried just now.' : '❌ It does not restore.']),
  ].join('\n\n');
}
