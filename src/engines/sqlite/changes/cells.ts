// What lies beyond the bytes counts as 0: a page that only looks like one can say anything.
export const twoBytes = (bytes: Buffer, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
export const fourBytes = (bytes: Buffer, at: number) => twoBytes(bytes, at) * 65_536 + twoBytes(bytes, at + 2);

/** A number in SQLite's own form of one to nine bytes, and where it ends. As a Number it is exact up to seven. */
function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let end = at; end < at + 7; ) {
    const byte = bytes[end++] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end };
  }
  return { value: Number.NaN, end: (bytes[at + 7] ?? 0) < 0x80 ? at + 8 : at + 9 };
}

/** Where the cells of a leaf are listed, and those of an inner page. */
const LISTED = 8;
const LISTED_INNER = 12;

/** Whether a page has room for the list of so many cells. */
export const canListLeaf = (cells: number, size: number) => LISTED + 2 * cells <= size;
export const canListInner = (cells: number, size: number) => LISTED_INNER + 2 * cells <= size;

const cellAt = (bytes: Buffer, page: number, cell: number) => page + twoBytes(bytes, page + LISTED + 2 * cell);

/** Puts the key of a leaf's row as two halves of 32 bits, the low one first. */
export function putKey(bytes: Buffer, page: number, cell: number, into: Int32Array, to: number): void {
  const at = varint(bytes, cellAt(bytes, page, cell)).end;
  const { value, end } = varint(bytes, at);
  if (!Number.isNaN(value)) {
    into[to] = value | 0;
    into[to + 1] = value / 2 ** 32;
    return;
  }
  let key = 0n;
  for (let n = at; n < Math.min(end, at + 8); n++) key = (key << 7n) | BigInt((bytes[n] ?? 0) & 0x7f);
  if (end === at + 9) key = (key << 8n) | BigInt(bytes[at + 8] ?? 0);
  into[to] = Number(BigInt.asIntN(32, key));
  into[to + 1] = Number(BigInt.asIntN(32, key >> 32n));
}

export function childrenOf(bytes: Buffer, page: number, cells: number): number[] {
  const children: number[] = [];
  for (let at = 0; at < cells; at++)
    children.push(fourBytes(bytes, page + twoBytes(bytes, page + LISTED_INNER + 2 * at)));
  return [...children, fourBytes(bytes, page + 8)];
}

/** The bytes of a leaf's largest row, however many of them stand elsewhere. */
export function widestIn(bytes: Buffer, page: number, cells: number): number {
  let widest = 0;
  for (let cell = 0; cell < cells; cell++) {
    let at = cellAt(bytes, page, cell);
    let byte = bytes[at++] ?? 0;
    // Most rows are shorter than 128 bytes, and there are many.
    let length = byte & 0x7f;
    for (let n = 0; byte >= 0x80 && n < 8; n++) {
      byte = bytes[at++] ?? 0;
      length = length * 128 + (byte & 0x7f);
    }
    if (length > widest) widest = length;
  }
  return widest;
}

/** A row that is longer than this goes on on other pages: a rule of the file format. */
export const longestWithin = (usable: number) => usable - 35;

/** For each row of a leaf that is too long for it, the first of the pages on which it goes on. */
export function overflowsOf(bytes: Buffer, page: number, cells: number, usable: number): number[] {
  const found: number[] = [];
  const most = longestWithin(usable);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  for (let cell = 0; cell < cells; cell++) {
    const { value: length, end } = varint(bytes, cellAt(bytes, page, cell));
    if (length <= most) continue;
    const fitting = least + ((length - least) % (usable - 4));
    found.push(fourBytes(bytes, varint(bytes, end).end + (fitting <= most ? fitting : least)));
  }
  return found;
}
