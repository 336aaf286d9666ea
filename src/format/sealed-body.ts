import type { Envelope } from '../core/envelope.ts';
import { membersOf, parse } from '../core/json.ts';
import { type Content, type Manifest, type Part, partsOf, type TableData } from '../core/manifest.ts';
import { backupDamaged } from '../core/problems/backups.ts';
import { withFileParts } from '../core/saved-files.ts';
import { writeManifest } from '../core/write-manifest.ts';
import { keyedDigest, keyOf, labelMac, manifestMac, publicOf } from './public-half.ts';
import { readManifest } from './read-manifest.ts';
import type { SealedManifest } from './sealed.ts';

/** What the body holds: the manifest as it would be without encryption, and the secret that names follow from. */
export interface Body {
  readonly secret: Buffer;
  readonly manifest: Manifest;
  /** What of the public half could not be checked, in sentences. */
  readonly unchecked?: readonly string[];
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
  if (manifestMac(secret, said, envelope, parts) !== envelope.mac)
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
  const mac = manifestMac(secret, metadata, envelope, parts);
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
