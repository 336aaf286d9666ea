import { createHash } from 'node:crypto';
import { type Mutation, roomOf } from './mutation.ts';

/** What the command line asks to be broken, and with which tests. */
export interface Wish {
  readonly count: number;
  readonly word: string;
  readonly rooms: readonly string[];
  readonly files: readonly string[];
  readonly tests: readonly string[];
  readonly missed: boolean;
}

export function wishOf(given: readonly string[], allRooms: readonly string[], usual = allRooms): Wish {
  const number = given.find((each) => /^\d+$/.test(each));
  const rooms = given.filter((each) => allRooms.includes(each));
  const files = given.filter((each) => each.startsWith('src/'));
  const tests = given.filter((each) => each.startsWith('test/'));
  const known = [number, 'missed', ...rooms, ...files, ...tests];
  return {
    count: Number(number ?? 60),
    word: given.find((each) => !known.includes(each)) ?? 'usual',
    rooms: rooms.length > 0 ? rooms : usual,
    files,
    tests,
    missed: given.includes('missed'),
  };
}

/** Whether the page tells of it: a sample of all its rooms, judged by all tests. */
export const isForPage = ({ rooms, files, tests, missed }: Wish, usual: readonly string[]): boolean =>
  rooms === usual && files.length === 0 && tests.length === 0 && !missed;

/** So many of each room, drawn by the word; or all of the files that were named; or those that were missed the last time. */
export function chosen(all: readonly Mutation[], wish: Wish, missed: readonly string[]): Mutation[] {
  if (wish.missed) return all.filter(({ key }) => missed.includes(key));
  if (wish.files.length > 0) return all.filter(({ file }) => wish.files.includes(file));
  return wish.rooms.flatMap((room) =>
    all
      .filter(({ file }) => roomOf(file) === room)
      .map((mutation) => ({ mutation, drawn: digest(wish.word, mutation.key) }))
      .sort((a, b) => (a.drawn < b.drawn ? -1 : 1))
      .slice(0, wish.count)
      .map(({ mutation }) => mutation),
  );
}

export const digest = (...texts: readonly string[]) => createHash('sha256').update(texts.join('\0')).digest('hex');
