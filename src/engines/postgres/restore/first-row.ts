const LINE_END = 10;
const QUOTE = 34;
const BACKSLASH = 92;

export interface FirstRow {
  /** More bytes of the rows. Once the first is over, the others are nothing to it. */
  see(bytes: Uint8Array): void;
  /** The names of its values, in their order; undefined where no row came. */
  keys(): readonly string[] | undefined;
}

/** What the first row calls its values. It may be longer than anybody could hold, so nothing is held but the names. */
export function firstRow(): FirstRow {
  const keys: string[] = [];
  let name: number[] = [];
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let isName = false;
  let isOver = false;
  let hasBegun = false;
  const see = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length && !isOver; at++) {
      const byte = bytes[at] ?? 0;
      hasBegun = true;
      if (isInString) {
        if (isName) name.push(byte);
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
        if (!isInString && isName) keys.push(nameIn(name));
      } else if (byte === QUOTE) {
        isInString = true;
        if (isName) name = [QUOTE];
      } else if (byte === 123) isName = ++depth === 1;
      else if (byte === 125) depth--;
      else if (byte === 44) isName = depth === 1;
      else if (byte === 58) isName = false;
      else if (byte === LINE_END) isOver = true;
    }
  };
  return { see, keys: () => (hasBegun ? keys : undefined) };
}

/** What is no name is told by whoever reads the row. */
function nameIn(bytes: readonly number[]): string {
  try {
    return String(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return '';
  }
}
