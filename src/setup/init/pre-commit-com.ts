import { blockIn, withBlock } from './block.ts';
import { HOOKS } from './hook-files.ts';
import { EMPTY_PLAN, type Note, type Plan } from './plan.ts';
import type { ProjectFacts } from './project-facts.ts';
import { hookCommand } from './shell.ts';

/** Adds to the list of repositories in `.pre-commit-config.yaml`, if that list is what the file ends with. */
export function planPreCommitCom(facts: ProjectFacts, name: string, file: string): Plan {
  const before = facts.files.get(file) ?? '';
  const indent = /^( *)- /m.exec(before.slice(Math.max(0, before.search(/^repos:/m))))?.[1];
  const lines = entryLines(facts.under);
  const install: Note = {
    text: 'pre-commit learns of the hooks from:',
    lines: ['pre-commit install -t pre-commit -t post-commit'],
  };
  const keys = [...before.matchAll(/^([\w-]+):(.*)$/gm)];
  const safe =
    /^\s*(#.*)?$/.test(keys.at(-1)?.[2] ?? 'x') && keys.at(-1)?.[1] === 'repos' && !/\t|^\.\.\./m.test(before);
  if (indent === undefined || (!safe && blockIn(before, name) === undefined))
    return { ...EMPTY_PLAN, notes: [{ text: `${file} was left alone. Add to its 'repos':`, lines }, install] };
  const after = withBlock(before, { name, lines, indent });
  const edit = { path: file, what: 'the hooks, run by pre-commit', before, after };
  return { ...EMPTY_PLAN, edits: [edit], notes: after === before ? [] : [install] };
}

function entryLines(under: string): string[] {
  const hooks = HOOKS.flatMap((verb) => [
    `    - id: overwinter-${verb}`,
    `      name: overwinter ${verb}`,
    '      language: system',
    // A JSON string is a YAML string.
    `      entry: ${JSON.stringify(`sh -c '${hookCommand(verb, under).replaceAll("'", "'\\''")}'`)}`,
    '      always_run: true',
    '      pass_filenames: false',
    `      stages: [${verb}]`,
  ]);
  return ['- repo: local', '  hooks:', ...hooks];
}
