import { parse } from '../core/json.ts';
import { idOfPart, isPartFile, nameOfManifest } from '../core/names.ts';

/** One consistent backup as the files it is made of: what a server answers first, and a client goes by. */
export interface Listing {
  readonly backup: string;
  readonly files: readonly Listed[];
}

export interface Listed {
  /** In the store: the manifest, or a part. */
  readonly path: string;
  readonly bytes: number;
  /** The git blob id of its bytes. */
  readonly id: string;
}

const FORMAT = 1;

/** What no honest server would exceed. */
export const LIMITS = { listing: 64 * 1024 * 1024, file: 50 * 1024 * 1024, files: 250_000 } as const;

export function writeListing({ backup, files }: Listing): string {
  return `${JSON.stringify({ format: FORMAT, backup, files })}\n`;
}

/** Undefined for whatever is not one: it comes from another machine, and its paths become files here. */
export function readListing(source: string): Listing | undefined {
  const value = objectIn(source);
  if (value?.format !== FORMAT || typeof value.backup !== 'string' || !Array.isArray(value.files)) return undefined;
  const { backup } = value;
  const files = value.files.flatMap((each: unknown) => readListed(each, backup) ?? []);
  const paths = new Set(files.map(({ path }) => path));
  const sound = files.length === value.files.length && paths.size === files.length && files.length <= LIMITS.files;
  return sound && paths.has(`${backup}.json`) ? { backup, files } : undefined;
}

function objectIn(source: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parse(source);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function readListed(value: unknown, backup: string): Listed | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { path, bytes, id }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof path !== 'string' || typeof id !== 'string' || typeof bytes !== 'number') return undefined;
  const isManifest = path === `${backup}.json` && nameOfManifest(path) !== undefined;
  const isPart = isPartFile(path) && idOfPart(path) === id;
  const fits = Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= LIMITS.file;
  return (isManifest || isPart) && fits && /^[0-9a-f]{40}$/.test(id) ? { path, bytes, id } : undefined;
}

/** Where a file is asked for, after the address of the listing. */
export const addressOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
