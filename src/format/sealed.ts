import type { Envelope } from '../core/envelope.ts';
import { type Manifest, type Metadata, type Part, partsOf } from '../core/manifest.ts';

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

export type AnyManifest = Manifest | SealedManifest;

export const isSealed = (manifest: AnyManifest): manifest is SealedManifest => 'envelope' in manifest;

/** The files in the store that a backup needs besides its manifest. */
export function storedFiles(manifest: AnyManifest): readonly Part[] {
  return isSealed(manifest) ? manifest.parts : partsOf(manifest);
}
