import { relative } from 'node:path';
import type { Note } from './plan.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';

/** What an app needs at its start, so that a forgotten database comes back. */
export function startLines({ root }: ProjectFacts, { db }: Wishes): Note[] {
  const file = relative(root, db).replaceAll('\\', '/');
  return [
    {
      text: "Two lines bring the data back when the app starts. They open the database, and restore it first if it's gone:",
      lines: [
        "import { openDatabase } from 'overwinter';",
        `const db = await openDatabase('${file.replaceAll("'", "\\'")}');`,
      ],
    },
    { text: 'In any other language, before the app:', lines: ['npx overwinter auto-restore'] },
  ];
}
