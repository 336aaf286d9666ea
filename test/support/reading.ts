import type { Reading } from '../../src/engines/engine.ts';
import { collect } from '../../src/operations/collect.ts';

export interface ReadAll {
  /** Of everything. */
  readonly digest: string;
  /** The lines of each table. */
  readonly lines: ReadonlyMap<string, string>;
}

/** Reads everything, as a backup does, and closes the reading. */
export async function readAll(reading: Reading): Promise<ReadAll> {
  const parts = new Map<string, Buffer>();
  try {
    const { digest, content } = await collect(
      reading,
      async (file, bytes) => {
        parts.set(file, Buffer.from(bytes));
        return bytes.length;
      },
      () => {},
    );
    const lines = [...content.data].map(([table, data]): [string, string] => [
      table,
      'rows' in data
        ? data.rows.map((row) => `${row}\n`).join('')
        : Buffer.concat(data.parts.map(({ file }) => parts.get(file) ?? Buffer.alloc(0))).toString(),
    ]);
    return { digest, lines: new Map(lines) };
  } finally {
    await reading.close();
  }
}
