import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { blobId } from '../core/digest.ts';
import { type ErrorCode, OverwinterError } from '../core/errors.ts';
import { idOfPart, isPartFile, manifestFile, nameOfManifest } from '../core/names.ts';
import { storedFiles } from '../format/sealed.ts';
import { emptyLocalFolder } from '../local/place.ts';
import { backup } from '../operations/backup.ts';
import { openBackup } from '../operations/catalog.ts';
import type { Project } from '../operations/project.ts';
import { prune } from '../operations/prune.ts';
import { folderStore } from '../stores/folder/folder-store.ts';
import { type Listing, writeListing } from './listing.ts';

/** A client that is slow may go on with what it was told about while others ask; older ones go. */
const KEPT = { last: 3, daily: 0, weekly: 0, monthly: 0 };

/**
 * Answers `GET …/export` with what the live database is made of, saved at this moment into a folder of its own, and
 * `GET …/export/FILE` with one file of it, so that a client fetches only those it lacks. Who may ask is for the caller to decide:
 * every row is in the answers. `project` is the app's, with its environment.
 */
export async function serveExport(request: Request, project: Project): Promise<Response> {
  const file = fileAsked(request);
  if (file === undefined) return failure(404, 'NOT_FOUND');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return failure(405, 'METHOD_NOT_ALLOWED', { allow: 'GET, HEAD' });
  try {
    if (file === '') return await answerListing(request, project);
    return await answerFile(request, project, file);
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    // What is wrong is for whoever runs the app; whoever asks learns its name.
    return failure((code && STATUS[code]) ?? 500, code ?? 'INTERNAL', { 'retry-after': '5' });
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = { HELD: 409, BUSY: 503, DATABASE_LOCKED: 503, DISK_FULL: 507 };

/** The file after `…/export/`, '' for the listing itself; undefined for any other address. */
function fileAsked({ url }: Request): string | undefined {
  const { pathname } = new URL(url);
  const [, encoded] = /\/export(?:\/(.*))?$/.exec(pathname) ?? [undefined, undefined];
  if (!/\/export(\/|$)/.test(pathname)) return undefined;
  try {
    const file = decodeURIComponent(encoded ?? '');
    return file === '' || isPartFile(file) || nameOfManifest(file) !== undefined ? file : undefined;
  } catch {
    // An escape that is none.
    return undefined;
  }
}

async function answerListing(request: Request, project: Project): Promise<Response> {
  const text = writeListing(await saveForPull(project));
  const tag = `"${createHash('sha256').update(text).digest('hex')}"`;
  return answer(request, Buffer.from(text), tag, 'application/json');
}

async function answerFile(request: Request, project: Project, file: string): Promise<Response> {
  const bytes = await storeOf(project).read(file);
  if (bytes === undefined) return failure(404, 'NOT_FOUND');
  return answer(request, bytes, `"${idOfPart(file) ?? (await blobId(bytes))}"`, 'application/octet-stream');
}

const storeOf = ({ local, identity }: Project) => folderStore(join(local, 'pull', identity.name));

/** Throws HELD where a restore failed: what the app has now is not its data. */
async function saveForPull(project: Project): Promise<Listing> {
  const here: Project = { ...project, store: storeOf(project) };
  const { name } = await saveInto(here);
  const { unreadable } = await prune(here, KEPT, false);
  if (unreadable.length > 0) await emptyAndSave(here);
  const { manifest } = await openBackup(here.store, name);
  const text = (await here.store.read(manifestFile(name))) ?? Buffer.alloc(0);
  const parts = storedFiles(manifest).map(({ file, bytes }) => ({ path: file, bytes, id: idOfPart(file) ?? '' }));
  const unique = [...new Map(parts.map((part) => [part.path, part])).values()];
  return {
    backup: name,
    files: [{ path: manifestFile(name), bytes: text.length, id: await blobId(text) }, ...unique],
  };
}

/** What was kept for pulls before guards nothing: whether rows may go is decided where the backup is to be kept. */
async function saveInto(here: Project) {
  try {
    return await backup(here, { kind: 'deployment', trigger: 'pull' });
  } catch (error) {
    const stale = error instanceof OverwinterError && ['BACKUP_EMPTY', 'BACKUP_SHRUNK'].includes(error.code);
    if (!stale) throw error;
    return emptyAndSave(here);
  }
}

async function emptyAndSave(here: Project) {
  emptyLocalFolder(here.local, 'pull', here.identity.name);
  return backup({ ...here, store: storeOf(here) }, { kind: 'deployment', trigger: 'pull' });
}

function answer(request: Request, bytes: Buffer, etag: string, type: string): Response {
  const headers = { ...PRIVATE, etag, 'content-type': type };
  const known = request.headers.get('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.includes(etag) || known.includes(`W/${etag}`)) return new Response(null, { status: 304, headers });
  const body = request.method === 'HEAD' ? null : new Uint8Array(bytes);
  return new Response(body, { headers: { ...headers, 'content-length': String(bytes.length) } });
}

/** Nobody on the way keeps a copy, and no browser takes it for a page. */
const PRIVATE = { 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' };

function failure(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Response {
  const body = `${JSON.stringify({ error: { code } })}\n`;
  return new Response(body, { status, headers: { ...PRIVATE, ...headers, 'content-type': 'application/json' } });
}
