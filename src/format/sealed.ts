import { createHmac } from 'node:crypto';
import { type ContentDigest, type Digest, sha256 } from '../core/digest.ts';
import type { Envelope } from '../core/envelope.ts';
import { OverwinterError } from '../core/errors.ts';
import { fieldsOf, text, within } from '../core/fields.ts';
import { elementsOf, JsonSyntaxError, membersOf, parse } from '../core/json.ts';
import {
  type Content,
  LARGEST_PART_FILE,
  type Manifest,
  type Metadata,
  type Part,
  partsOf,
  type TableData,
} from '../core/manifest.ts';
import { isSealedFile } from '../core/names.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { backupDamaged, backupTooNew } from '../core/problems/backups.ts';
import { withFileParts } from '../core/saved-files.ts';
import { metadataText, writeManifest } from '../core/write-manifest.ts';
import { codecFor } from './codec-for.ts';
import { readManifest } from './read-manifest.ts';
import { readMetadata } from './read-metadata.ts';

export const SEALED_FORMAT = 2;

/** What a backup that stands here under other metadata, as a deployment's, says of itself: `mac` of the envelope is over that. */
export interface Labelled {
  readonly metadata: Metadata;
  /** Made with the secret over the label; without it, the label is somebody's word. */
  readonly mac?: string;
}

/** The public half of an encrypted backup: all that pruning, healing and listing need. */
export interface SealedManifest {
  readonly metadata: Metadata;
  readonly labelled?: Labelled;
  readonly envelope: Envelope;
  /** Every encrypted file: those of rows in the order of their names, which says nothing of the order of rows, and then the body. */
  readonly parts: readonly Part[];
}

/** What the body holds: the manifest as it would be without encryption, and the secret that names follow from. */
export interface Body {
  readonly secret: Buffer;
  readonly manifest: Manifest;
  /** What of the public half could not be checked, in sentences. */
  readonly unchecked?: readonly string[];
}

export type AnyManifest = Manifest | SealedManifest;

export const isSealed = (manifest: AnyManifest): manifest is SealedManifest => 'envelope' in manifest;

/** The files in the store that a backup needs besides its manifest. */
export function storedFiles(manifest: AnyManifest): readonly Part[] {
  return isSealed(manifest) ? manifest.parts : partsOf(manifest);
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

/** What of a backup's metadata anybody may read. What is left out is not among it: that would name tables and columns. */
function publicOf(metadata: Metadata): Metadata {
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

const indented = (value: object) => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');

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

const labelMac = (secret: Buffer, label: Metadata, of: string) =>
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

/** The text that is encrypted as the body. Every part of `content` knows its place among the sealed ones. */
function writeBody({ secret, manifest }: Body): string {
  return `{"secret":"${secret.toString('base64')}",\n"manifest":${writeManifest(manifest).text.trimEnd()}}\n`;
}

/**
 * Reads a body and holds it against what its public half says. The result has the public half's metadata (a label on older content
 * has its own) with the content's digest as it would be without encryption, and the body's own words on what is left out. Throws BACKUP_DAMAGED and BACKUP_TOO_NEW.
 */
export function readBody(outer: SealedManifest, source: string): Body {
  const { metadata, envelope, parts } = outer;
  const { body: file } = envelope;
  const wrong = (what: string) => backupDamaged(file, what)();
  let members: Map<string, string>;
  let secret: unknown;
  try {
    members = membersOf(source);
    secret = parse(members.get('secret') ?? '');
  } catch (error) {
    throw backupDamaged(file, 'holds no manifest')(error);
  }
  if (typeof secret !== 'string') throw wrong('holds no secret');
  const bytes = Buffer.from(secret, 'base64');
  const { manifest } = readManifest(file, members.get('manifest') ?? '');
  if (keyOf(bytes) !== envelope.key || keyedDigest(bytes, manifest.metadata) !== metadata.content)
    throw wrong('belongs to another backup');
  const unchecked = checkPublicHalf(bytes, outer);
  if (partsOf(manifest).some(({ sealed }) => sealed === undefined || parts[sealed] === undefined))
    throw wrong('names parts that are not listed');
  const { format, content } = manifest.metadata;
  const whole = { ...manifest, metadata: { ...manifest.metadata, ...metadata, format, content } };
  return { secret: bytes, manifest: whole, ...(unchecked.length === 0 ? {} : { unchecked }) };
}

/** How much later than what it labels a label may say to be: one step orders it, and nobody labels a label often. */
const LABEL_MS = 1000;

/** Throws BACKUP_DAMAGED where somebody without the secret wrote or changed what everybody can read. */
function checkPublicHalf(secret: Buffer, { metadata, labelled, envelope, parts }: SealedManifest): string[] {
  const changed = (what: string) => backupDamaged(envelope.body, what)();
  const said = labelled?.metadata ?? metadata;
  if (hmac(secret, 'manifest', macText(said, envelope, parts)) !== envelope.mac)
    throw changed('belongs to a manifest that somebody without the key has changed');
  if (labelled === undefined) return [];
  const { backup_date: date, origin: _origin, ...rest } = publicOf(metadata);
  const { backup_date: first, origin: __origin, ...own } = publicOf(said);
  const later = Date.parse(date) - Date.parse(first);
  if (JSON.stringify(rest) !== JSON.stringify(own) || later < 0 || later > LABEL_MS)
    throw changed('belongs to a label that says something else than what it labels');
  if (labelled.mac === undefined)
    return ['it was labelled without a key: whoever did so chose the environment and the commit that it names'];
  if (labelled.mac !== labelMac(secret, metadata, envelope.mac))
    throw changed('belongs to a label that somebody without the key has changed');
  return [];
}

/** Puts an encrypted backup together: `sealedAs` knows each part's encrypted file, `body` makes the file for the body. */
export async function sealManifest(
  manifest: Manifest,
  epoch: Pick<Envelope, 'recipients' | 'passphrase' | 'compress'> & { readonly secret: Buffer },
  sealedAs: (part: Part) => Part,
  body: (text: string) => Promise<Part>,
): Promise<SealedManifest> {
  const { secret, recipients, passphrase, compress } = epoch;
  const files = new Map(partsOf(manifest).map((part) => [part.file, sealedAs(part)]));
  const listed = [...new Map([...files.values()].map((part) => [part.file, part])).values()].sort(byName);
  const places = new Map(listed.map(({ file }, index) => [file, index]));
  const placed = (part: Part): Part => ({ ...part, sealed: places.get(files.get(part.file)?.file ?? '') ?? 0 });
  const made = await body(writeBody({ secret, manifest: { ...manifest, ...withParts(manifest, placed) } }));
  const metadata = { ...publicOf(manifest.metadata), content: keyedDigest(secret, manifest.metadata) };
  const parts = [...listed, made];
  const envelope = {
    recipients,
    ...(passphrase === undefined ? {} : { passphrase }),
    key: keyOf(secret),
    body: made.file,
    ...(compress === undefined ? {} : { compress }),
  };
  const mac = hmac(secret, 'manifest', macText(metadata, envelope, parts));
  return { metadata, envelope: { ...envelope, mac }, parts };
}

const byName = (a: Part, b: Part) => (a.file < b.file ? -1 : 1);

function withParts(content: Content, change: (part: Part) => Part): Content {
  const changed = (table: TableData): TableData =>
    'rows' in table ? table : { ...table, parts: table.parts.map(change) };
  const files = content.files && withFileParts(content.files, change);
  const data = new Map([...content.data].map(([name, table]) => [name, changed(table)]));
  return { ...content, data, ...(files === undefined ? {} : { files }) };
}
