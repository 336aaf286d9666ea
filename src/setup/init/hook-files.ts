import { join } from 'node:path';
import { blockIn, withBlock, withoutBlock } from './block.ts';
import { EMPTY_PLAN, type FileEdit, joinPlans, type Note, type Plan } from './plan.ts';
import type { ProjectFacts } from './project-facts.ts';
import { type HookVerb, hookLines } from './shell.ts';

export const HOOKS: readonly HookVerb[] = ['pre-commit', 'post-commit'];

const SHEBANG = '#!/bin/sh\n';
const CREATED = "# 'overwinter init' made this file; commands of your own may stand around the block.";

/** What stood before is what counts: a test that failed is not to be made good by a backup that did not. */
const GUARD = ['overwinter=$?', '[ "$overwinter" -eq 0 ] || exit "$overwinter"'];

/** Puts the block into the scripts of a folder, making those that are not there. */
export function planHookFiles(facts: ProjectFacts, name: string, folder: string): Plan {
  return joinPlans(...HOOKS.map((verb) => planHookFile(facts, name, join(folder, verb), verb)));
}

function planHookFile(facts: ProjectFacts, name: string, path: string, verb: HookVerb): Plan {
  const before = facts.files.get(path);
  const lines = hookLines(verb, facts.under);
  if (before !== undefined && !isShell(before)) return { ...EMPTY_PLAN, notes: [byHand(path, lines)] };
  const edit: FileEdit = {
    path,
    what: `the ${verb} hook`,
    before,
    after: hookText(before, name, lines),
    executable: true,
  };
  const asleep: Note = {
    text: `${path} may not be executed, so git does not run it: 'chmod +x ${path}' changes that.`,
  };
  return { edits: [edit], settings: [], notes: facts.notExecutable.has(path) ? [asleep] : [] };
}

function hookText(before: string | undefined, name: string, lines: readonly string[]): string {
  const present = blockIn(before, name);
  const ours = before === undefined || present?.includes(CREATED) === true;
  if (ours) return withBlock(before ?? SHEBANG, { name, lines: [CREATED, ...lines] });
  const at = present === undefined ? beforeTheEnd(before) : undefined;
  const guarded = present === undefined ? at === undefined : present.includes(GUARD[0] ?? '');
  return withBlock(before, { name, lines: guarded ? [...GUARD, ...lines] : lines }, at);
}

/** Undefined where the file goes, because it was made for the block alone. */
export function withoutHook(text: string, name: string): string | undefined {
  const ours = blockIn(text, name)?.includes(CREATED) === true;
  const rest = withoutBlock(text, name);
  return ours && rest === SHEBANG ? undefined : rest;
}

/** Where a script's last line ends it, what comes after that would never run. */
function beforeTheEnd(text: string): number | undefined {
  const last = [...text.matchAll(/^(?!\s*#).*\S.*$/gm)].at(-1);
  return last !== undefined && /^(exec|exit)\b/.test(last[0]) ? last.index : undefined;
}

function isShell(text: string): boolean {
  return !text.includes('\0') && (!text.startsWith('#!') || /^#!.*\b(ba|da|z|k|a)?sh\b/.test(text));
}

function byHand(path: string, lines: readonly string[]): Note {
  return { text: `${path} is no shell script and was left alone. Have it do what these lines do:`, lines };
}
