import { blobId, type ContentDigest } from '../core/digest.ts';
import { OverwinterError } from '../core/errors.ts';
import {
  type Content,
  LARGEST_MANIFEST,
  LARGEST_PART_FILE,
  type Manifest,
  type Part,
  partsOf,
} from '../core/manifest.ts';
import { idOfPart, sealedFile } from '../core/names.ts';
import type { LeftOut } from '../core/privacy/left-out.ts';
import { tooMuchSchema } from '../core/problems/database.ts';
import { encryptionOff } from '../core/problems/encryption.ts';
import type { Encryption, Epoch, Wanted } from '../crypto/encryption.ts';
import { keyedDigest } from '../format/public-half.ts';
import { type AnyManifest, isSealed, type SealedManifest } from '../format/sealed.ts';
import { sealManifest } from '../format/sealed-body.ts';
import { recallEpoch, rememberEpoch } from '../local/epochs.ts';
import type { Listing, ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';
import type { Project } from './project.ts';
import { openBody } from './unseal.ts';
import type { PartSink } from './write-parts.ts';

/** Encrypts one backup while it is made. */
export interface Sealing {
  /** Takes parts under their plain names and puts encrypted ones into `sink`, save those that are there already. */
  into(sink: PartSink): PartSink;
  contentOf(digest: ContentDigest, leftOut: LeftOut): ContentDigest;
  /** Whether it is known which encrypted file holds a part. */
  knows(file: string): boolean;
  /** Whether a backup lists the very files that this content went into: its content's digest says nothing of them. */
  isIn(content: Content, manifest: AnyManifest): boolean;
  /** The manifest of what went through; its body goes into `sink`. */
  manifest(
    plain: Manifest,
    sink: PartSink,
  ): Promise<{ readonly manifest: SealedManifest; readonly bytesWritten: number }>;
  /** Keeps what the next backup on this machine goes on from. */
  remember(plain: Manifest): void;
}

/**
 * Undefined where backups are plain. Throws ENCRYPTION_OFF where the newest one is encrypted and nothing says that this one need
 * not be.
 */
export async function beginSealing(
  project: Project,
  newest: Opened | undefined,
  encrypted: boolean,
): Promise<Sealing | undefined> {
  const { encryption, store } = project;
  const sealed = newest !== undefined && isSealed(newest.manifest) ? newest.manifest : undefined;
  const wanted = encryption?.wanted;
  if (encrypted && wanted === undefined) throw encryptionOff(store.label)();
  if (encryption === undefined || wanted === undefined || wanted === false) return undefined;
  const { epoch, files, isOurs } = await epochFor(project, encryption, wanted, sealed);
  return sealingWith(project, encryption, epoch, files, isOurs);
}

/** The encrypted file of each part, by its plain name. */
export type SealedFiles = Map<string, Part>;

/** `isOurs`: this machine itself wrote which file holds which part. What somebody else wrote is looked into before it is relied on. */
export function sealingWith(
  project: Project,
  encryption: Encryption,
  epoch: Epoch,
  files: SealedFiles,
  isOurs: boolean,
): Sealing {
  const { store, local } = project;
  let present: Promise<Listing> | undefined;
  const isThere = async (part: Part, plain: Uint8Array) => {
    present ??= store.list('parts');
    if ((await present).get(part.file) !== part.bytes) return false;
    const sealed = await store.read(part.file);
    // A part that is there and damaged is written again, as without encryption.
    if (sealed === undefined || (await blobId(sealed)) !== idOfPart(part.file)) return false;
    return isOurs || (await holds(sealed, part.file, plain));
  };
  const holds = async (sealed: Buffer, file: string, plain: Uint8Array) => {
    const opened = await encryption.open(epoch, file, sealed, plain.length).catch(orUndefined);
    return opened?.equals(plain) === true;
  };
  const sealInto = async (sink: PartSink, bytes: Uint8Array) => {
    const sealed = await encryption.seal(epoch, bytes);
    const part: Part = { file: sealedFile(await blobId(sealed)), rows: 0, bytes: sealed.length };
    return { part, written: await sink(part.file, sealed) };
  };
  const sealedAs = ({ file }: Part): Part => files.get(file) ?? { file: '', rows: 0, bytes: 0 };
  return {
    into: (sink) => async (file, bytes) => {
      const known = files.get(file);
      if (known !== undefined && (await isThere(known, bytes))) return 0;
      const { part, written } = await sealInto(sink, bytes);
      files.set(file, part);
      return written;
    },
    contentOf: (content, leftOut) => keyedDigest(epoch.secret, { ...leftOut, content }),
    knows: (file) => files.has(file),
    isIn(content, manifest) {
      if (!isSealed(manifest)) return false;
      const wanted = new Set(partsOf(content).map((part) => sealedAs(part).file));
      const listed = manifest.parts.filter(({ file }) => file !== manifest.envelope.body);
      return listed.length === wanted.size && listed.every(({ file }) => wanted.has(file));
    },
    async manifest(plain, sink) {
      let bytesWritten = 0;
      const manifest = await sealManifest(plain, epoch, sealedAs, async (text) => {
        const body = Buffer.from(text);
        const { part, written } = await sealInto(sink, body);
        // Nothing is written that a reader would refuse.
        if (body.length > LARGEST_MANIFEST || part.bytes > LARGEST_PART_FILE)
          throw tooMuchSchema(project.database.label, 'very many small tables')();
        bytesWritten = written;
        return part;
      });
      return { manifest, bytesWritten };
    },
    remember(plain) {
      const { secret, ...others } = epoch;
      rememberEpoch(local, store.id, {
        secret: secret.toString('base64'),
        ...others,
        content: keyedDigest(secret, plain.metadata),
        files: partsOf(plain).map((part) => [part.file, sealedAs(part).file, sealedAs(part).bytes]),
      });
    },
  };
}

/** For what cannot be opened here, or is not what it should be. Throws anything else. */
function orUndefined(error: unknown): undefined {
  const code = error instanceof OverwinterError ? error.code : undefined;
  if (code === 'WRONG_KEY' || code === 'BACKUP_DAMAGED') return undefined;
  throw error;
}

interface Begun {
  readonly epoch: Epoch;
  readonly files: SealedFiles;
  readonly isOurs: boolean;
}

/**
 * The epoch that goes on: the newest backup's, so that all machines write the same; where it cannot be opened for want of a key,
 * the one this machine wrote last; else a new one, under which everything is written once more.
 */
async function epochFor(
  { local, store }: Project,
  encryption: Encryption,
  wanted: Wanted,
  newest: SealedManifest | undefined,
): Promise<Begun> {
  const known = recallEpoch(local, store.id);
  const fitting = known !== undefined && fits(known, wanted) ? known : undefined;
  const mine = fitting && {
    epoch: { ...fitting, secret: Buffer.from(fitting.secret, 'base64') },
    files: new Map(fitting.files.map(([plain, file, bytes]) => [plain, { file, rows: 0, bytes }])),
    isOurs: true,
  };
  if (mine !== undefined && (newest === undefined || newest.metadata.content === fitting?.content)) return mine;
  if (newest !== undefined && fits(newest.envelope, wanted) && (await encryption.trusts(newest.envelope))) {
    const opened = await openIfPossible(encryption, store, newest);
    if (opened !== undefined) return opened;
  }
  return mine ?? { epoch: await encryption.begin(wanted), files: new Map(), isOurs: true };
}

async function openIfPossible(
  encryption: Encryption,
  store: ReadableStore,
  newest: SealedManifest,
): Promise<Begun | undefined> {
  const opened = await openBody(encryption, store, newest).catch(orUndefined);
  if (opened === undefined) return undefined;
  const { secret, manifest } = opened;
  const { recipients, passphrase, compress } = newest.envelope;
  const files = partsOf(manifest).flatMap(({ file, sealed = -1 }): [string, Part][] => {
    const part = newest.parts[sealed];
    return part === undefined ? [] : [[file, part]];
  });
  const locked = passphrase === undefined ? {} : { passphrase };
  const plain = compress === undefined ? {} : { compress };
  return { epoch: { secret, recipients, ...locked, ...plain }, files: new Map(files), isOurs: false };
}

/** Whether an epoch is for exactly those wanted. */
export function fits(
  has: Pick<Epoch, 'recipients' | 'passphrase' | 'compress'>,
  { recipients, passphrase, compress }: Wanted,
): boolean {
  // What is compressed stays so where files are shared, so that is another secret as well.
  if ((has.compress !== false) !== compress) return false;
  if ((has.passphrase !== undefined) !== passphrase) return false;
  const others = passphrase ? has.recipients.slice(0, -1) : has.recipients;
  return others.length === recipients.length && others.every((each, i) => each === recipients[i]);
}
