import type { Saved } from '../../src/core/manifest.ts';
import type { LeftOut } from '../../src/core/privacy/left-out.ts';
import type { Database, Select, SliceSource, Staged } from '../../src/engines/engine.ts';
import { collect } from '../../src/operations/collect.ts';
import { scratch } from './scratch.ts';

/** A database as a backup would hold it. */
export interface AsBackup {
  readonly content: Saved;
  readonly digest: string;
  readonly parts: ReadonlyMap<string, Buffer>;
  readonly leftOut: LeftOut;
  /** Rows by table, with those that are left out. */
  readonly there: ReadonlyMap<string, number>;
}

export async function save(from: Pick<Database | Staged, 'read'>, select?: Select): Promise<AsBackup> {
  const reading = await from.read(scratch(), select);
  const parts = new Map<string, Buffer>();
  const sink = async (file: string, bytes: Uint8Array) => {
    parts.set(file, Buffer.from(bytes));
    return bytes.length;
  };
  try {
    const { content, digest } = await collect(reading, sink, () => {});
    const there = new Map(reading.tables.filter(({ own }) => own).map((table) => [table.name, table.there]));
    const { leftOut } = reading;
    return { content: { ...content, metadata: leftOut }, digest, parts, leftOut, there };
  } finally {
    await reading.close();
  }
}

/** The bytes of a table. */
export function bytesOf({ content, parts }: AsBackup, table: string): Buffer {
  const data = content.data.get(table) ?? { rows: [] };
  if ('rows' in data) return Buffer.from(data.rows.map((row) => `${row}\n`).join(''));
  return Buffer.concat(data.parts.map(({ file }) => parts.get(file) ?? Buffer.alloc(0)));
}

/** Whole lines, a few at a time; all of them in the first share. */
export function slicesOf(saved: AsBackup): SliceSource {
  return async function* (table, share) {
    if (share !== undefined && share.index > 0) return;
    const lines =
      bytesOf(saved, table)
        .toString('utf8')
        .match(/[^\n]*\n/g) ?? [];
    for (let at = 0; at < lines.length; at += 500) yield Buffer.from(lines.slice(at, at + 500).join(''));
  };
}
