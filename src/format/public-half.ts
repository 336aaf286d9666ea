import { createHmac } from 'node:crypto';
import type { ContentDigest } from '../core/digest.ts';
import type { Envelope } from '../core/envelope.ts';
import type { Metadata, Part } from '../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { metadataText } from '../core/write-manifest.ts';
import { type AnyManifest, isSealed, SEALED_FORMAT } from './sealed.ts';

/** What of a backup's metadata anybody may read. What is left out is not among it: that would name tables and columns. */
export function publicOf(metadata: Metadata): Metadata {
  const { backup_date, version, database_type, database_name, database, origin, content } = metadata;
  const { tables, rows, bytes, files, file_bytes } = metadata;
  return {
    format: SEALED_FORMAT,
    backup_date,
    version,
    database_type,
    ...(database_name === undefined ? {} : { database_name }),
    ...(database === undefined ? {} : { database }),
    origin,
    content,
    tables,
    rows,
    bytes,
    ...(files === undefined ? {} : { files }),
    ...(file_bytes === undefined ? {} : { file_bytes }),
  };
}

/** Of the content, and of what is left out of it: so whoever has no key sees that either changed, and not which. */
export function keyedDigest(
  secret: Buffer,
  { content, ...others }: Pick<Metadata, 'content'> & LeftOut,
): ContentDigest {
  const leftOut = leftOutOf(others);
  const said = Object.keys(leftOut).length === 0 ? content : `${content} ${JSON.stringify(leftOut)}`;
  return `hmac-sha256:${createHmac('sha256', secret).update(`content ${said}`).digest('hex')}`;
}

export function keyOf(secret: Buffer): string {
  return createHmac('sha256', secret).update('key').digest('hex').slice(0, 16);
}

/** What only whoever has the secret can make of the public half. */
export const manifestMac = (
  secret: Buffer,
  metadata: Metadata,
  envelope: Omit<Envelope, 'mac'>,
  parts: readonly Part[],
) => hmac(secret, 'manifest', macText(metadata, envelope, parts));

/** The public half without what is made over it. */
function macText(metadata: Metadata, envelope: Omit<Envelope, 'mac'>, parts: readonly Part[]): string {
  const { recipients, passphrase, key, compress, body } = envelope;
  const files = parts.map(({ file, bytes }) => [file, bytes]);
  return JSON.stringify([
    metadataText(publicOf(metadata)),
    recipients,
    passphrase ?? '',
    key,
    compress ?? true,
    body,
    files,
  ]);
}

const hmac = (secret: Buffer, what: string, text: string) =>
  createHmac('sha256', secret).update(`${what} ${text}`).digest('hex');

export const labelMac = (secret: Buffer, label: Metadata, of: string) =>
  hmac(secret, 'label', JSON.stringify([metadataText(publicOf(label)), of]));

/** The same backup under other metadata. Without the secret its date and counts are bound all the same: by those of what is labelled. */
export function relabel<M extends AnyManifest>(
  manifest: M,
  metadata: Metadata,
  secret: Buffer | undefined,
): AnyManifest {
  if (!isSealed(manifest)) return { ...manifest, metadata };
  const of = manifest.labelled?.metadata ?? manifest.metadata;
  const mac = secret === undefined ? {} : { mac: labelMac(secret, metadata, manifest.envelope.mac) };
  return { ...manifest, metadata, labelled: { metadata: publicOf(of), ...mac } };
}
