import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProblem } from '../core/write-problem.ts';
import { realPath } from '../engines/real-path.ts';
import { makeLocalFolder } from './place.ts';

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

const fileOf = (local: string, store: string, kind: string) =>
  join(local, `${kind}-${createHash('sha256').update(realPath(store)).digest('hex').slice(0, 16)}.json`);

/** `kind` keeps a rotation that is not finished apart from what is in use. */
export type EpochKind = 'epoch' | 'rotation';

export function rememberEpoch(local: string, store: string, epoch: KnownEpoch, kind: EpochKind = 'epoch'): void {
  const file = fileOf(local, store, kind);
  makeLocalFolder(local);
  try {
    writeFileSync(`${file}-${process.pid}`, `${JSON.stringify(epoch)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}-${process.pid}`, file);
  } catch (error) {
    rmSync(`${file}-${process.pid}`, { force: true });
    throw writeProblem(file, error);
  }
}

/** Undefined where nothing is known, or what is known cannot be read. */
export function recallEpoch(local: string, store: string, kind: EpochKind = 'epoch'): KnownEpoch | undefined {
  try {
    const { secret, recipients, passphrase, compress, content, files }: Partial<KnownEpoch> = JSON.parse(
      readFileSync(fileOf(local, store, kind), 'utf8'),
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
  } catch {
    return undefined;
  }
}

export function forgetEpoch(local: string, store: string, kind: EpochKind): void {
  rmSync(fileOf(local, store, kind), { force: true });
}
