import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** Every file below a folder, with git's objects unpacked: all that somebody who may read it can find. */
export function everythingIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return `${entry.name}\n${textOf(bytes)}`;
    })
    .join('\n');
}

/** The same with what stands in it as base64, where no word could be found. */
export function withBlobs(text: string): string {
  const blobs = [...text.matchAll(/"\$(?:blob|text)":"([^"]*)"/g)].map(([, encoded = '']) => encoded);
  return [text, ...blobs.map((each) => Buffer.from(each, 'base64').toString('latin1'))].join('\n');
}

function textOf(bytes: Buffer): string {
  try {
    return inflateSync(bytes).toString('latin1');
  } catch {
    return bytes.toString('latin1');
  }
}
