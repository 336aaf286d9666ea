import { withBlock } from './block.ts';
import { HOOKS } from './hook-files.ts';
import { EMPTY_PLAN, type Note, type Plan } from './plan.ts';
import type { ProjectFacts } from './project-facts.ts';
import { type HookVerb, hookLines } from './shell.ts';

/**
 * Adds to `lefthook.yml`: a section of its own for a hook that has none, an entry at the end of a section's `commands` or `jobs`
 * otherwise. Anything written in another way is left alone, and the lines are shown.
 */
export function planLefthook(facts: ProjectFacts, name: string, file: string): Plan {
  const before = facts.files.get(file) ?? '';
  let after = before;
  const notes: Note[] = [];
  for (const verb of HOOKS) {
    const block = `${name} ${verb}`;
    const lines = [keyOf(facts), ...runLines(hookLines(verb, facts.under))];
    const place = /\.ya?ml$/.test(file) ? placeOf(after, block, verb) : undefined;
    if (place === undefined) notes.push(byHand(file, verb, section(verb, lines)));
    else if (place.kind === 'none') after = withBlock(after, { name: block, lines: section(verb, lines) });
    else after = withBlock(after, { name: block, lines: entry(place.kind, lines), indent: place.indent }, place.at);
  }
  const edit = { path: file, what: 'the hooks, run by lefthook', before, after };
  const install: Note = { text: 'lefthook learns of a new hook from:', lines: ['npx lefthook install'] };
  return { ...EMPTY_PLAN, edits: [edit], notes: after === before ? notes : [...notes, install] };
}

/** The names of the blocks in such a file. */
export const lefthookBlocks = (name: string): string[] => HOOKS.map((verb) => `${name} ${verb}`);

type Place =
  | { readonly kind: 'none' }
  | { readonly kind: 'commands' | 'jobs'; readonly indent: string; readonly at: number };

const runLines = (script: readonly string[]) => ['run: |', ...script.map((line) => `  ${line}`)];

const section = (verb: HookVerb, lines: readonly string[]) => [
  `${verb}:`,
  ...['commands:', ...entry('commands', lines).map((line) => `  ${line}`)].map((line) => `  ${line}`),
];

/** Apps of one repository must not have the same key. */
const keyOf = ({ under }: ProjectFacts) => ['overwinter', ...under.split(/[^A-Za-z0-9]+/)].filter(Boolean).join('-');

function entry(kind: 'commands' | 'jobs', [key, ...lines]: readonly string[]): string[] {
  const head = kind === 'commands' ? `${key}:` : `- name: ${key}`;
  return [head, ...lines.map((line) => `  ${line}`)];
}

/** Undefined where it cannot be told for certain. */
function placeOf(text: string, block: string, verb: HookVerb): Place | undefined {
  const own = new RegExp(
    `^([ ]*)# >>> ${block.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} >>>\\r?\\n[ ]*(\\S[^\\n]*)`,
    'm',
  ).exec(text);
  // Its place is known from the last time.
  if (own?.[2] !== undefined && own[1] !== undefined) {
    if (own[1] === '' && own[2].startsWith(verb)) return { kind: 'none' };
    return { kind: own[2].startsWith('-') ? 'jobs' : 'commands', indent: own[1], at: 0 };
  }
  if (/\t|^---|^\.\.\.|^[{[]/m.test(text)) return undefined;
  const lines = linesOf(text);
  const head = lines.findIndex(({ text: line }) => new RegExp(`^['"]?${verb}['"]?\\s*:`).test(line));
  if (head === -1) return { kind: 'none' };
  if (!/:\s*(#.*)?$/.test(lines[head]?.text ?? '')) return undefined;
  const inside = childrenOf(lines, head);
  const list = inside.find(({ text: line }) => /^\s+(commands|jobs):\s*(#.*)?$/.test(line));
  if (list === undefined) return undefined;
  const [first, ...rest] = childrenOf(lines, lines.indexOf(list));
  const last = rest.at(-1) ?? first;
  // A last line without an end could not be told from the block's own.
  if (first === undefined || last === undefined || !text.slice(0, last.end).endsWith('\n')) return undefined;
  return { kind: list.text.includes('jobs:') ? 'jobs' : 'commands', indent: indentOf(first.text), at: last.end };
}

interface Line {
  readonly text: string;
  /** Where the next line begins. */
  readonly end: number;
}

function linesOf(text: string): Line[] {
  return [...text.matchAll(/[^\n]*\n|[^\n]+$/g)].map((match) => ({
    text: match[0].replace(/\r?\n$/, ''),
    end: match.index + match[0].length,
  }));
}

const indentOf = (line: string) => /^ */.exec(line)?.[0] ?? '';

/** The lines that belong to a key, without blank lines and comments. */
function childrenOf(lines: readonly Line[], at: number): Line[] {
  const depth = indentOf(lines[at]?.text ?? '').length;
  const found: Line[] = [];
  for (const line of lines.slice(at + 1)) {
    if (/^\s*(#.*)?$/.test(line.text)) continue;
    if (indentOf(line.text).length <= depth) break;
    found.push(line);
  }
  return found;
}

function byHand(file: string, verb: HookVerb, lines: readonly string[]): Note {
  return { text: `${file} was left alone where it has ${verb}. Add there:`, lines };
}
