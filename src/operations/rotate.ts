import { type Manifest, partsOf } from '../core/manifest.ts';
import { backupName, kindOf, manifestFile, POINTER_FILE } from '../core/names.ts';
import { noBackup } from '../core/problems/backups.ts';
import { encryptNotConfigured } from '../core/problems/encryption.ts';
import type { Encryption, Epoch, Wanted } from '../crypto/encryption.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { pointerTo, writePointer } from '../format/pointer.ts';
import { keyOf } from '../format/public-half.ts';
import { isSealed, storedFiles } from '../format/sealed.ts';
import { forgetEpoch, recallEpoch, rememberEpoch } from '../local/epochs.ts';
import { withLock } from '../local/lock.ts';
import type { Batch } from '../stores/store.ts';
import { type Entry, everyEntry, mustHaveParts, type Opened, openBackup, readCatalog } from './catalog.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { readPart } from './read-parts.ts';
import { fits, type Sealing, sealingWith } from './seal.ts';
import { unseal } from './unseal.ts';
import { storeSink } from './write-parts.ts';

export interface Rotated {
  readonly recipients: readonly string[];
  /** Backups that are encrypted anew, by their names before and after. */
  readonly rotated: readonly { readonly from: string; readonly to: string }[];
  readonly partsRemoved: number;
}

/**
 * Encrypts every backup that is kept, plain ones too, to whom the configuration names now, under a new secret. A backup is
 * replaced only once its successor is whole on the disk, and old parts go last: killed at any instant, all can still be opened, the
 * rest with the old keys, and the next run goes on. Throws WRONG_KEY and BACKUP_DAMAGED before anything is changed.
 */
export async function rotate(project: Project, onProgress: OnProgress = silent): Promise<Rotated> {
  const { encryption } = project;
  const wanted = encryption?.wanted;
  if (encryption === undefined || !wanted) throw encryptNotConfigured()();
  const work = (store: Batch) => rotateIn({ ...project, store }, store, encryption, wanted, onProgress);
  return withLock(project.local, project.store.id, project.wait, () => project.store.batch(work));
}

async function rotateIn(
  project: Project,
  store: Batch,
  encryption: Encryption,
  wanted: Wanted,
  onProgress: OnProgress,
): Promise<Rotated> {
  const before = await openAll(project, encryption);
  const epoch = await epochOf(project, encryption, wanted);
  const sealing = sealingWith(project, encryption, epoch, new Map(), true);
  const total = before.reduce((sum, { manifest }) => sum + manifest.metadata.rows, 0);
  const rotated: { from: string; to: string }[] = [];
  let done = 0;
  for (const opened of before) {
    const { metadata } = opened.manifest;
    if (!isUnder(epoch, opened)) {
      const { manifest, store: from } = await unseal(encryption, store, opened);
      const sink = sealing.into(storeSink(store));
      for (const part of partsOf(manifest)) await sink(part.file, await readPart(from, part));
      rotated.push({ from: opened.name, to: await replace(store, sealing, opened.name, manifest) });
    }
    done += metadata.rows;
    onProgress('saving', done, total);
  }
  const partsRemoved = await finish(project, store);
  return { recipients: epoch.recipients, rotated, partsRemoved };
}

/** Every backup, oldest first; all of them can be opened. */
async function openAll({ store }: Project, encryption: Encryption): Promise<Opened[]> {
  const catalog = await readCatalog(store);
  const every = [...catalog.unreadable, ...everyEntry(catalog)];
  if (every.length === 0) throw noBackup(store.label)();
  const names = every.map(({ name }) => name).reverse();
  const all: Opened[] = [];
  for (const name of names) {
    const opened = await openBackup(store, name);
    await mustHaveParts(store, opened);
    await unseal(encryption, store, opened);
    all.push(opened);
  }
  return all;
}

/** A rotation that was killed goes on under the secret it began with: so what it wrote is found again. */
async function epochOf({ local, store }: Project, encryption: Encryption, wanted: Wanted): Promise<Epoch> {
  const begun = recallEpoch(local, store.id, 'rotation');
  if (begun !== undefined && fits(begun, wanted) && (await encryption.trusts(begun)))
    return { ...begun, secret: Buffer.from(begun.secret, 'base64') };
  const epoch = await encryption.begin(wanted);
  const { secret, ...others } = epoch;
  rememberEpoch(local, store.id, { ...others, secret: secret.toString('base64'), content: '', files: [] }, 'rotation');
  return epoch;
}

const isUnder = ({ secret }: Epoch, { manifest }: Opened) =>
  isSealed(manifest) && manifest.envelope.key === keyOf(secret);

async function replace(store: Batch, sealing: Sealing, name: string, plain: Manifest): Promise<string> {
  const { manifest } = await sealing.manifest(plain, storeSink(store));
  const { text, digest } = writeAnyManifest(manifest);
  const kind = kindOf(name);
  const to = kind === undefined ? name : backupName(kind, new Date(plain.metadata.backup_date), digest);
  await store.publish(manifestFile(to), Buffer.from(text));
  if (to !== name) await store.remove([manifestFile(name)]);
  sealing.remember(plain);
  return to;
}

/** Moves the pointer, and removes the parts that only backups under other keys needed. */
async function finish({ local }: Project, store: Batch): Promise<number> {
  const { entries, conflicts } = await readCatalog(store);
  const open = ({ name }: Entry) => openBackup(store, name);
  const ordinary = await Promise.all(entries.map(open));
  const all = [...ordinary, ...(await Promise.all(conflicts.map(open)))];
  const [newest] = ordinary;
  if (newest !== undefined && (await store.read(POINTER_FILE)) !== undefined) {
    const pointer = pointerTo(newest.name, newest.digest, newest.manifest);
    await store.publish(POINTER_FILE, Buffer.from(writePointer(pointer)));
  }
  const needed = new Set(all.flatMap(({ manifest }) => storedFiles(manifest).map(({ file }) => file)));
  const gone = [...(await store.list('parts')).keys()].filter((file) => !needed.has(file));
  await store.remove(gone);
  forgetEpoch(local, store.id, 'rotation');
  return gone.length;
}
