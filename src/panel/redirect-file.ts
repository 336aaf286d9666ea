import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeLocalFolder } from '../local/place.ts';
import { html } from './html.ts';
import { writePrivately } from './private-file.ts';

/** A page on the disk that sends whoever opens it on. */
export interface RedirectFile {
  readonly file: string;
  remove(): void;
}

/**
 * Whatever starts a browser gets what it is to open as an argument, and every user of the machine can list those. So an address that
 * is a secret stands in a file which only the user can read. `lasts` is how long such an address is good.
 */
export async function redirectFile(local: string, address: string, lasts: number): Promise<RedirectFile> {
  const folder = makeLocalFolder(local, 'ui');
  removeOld(folder, lasts);
  const file = join(folder, `open-${randomBytes(12).toString('hex')}.html`);
  const page = html`<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${address}"><title>Overwinter</title></head><body><p><a href="${address}">Overwinter</a></p></body></html>`;
  await writePrivately(file, `<!doctype html>\n${page.markup}\n`);
  return { file, remove: () => rmSync(file, { force: true }) };
}

/** What a process left that was killed. */
function removeOld(folder: string, lasts: number): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (/^open-[0-9a-f]{24}\.html$/.test(name) && Date.now() - written > lasts) rmSync(file, { force: true });
  }
}
