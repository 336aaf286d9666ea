import { rmSync } from 'node:fs';
import { unlessHindered } from '../core/damage.ts';
import { shortName } from '../core/digest.ts';
import { localPath, readLocal, writeLocal } from './place.ts';

/**
 * What this machine knows of the encryption of a store's backups: the secret that names follow from, and which encrypted file
 * holds which part. Whoever can read it can read the database beside it. It lets a machine that has only public keys go on where it
 * stopped; losing it means that everything is written once more.
 */
export interface KnownEpoch {
  readonly secret: string;
  readonly recipients: readonly string[];
  readonly passphrase?: string;
  readonly compress?: false;
  /** The content of the backup that the files are of. */
  readonly content: string;
  readonly files: readonly (readonly [plain: string, sealed: string, bytes: number])[];
}

const nameOf = (store: string, kind: string) => `${kind}-${shortName(store)}.json`;

/** `kind` keeps a rotation that is not finished apart from what is in use. */
export type EpochKind = 'epoch' | 'rotation';

export function rememberEpoch(local: string, store: string, epoch: KnownEpoch, kind: EpochKind = 'epoch'): void {
  writeLocal(local, nameOf(store, kind), `${JSON.stringify(epoch)}\n`);
}

/** Undefined where nothing is known, or what is known is damaged. */
export function recallEpoch(local: string, store: string, kind: EpochKind = 'epoch'): KnownEpoch | undefined {
  try {
    const { secret, recipients, passphrase, compress, content, files }: Partial<KnownEpoch> = JSON.parse(
      readLocal(local, nameOf(store, kind)) ?? '',
    );
    if (typeof secret !== 'string' || !Array.isArray(recipients) || typeof content !== 'string') return undefined;
    if (!Array.isArray(files)) return undefined;
    return {
      secret,
      recipients,
      content,
      files,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(compress === false ? { compress } : {}),
    };
  } catch (error) {
    return unlessHindered(error);
  }
}

export function forgetEpoch(local: string, store: string, kind: EpochKind): void {
  rmSync(localPath(local, nameOf(store, kind)), { force: true });
}
