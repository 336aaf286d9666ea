import type { Envelope } from '../core/envelope.ts';

/** Whom new backups are to be encrypted to. */
export interface Wanted {
  readonly recipients: readonly string[];
  /** Whether a passphrase opens them too. */
  readonly passphrase: boolean;
  /** Whether what is encrypted is compressed first, which shows in sizes how well it compresses. */
  readonly compress: boolean;
}

/** What backups that share parts have in common: equal bytes make equal files under one epoch. */
export interface Epoch {
  readonly secret: Buffer;
  /** Those wanted, in order; where there is a passphrase, the recipient whose identity it locks comes last. */
  readonly recipients: readonly string[];
  /** That identity, locked. */
  readonly passphrase?: string;
  /** Nothing is compressed. */
  readonly compress?: false;
}

/** Encrypts and decrypts. Its keys come from outside; nothing it says or throws holds any of them. */
export interface Encryption {
  /** `false` where backups are meant to be plain, undefined where nothing says so. */
  readonly wanted: Wanted | false | undefined;
  /** A new epoch. Throws WRONG_KEY where a passphrase is wanted and none is known. */
  begin(wanted: Wanted): Promise<Epoch>;
  /** Whether a passphrase's recipient, which anybody may have put there, is really opened by our passphrase. */
  trusts(envelope: Pick<Epoch, 'recipients' | 'passphrase'>): Promise<boolean>;
  /** An age file of these bytes, compressed where the epoch does not say otherwise, and filled up. */
  seal(epoch: Epoch, bytes: Uint8Array): Promise<Buffer>;
  /**
   * The bytes again; `file` is for messages. Throws WRONG_KEY, and BACKUP_DAMAGED for what holds something else or more than
   * `limit` bytes.
   */
  open(
    envelope: Pick<Envelope, 'recipients' | 'passphrase'>,
    file: string,
    sealed: Uint8Array,
    limit: number,
  ): Promise<Buffer>;
  /**
   * The same of an age file that says nothing of whom it is for, compressed or not: each identity that is here is tried. Throws as `open` does.
   */
  openAny(file: string, sealed: Uint8Array, limit: number): Promise<Buffer>;
  /** The recipients whose identities are here; for those who ask which key opens what. */
  holds(envelope: Pick<Envelope, 'recipients' | 'passphrase'>): Promise<readonly string[]>;
}
