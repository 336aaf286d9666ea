import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OverwinterError } from '../../src/core/errors.ts';
import { program } from '../../src/core/hint.ts';

const FOLDER = join(import.meta.dirname, '../../src/core/problems');

type Make = (...words: unknown[]) => (cause?: unknown) => OverwinterError;

/** Every way to fail that there is. */
export const problems: [name: string, make: Make][] = [];
for (const file of readdirSync(FOLDER)) {
  if (file === 'problem.ts') continue;
  const made: Record<string, Make> = await import(join(FOLDER, file));
  problems.push(...Object.entries(made));
}

const WORDS = ['thing 1', 'thing 2', 'thing 3', 'thing 4', 'thing 5'];
/** Those that name several things at once. */
const LISTS = ['cannotFake', 'cannotLeaveOut', 'nameAmbiguous', 'storeUnknown', 'wrongKey'];
/** Those that are given numbers, or lists beside words. */
const GIVEN: ReadonlyMap<string, readonly unknown[]> = new Map([
  ['filesTooLarge', ['thing 1', 2e9, 1e9]],
  ['filesLost', ['thing 1', ['thing 2']]],
  ['copiesLeft', [['thing 1'], 'thing 2']],
  ['noRemote', ['thing 1', ['thing 2']]],
  ['usage', ['thing 1', ['thing 2']]],
  ['tableUnknown', ['thing 1', ['thing 2']]],
  ['rcloneOutOfReach', ['thing 1', 2, program('thing')]],
  ['rcloneSilent', ['thing 1', 2, program('thing')]],
  ['rcloneSaid', ['thing 1', 'thing 2', program('thing')]],
  ['driverMissing', ['thing 1', ['thing 2']]],
  ['tablesLost', ['thing 1', 'thing 2', ['thing 3']]],
  ['targetExists', ['thing 1', ['--for', 'thing 2']]],
  ['severalToChoose', ['thing 1', program('thing')]],
  ['rowsReferenced', [['thing 1'], ['thing 2']]],
  ['notConfirmed', [['thing 1'], 'thing 2']],
  ['keyOfOtherLength', ['thing 1', 'thing 2', 'thing 3', ['thing 4']]],
  ['schemaUnknown', ['thing 1', ['thing 2']]],
  ['rolesMissing', ['thing 1', ['thing 2']]],
  ['notTheirOwner', ['thing 1', 'thing 2', ['thing 3']]],
  ['databaseHeld', ['thing 1', ['thing 2']]],
  ['otherThingsNeedIt', ['thing 1', ['thing 2']]],
  ['held', ['thing 1', 'thing 2', 'thing 3', ['--db', 'thing 4']]],
  ['madeForDevelopment', ['thing 1', 'thing 2', 'thing 3', ['--db', 'thing 4']]],
  ['looksMadeUp', ['thing 1', 'thing 2', ['--db', 'thing 3']]],
]);

/** What one of them may be told, whatever it is. */
export const wordsFor = (name: string): readonly unknown[] =>
  GIVEN.get(name) ?? (LISTS.includes(name) ? WORDS.map((word) => [word]) : WORDS);
