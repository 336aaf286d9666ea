import { createHash } from 'node:crypto';

/**
 * What tells one set of rows from every other, whatever order they come in: databases give them in orders of their own. The hashes of all rows
 * are added up, in 192 of their bits, so a row that is missing, changed, or there twice makes another sum.
 */
export interface RowsDigest {
  add(row: string): void;
  readonly rows: number;
  readonly sums: BigUint64Array;
  equals(other: RowsDigest): boolean;
}

const SUMS = 3;

export function rowsDigest(): RowsDigest {
  // They wrap around.
  const sums = new BigUint64Array(SUMS);
  let rows = 0;
  return {
    add(row) {
      const hash = createHash('sha256').update(row).digest();
      for (let at = 0; at < SUMS; at++) sums[at] = (sums[at] ?? 0n) + hash.readBigUInt64BE(8 * at);
      rows++;
    },
    get rows() {
      return rows;
    },
    sums,
    equals: (other) => rows === other.rows && sums.join() === other.sums.join(),
  };
}
