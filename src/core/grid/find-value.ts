/** What is before a column's value in a line: nowhere else does an unescaped quote follow a comma or the beginning. */
export const fieldMark = (column: string): Buffer => Buffer.from(`,${JSON.stringify(column)}:`);

/** Where a column's value begins in the line from `from` to `end`; -1 where it has none. Lines are asked about in their order. */
export function valueStart(lines: Buffer, mark: Buffer): (from: number, end: number) => number {
  const length = mark.length;
  let next = -1;
  return (from, end) => {
    if (beginsWith(lines, mark, from)) return from + length;
    // Where this line has none, what was found is a later one's.
    if (next < from) {
      next = lines.indexOf(mark, from);
      if (next === -1) next = lines.length;
    }
    return next < end ? next + length : -1;
  };
}

/** The first column's mark has a brace where others have a comma. */
function beginsWith(lines: Buffer, mark: Buffer, from: number): boolean {
  for (let i = 1; i < mark.length; i++) if (lines[from + i] !== mark[i]) return false;
  return true;
}
