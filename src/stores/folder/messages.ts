import type { Problem } from '../../core/errors.ts';
import type { Range, Shelf } from '../store.ts';
import type { Standing } from './standing-folder.ts';

/** What a process that works in a folder is asked for. Between `begin` and `end` all is part of a batch. */
export type Question =
  | { readonly do: 'list'; readonly shelf: Shelf }
  | { readonly do: 'read'; readonly path: string; readonly range: Range | undefined }
  | { readonly do: 'put' | 'publish'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly do: 'remove'; readonly paths: readonly string[] }
  | { readonly do: 'begin' | 'end' | 'give up' | 'try' };

export interface Asked {
  readonly id: number;
  readonly folder: Standing;
  readonly question: Question;
}

export type Answer =
  | { readonly is: 'files'; readonly files: ReadonlyMap<string, number> }
  | { readonly is: 'bytes'; readonly bytes: Uint8Array | undefined }
  | { readonly is: 'paths'; readonly paths: readonly string[] }
  | { readonly is: 'done' };

export type Told =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly problem: Problem };
