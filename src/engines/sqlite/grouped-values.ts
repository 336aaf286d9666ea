import { endOf, startOf } from './shape.ts';

/**
 * SQLite finds a value of a JSON object by going over all that stand before it, which for every value of a wide row takes the square of
 * their number. So the values of wide rows are given to it without their labels and in groups: it passes over whole groups. What is
 * copied is SQLite's own binary form (https://sqlite.org/jsonb.html), and was looked at before.
 */
export interface Grouping {
  /** The path of the value that is the `at`-th of its row. */
  path(at: number): string;
  /** An array of rows of groups of values, of an array of objects that have `values` each. It lies in room that is used again. */
  group(rows: Buffer): Buffer;
}

/** With fewer, putting them in groups takes as long as finding them. */
const WIDE = 16;

/** An array whose size stands in four bytes after the first. */
const ARRAY = 0xeb;
const HEAD = 5;

/** Undefined for rows that are found as quickly as they are. */
export function groupingOf(values: number): Grouping | undefined {
  if (values < WIDE) return undefined;
  const size = Math.ceil(Math.sqrt(values));
  let room = Buffer.alloc(0);
  return {
    path: (at) => `$[${Math.floor(at / size)}][${at % size}]`,
    group(rows) {
      // What is added to a wide row, a head for each group, is less than the labels that go and the heads of its values.
      if (room.length < 2 * rows.length + HEAD) room = Buffer.allocUnsafe(2 * rows.length + HEAD);
      return room.subarray(0, groupInto(room, rows, size));
    },
  };
}

function groupInto(room: Buffer, rows: Buffer, size: number): number {
  let to = HEAD;
  const last = endOf(rows, 0);
  for (let row = startOf(rows, 0); row < last; ) {
    const end = endOf(rows, row);
    const rowHead = to;
    to += HEAD;
    let groupHead = to;
    let inGroup = 0;
    for (let at = startOf(rows, row); at < end; ) {
      if (inGroup === size) {
        writeHead(room, groupHead, to);
        inGroup = 0;
      }
      if (inGroup++ === 0) {
        groupHead = to;
        to += HEAD;
      }
      const value = endOf(rows, at);
      at = endOf(rows, value);
      to = copied(room, to, rows, value, at);
    }
    writeHead(room, groupHead, to);
    writeHead(room, rowHead, to);
    row = end;
  }
  writeHead(room, 0, to);
  return to;
}

function writeHead(room: Buffer, head: number, end: number): void {
  const size = end - head - HEAD;
  room[head] = ARRAY;
  room[head + 1] = size >>> 24;
  room[head + 2] = size >>> 16;
  room[head + 3] = size >>> 8;
  room[head + 4] = size;
}

/** To ask for a copy of a few bytes takes longer than to make it. */
const FEW = 64;

function copied(room: Buffer, to: number, rows: Buffer, from: number, end: number): number {
  if (end - from > FEW) return to + rows.copy(room, to, from, end);
  let at = to;
  for (let i = from; i < end; i++) room[at++] = rows[i] ?? 0;
  return at;
}
