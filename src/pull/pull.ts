import { blobId } from '../core/digest.ts';
import { isPartFile } from '../core/names.ts';
import { pullFailed } from '../core/problems/git.ts';
import { type Opened, openBackup } from '../operations/catalog.ts';
import type { WritableStore } from '../stores/store.ts';
import { addressOf, LIMITS, type Listed, type Listing, readListing } from './listing.ts';
import { download, Gone, type Web } from './request.ts';

export interface Pulled {
  readonly opened: Opened;
  /** How many files the backup is made of, how many of them were fetched, and how many bytes that took. */
  readonly files: number;
  readonly fetched: number;
  readonly bytes: number;
}

export interface Pull {
  /** Of the listing, as `exportAddress` makes it. */
  readonly address: URL;
  readonly token: string;
  /** Where the backup is put; empty. */
  readonly into: WritableStore;
  /** A file that is here already, by its git blob id. */
  readonly have: (id: string) => Promise<Buffer | undefined>;
}

const AT_ONCE = 6;
const ROUNDS = 4;

/**
 * Brings a running app's data here: the list of what it is made of, and those files of it that are not here yet. Every file is
 * checked against its id, so it does not matter where it came from. Throws PULL_FAILED, and what the store throws.
 */
export async function pull(web: Web, what: Pull): Promise<Pulled> {
  for (let round = 1; ; round++) {
    try {
      return await pullOnce(web, what);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      if (round >= ROUNDS) throw pullFailed(what.address.origin, 'it saves anew faster than it sends')(error);
    }
  }
}

async function listingAt(web: Web, { address, token }: Pull): Promise<{ listing: Listing; bytes: number }> {
  const source = await download(web, address, token, LIMITS.listing).catch((error: unknown) => {
    throw error instanceof Gone ? pullFailed(address.origin, `there is nothing at ${address.pathname}`)(error) : error;
  });
  const listing = readListing(source.toString('utf8'));
  if (listing === undefined) throw pullFailed(address.origin, 'what it answers is no list of files')();
  return { listing, bytes: source.length };
}

async function pullOnce(web: Web, what: Pull): Promise<Pulled> {
  const { address, token, into, have } = what;
  const { listing, bytes: asked } = await listingAt(web, what);
  let fetched = 0;
  let bytes = asked;
  const bring = async ({ path, bytes: size, id }: Listed): Promise<Buffer> => {
    const here = await have(id);
    if (here !== undefined && (await isIntact(here, size, id))) return here;
    const got = await fetchFile(web, address, token, { path, bytes: size, id });
    fetched++;
    bytes += size;
    return got;
  };
  const isManifest = ({ path }: Listed) => !isPartFile(path);
  await into.batch(async (batch) => {
    await eachOf(
      listing.files.filter((file) => !isManifest(file)),
      async (file) => batch.put(file.path, await bring(file)),
    );
    for (const file of listing.files.filter(isManifest)) await batch.publish(file.path, await bring(file));
  });
  return { opened: await openBackup(into, listing.backup), files: listing.files.length, fetched, bytes };
}

/** A wrong byte may be one of the way's: such a file is asked for once more. */
async function fetchFile(web: Web, address: URL, token: string, listed: Listed): Promise<Buffer> {
  const { path, bytes, id } = listed;
  const at = new URL(address);
  at.pathname = `${address.pathname}/${addressOf(path)}`;
  for (const last of [false, true]) {
    const got = await download(web, at, token, bytes);
    if (await isIntact(got, bytes, id)) return got;
    if (last) break;
  }
  throw pullFailed(address.origin, `${path} is not what its name promises`)();
}

const isIntact = async (got: Buffer, bytes: number, id: string) => got.length === bytes && (await blobId(got)) === id;

/** A few at a time; the first that fails stops the rest. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined && !failed; item = items[next++]) {
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
