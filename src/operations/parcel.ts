import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { OverwinterError } from '../core/errors.ts';
import { mailLocked } from '../core/problems/mail.ts';
import type { Parcel } from '../stores/store.ts';
import type { Entry } from './catalog.ts';
import type { Project } from './project.ts';
import { exportDocument } from './transfer.ts';

/** A backup as one document for a mailbox, made when it is asked for. Throws WRONG_KEY then, where its rows are not to be had here. */
export function parcelOf(project: Project, entry: Entry, mailbox: string): Parcel {
  const { encryption } = project;
  const { name, metadata } = entry;
  const wanted = encryption?.wanted || undefined;
  return {
    name,
    date: metadata.backup_date,
    rows: metadata.rows,
    content: metadata.content,
    isEncrypted: wanted !== undefined,
    async document() {
      const text = Buffer.from(await documentOf(project, entry, mailbox));
      if (encryption === undefined || wanted === undefined) return { bytes: await compressed(text) };
      const epoch = await encryption.begin(wanted);
      const bytes = await encryption.seal(epoch, text);
      return { bytes, ...(epoch.passphrase === undefined ? {} : { lockedKey: epoch.passphrase }) };
    },
  };
}

const compressed = (bytes: Buffer) => promisify<Buffer, Buffer>(gzip)(bytes);

/** An app whose backups are encrypted need not have the key, but has the rows: those of this moment are as good. */
async function documentOf(project: Project, { name, metadata }: Entry, mailbox: string): Promise<string> {
  try {
    return await exportDocument(project, name);
  } catch (error) {
    if (!(error instanceof OverwinterError && error.code === 'WRONG_KEY')) throw error;
    const text = await exportDocument(project, undefined).catch(() => undefined);
    if (text === undefined || (rowsIn(text) === 0 && metadata.rows > 0)) throw mailLocked(mailbox)(error);
    return text;
  }
}

function rowsIn(document: string): unknown {
  const { metadata } = JSON.parse(document);
  return metadata.rows;
}
