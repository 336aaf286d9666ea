import { readAnyManifest } from '../../format/any-manifest.ts';
import { storedFiles } from '../../format/sealed.ts';

/** The parts that a manifest names, with their sizes; undefined for what is no manifest. */
export function namedParts(path: string, bytes: Uint8Array): ReadonlyMap<string, number> | undefined {
  try {
    const { manifest } = readAnyManifest(path, Buffer.from(bytes).toString('utf8'));
    return new Map(storedFiles(manifest).map(({ file, bytes: size }) => [file, size]));
  } catch {
    return undefined;
  }
}
