import type { Metadata } from '../core/manifest.ts';
import { databaseTypeUnknown } from '../core/problems/backups.ts';
import type { ContentCodec } from '../engines/codec.ts';
import { codecOf } from '../engines/registry.ts';

/** How what a backup holds is read. Throws BACKUP_TOO_NEW for a type of database that nothing here knows. */
export function codecFor(file: string, { database_type: type }: Pick<Metadata, 'database_type'>): ContentCodec {
  const codec = codecOf(type);
  if (codec === undefined) throw databaseTypeUnknown(file, type)();
  return codec;
}
