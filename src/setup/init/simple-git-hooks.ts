import { HOOKS } from './hook-files.ts';
import { EMPTY_PLAN, type Note, type Plan } from './plan.ts';
import type { ProjectFacts } from './project-facts.ts';
import { type HookVerb, hookCommand } from './shell.ts';

const KEY = 'simple-git-hooks';

/**
 * Adds to the commands in `package.json`. JSON has no comments to mark a block with, so what is added is known by its text; the
 * file is edited as text, so that it keeps its form.
 */
export function planSimpleGitHooks(facts: ProjectFacts, file: string): Plan {
  const before = facts.files.get(file) ?? '';
  let after = before;
  const notes: Note[] = [];
  for (const verb of HOOKS) {
    const next = file.endsWith('package.json') ? withCommand(after, verb, facts.under) : undefined;
    if (next === undefined) {
      const command = `${JSON.stringify(verb)}: ${JSON.stringify(hookCommand(verb, facts.under))}`;
      notes.push({ text: `${file} was left alone. Add to it:`, lines: [command] });
    } else after = next;
  }
  const edit = { path: file, what: 'the hooks, run by simple-git-hooks', before, after };
  const install: Note = { text: 'simple-git-hooks learns of the hooks from:', lines: ['npx simple-git-hooks'] };
  return { ...EMPTY_PLAN, edits: [edit], notes: after === before ? notes : [...notes, install] };
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const AND = ' && ';

/** `"pre-commit": "lint-staged && …"`; undefined where the file is not written in a way that can be edited safely. */
function withCommand(text: string, verb: HookVerb, under: string): string | undefined {
  const command = inJson(hookCommand(verb, under));
  const head = new RegExp(`"${KEY}"\\s*:\\s*\\{`).exec(text);
  if (head === null) return undefined;
  const start = head.index + head[0].length;
  const body = /^(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}/.exec(text.slice(start))?.[0];
  if (body === undefined) return undefined;
  if (body.includes(command)) return text;
  const value = new RegExp(`"${verb}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(body);
  if (value !== null) {
    const end = start + value.index + value[0].length - 1;
    return text.slice(0, end) + AND + command + text.slice(end);
  }
  // A property of its own, in front of the others and written as they are.
  const lead = /^(\s*)"/.exec(body)?.[1];
  return lead === undefined ? undefined : `${text.slice(0, start)}${lead}"${verb}": "${command}",${text.slice(start)}`;
}

/** The text as it was before. */
export function withoutCommands(text: string, under: string): string {
  return HOOKS.reduce((rest, verb) => {
    const command = inJson(hookCommand(verb, under));
    const own = new RegExp(`\\s*"${verb}": "${escaped(command)}",`);
    return rest.replace(own, '').replace(AND + command, '');
  }, text);
}
