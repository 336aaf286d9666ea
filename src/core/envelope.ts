/** Whom a backup is encrypted to, and where its contents begin. All of it is public. */
export interface Envelope {
  readonly recipients: readonly string[];
  /** The identity of one of the recipients, itself encrypted with a passphrase; an armored age file. */
  readonly passphrase?: string;
  /** Tells one secret from another and nothing of it. Backups with the same one share parts. */
  readonly key: string;
  /** The encrypted file that holds the manifest proper. */
  readonly body: string;
  /** `false` where nothing was compressed before it was encrypted. */
  readonly compress?: false;
  /** Made with the secret over everything else in the public half: so nobody without a key can change or redate it. */
  readonly mac: string;
}
