import { fnv1a } from './slices.ts';

/** The size that slices of the list aim at. */
const TARGET = 128 * 1024;

/**
 * Whether a slice of the list ends after this line: the likelier the longer it is. Only the path decides, and how long the line is, so what changed
 * in a file moves no boundary but its own.
 */
export const endsSlice = (path: string, lineBytes: number): boolean =>
  fnv1a(Buffer.from(path)) / 2 ** 32 < lineBytes / TARGET;

/** The mark of a slice, which is the same for every version of it. */
export const markOfSlice = (firstPath: string): string => fnv1a(Buffer.from(firstPath)).toString(16).padStart(8, '0');
