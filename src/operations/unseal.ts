import { blobId } from '../core/digest.ts';
import { LARGEST_MANIFEST, type Manifest, type Part, partsOf } from '../core/manifest.ts';
import { idOfPart } from '../core/names.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import { wrongKey } from '../core/problems/encryption.ts';
import type { Encryption } from '../crypto/encryption.ts';
import { isSealed, type SealedManifest } from '../format/sealed.ts';
import { type Body, readBody } from '../format/sealed-body.ts';
import { cut, type ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';

/** A backup as it would be without encryption, and a store that has its parts as they would be. */
export interface Unsealed {
  readonly manifest: Manifest;
  readonly store: ReadableStore;
  /** What an encrypted backup says of itself and could not be checked, in sentences. */
  readonly unchecked: readonly string[];
}

/** Decrypts what a backup says, and its parts as they are read. A plain one is what it is. Throws WRONG_KEY and BACKUP_DAMAGED. */
export async function unseal(
  encryption: Encryption | undefined,
  store: ReadableStore,
  { manifest: outer }: Pick<Opened, 'manifest'>,
): Promise<Unsealed> {
  if (!isSealed(outer)) return { manifest: outer, store, unchecked: [] };
  const { manifest, unchecked = [] } = await openBody(encryption, store, outer);
  const parts = new Map(partsOf(manifest).map((part) => [part.file, part]));
  const read: ReadableStore['read'] = async (path, range) => {
    const part = parts.get(path);
    const sealed = part && outer.parts[part.sealed ?? -1];
    if (part === undefined || sealed === undefined) return store.read(path, range);
    return cut(await openFile(encryption, store, outer, sealed, part.bytes), range);
  };
  const plainParts = new Map([...parts.values()].map(({ file, bytes }) => [file, bytes]));
  return {
    manifest,
    unchecked,
    store: {
      label: store.label,
      id: store.id,
      ...(store.isCostly ? { isCostly: true } : {}),
      read,
      list: async (shelf) => (shelf === 'parts' ? plainParts : store.list(shelf)),
    },
  };
}

/** Whether a key that is here opens the backup, found out without reading its parts. Throws WRONG_KEY and BACKUP_DAMAGED. */
export async function mustOpen(
  encryption: Encryption | undefined,
  store: ReadableStore,
  { manifest }: Pick<Opened, 'manifest'>,
): Promise<void> {
  if (isSealed(manifest)) await openBody(encryption, store, manifest);
}

/** The secret and the manifest proper. Throws WRONG_KEY and BACKUP_DAMAGED. */
export async function openBody(
  encryption: Encryption | undefined,
  store: ReadableStore,
  outer: SealedManifest,
): Promise<Body> {
  const file = outer.parts.find((part) => part.file === outer.envelope.body) ?? {
    file: outer.envelope.body,
    rows: 0,
    bytes: 0,
  };
  const text = await openFile(encryption, store, outer, file, LARGEST_MANIFEST);
  return readBody(outer, text.toString('utf8'));
}

async function openFile(
  encryption: Encryption | undefined,
  store: ReadableStore,
  { envelope }: SealedManifest,
  { file, bytes }: Part,
  limit: number,
): Promise<Buffer> {
  const sealed = await store.read(file, { most: bytes });
  if (sealed === undefined) throw backupDamaged(file, 'is missing')();
  if (sealed.length !== bytes) throw backupDamaged(file, `has ${sealed.length} bytes instead of ${bytes}`)();
  if ((await blobId(sealed)) !== idOfPart(file)) throw backupDamaged(file, 'does not hold what its name promises')();
  if (encryption === undefined) throw wrongKey(envelope.recipients, envelope.passphrase !== undefined, 0)();
  return encryption.open(envelope, file, sealed, limit);
}
