/**
 * A marked block is what Overwinter adds to a file that is not its own. Whatever stands around it is kept to the byte, and
 * taking the block out again gives back the file as it was.
 */
export interface Block {
  /** Several apps of one repository may each have a block in the same file. */
  readonly name: string;
  readonly lines: readonly string[];
  /** Spaces before each line, where the file gives them a meaning. */
  readonly indent?: string;
}

const open = (name: string) => `# >>> ${name} >>>`;
const close = (name: string) => `# <<< ${name} <<<`;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function find(text: string, name: string): Found | undefined {
  const mark = (line: string) => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = `^[ \\t]*${mark(open(name))}\\r?$[\\s\\S]*?^[ \\t]*${mark(close(name))}(?:\\r?\\n|(?![\\s\\S]))`;
  const match = new RegExp(pattern, 'm').exec(text);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length, text: match[0] };
}

/** The block as it stands in a text, marks included; undefined where there is none. */
export function blockIn(text: string | undefined, name: string): string | undefined {
  return find(text ?? '', name)?.text;
}

/** The text with the block in it: where it was before, or at an offset where a line begins, or at the end. */
export function withBlock(text: string | undefined, block: Block, at?: number): string {
  const eol = text?.includes('\r\n') ? '\r\n' : '\n';
  const indent = (line: string) => (line === '' ? line : (block.indent ?? '') + line);
  const body = [open(block.name), ...block.lines, close(block.name)].map(indent).join(eol);
  if (text === undefined) return body + eol;
  const found = find(text, block.name);
  if (found !== undefined) {
    const end = /\n$/.test(found.text) ? eol : '';
    return text.slice(0, found.start) + body + end + text.slice(found.end);
  }
  if (at !== undefined && at < text.length) return text.slice(0, at) + body + eol + text.slice(at);
  // A last line without an end is remembered by giving the block none either.
  return text.endsWith('\n') ? text + body + eol : text + eol + body;
}

/** The text as it was before; undefined where the file was nothing but the block. */
export function withoutBlock(text: string, name: string): string | undefined {
  const found = find(text, name);
  if (found === undefined) return text;
  const before = text.slice(0, found.start);
  const after = text.slice(found.end);
  if (!/\n$/.test(found.text)) return before.replace(/\r?\n$/, '');
  return before + after === '' ? undefined : before + after;
}
