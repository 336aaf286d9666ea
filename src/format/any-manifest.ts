import { type Digest, sha256 } from '../core/digest.ts';
import type { Envelope } from '../core/envelope.ts';
import { OverwinterError } from '../core/errors.ts';
import { fieldsOf, text, within } from '../core/fields.ts';
import { elementsOf, JsonSyntaxError, membersOf } from '../core/json.ts';
import { LARGEST_PART_FILE, type Part } from '../core/manifest.ts';
import { isSealedFile } from '../core/names.ts';
import { backupDamaged, backupTooNew } from '../core/problems/backups.ts';
import { metadataText, writeManifest } from '../core/write-manifest.ts';
import { codecFor } from './codec-for.ts';
import { publicOf } from './public-half.ts';
import { readManifest } from './read-manifest.ts';
import { readMetadata } from './read-metadata.ts';
import { type AnyManifest, isSealed, SEALED_FORMAT, type SealedManifest } from './sealed.ts';

/** The canonical text of a manifest of either kind, and its digest. */
export function writeAnyManifest(manifest: AnyManifest): { text: string; digest: Digest } {
  if (!isSealed(manifest)) return writeManifest(manifest);
  const body = sealedText(manifest);
  const digest = sha256(body);
  return { text: `${body},\n  "digest": "${digest}"\n}\n`, digest };
}

/** Reads a manifest of either kind. Throws BACKUP_DAMAGED and BACKUP_TOO_NEW. */
export function readAnyManifest(file: string, source: string): { manifest: AnyManifest; digest: Digest } {
  if (!/^\s*\{\s*"metadata"\s*:\s*\{\s*"format"\s*:\s*2\b/.test(source)) return readManifest(file, source);
  try {
    const members = membersOf(source);
    const metadata = readMetadata(members.get('metadata'));
    if (metadata.format !== SEALED_FORMAT) throw backupTooNew(file, metadata.format)();
    codecFor(file, metadata);
    const manifest: SealedManifest = {
      metadata: publicOf(metadata),
      ...readLabelled(members.get('labelled')),
      envelope: readEnvelope(members.get('encryption')),
      parts: elementsOf(members.get('parts') ?? '').map(readSealedPart),
    };
    if (manifest.parts.at(-1)?.file !== manifest.envelope.body)
      throw new JsonSyntaxError('a body that is not the last part');
    const { parts } = manifest;
    if (parts.slice(1, -1).some(({ file }, at) => file <= (parts[at]?.file ?? '')))
      throw new JsonSyntaxError('parts in another order than that of their names');
    const { digest } = writeAnyManifest(manifest);
    if (members.get('digest') !== `"${digest}"`)
      throw backupDamaged(file, 'is not what was written: its digest disagrees')();
    return { manifest, digest };
  } catch (error) {
    if (error instanceof OverwinterError) throw error;
    throw backupDamaged(file, `is not a whole manifest (${error instanceof Error ? error.message : error})`)(error);
  }
}

function sealedText({ metadata, labelled, envelope, parts }: SealedManifest): string {
  const { recipients, passphrase, key, body, compress, mac } = envelope;
  const head = indented({ recipients, passphrase, key, body, compress, mac });
  const lines = parts.map(({ file, bytes }) => `    ${JSON.stringify({ file, bytes })}`);
  const label =
    labelled === undefined
      ? ''
      : `  "labelled": {\n${metadataText(publicOf(labelled.metadata))}${labelled.mac === undefined ? '' : `,\n  "mac": "${labelled.mac}"`}\n  },\n`;
  return `{\n${metadataText(publicOf(metadata))},\n${label}  "encryption": ${head},\n  "parts": [\n${lines.join(',\n')}\n  ]`;
}

const indented = (value: object) => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');

function readEnvelope(raw: string | undefined): Envelope {
  const fields = fieldsOf(raw, 'encryption');
  const { recipients } = fields;
  if (!Array.isArray(recipients) || recipients.length === 0) throw new JsonSyntaxError('no recipients');
  return {
    recipients: recipients.map((each: unknown) => {
      if (typeof each !== 'string' || !/^age1[0-9a-z]{1,200}$/.test(each))
        throw new JsonSyntaxError('a recipient that is none');
      return each;
    }),
    ...(fields.passphrase === undefined ? {} : { passphrase: text(fields, 'passphrase') }),
    key: text(fields, 'key'),
    body: text(fields, 'body'),
    ...(fields.compress === false ? { compress: false } : {}),
    mac: text(fields, 'mac'),
  };
}

function readLabelled(raw: string | undefined): Pick<SealedManifest, 'labelled'> {
  if (raw === undefined) return {};
  const members = membersOf(raw);
  const mac = members.get('mac');
  const metadata = publicOf(readMetadata(members.get('metadata')));
  return { labelled: { metadata, ...(mac === undefined ? {} : { mac: text(fieldsOf(raw, 'labelled'), 'mac') }) } };
}

function readSealedPart(raw: string): Part {
  const fields = fieldsOf(raw, 'part');
  const part = { file: text(fields, 'file'), rows: 0, bytes: within(fields, 'bytes', 1, LARGEST_PART_FILE) };
  if (!isSealedFile(part.file)) throw new JsonSyntaxError(`'${part.file}' as the path of an encrypted part`);
  return part;
}
