/** What PostgreSQL can and a backup of it cannot, or not here. */
import { problem } from './problem.ts';

const some = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

export const schemaUnknown = problem(
  'DATABASE_FAILED',
  (label: string, what: readonly string[]) => `${label} holds what no backup could make again yet: ${some(what)}.`,
  () =>
    "Nothing was saved, because it would not have been whole. Move it into an extension, or save with 'pg_dump' beside; 'overwinter doctor' names all of it.",
);

export const schemaCircular = problem(
  'DATABASE_FAILED',
  (label: string, what: string) =>
    `${label} holds definitions that need each other in a circle: ${what} is one of them.`,
  () => "Take one of them out of the circle, as a function that names the table in a text: 'overwinter backup' then.",
);
