import { relative } from 'node:path';

/** A path as somebody in this folder types it. */
export const fromHere = (cwd: string, path: string): string => relative(cwd, path).replaceAll('\\', '/') || '.';
