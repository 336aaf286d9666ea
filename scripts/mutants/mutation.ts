/** One small way to break one place. */
export interface Mutation {
  /** From what the place says and not where it stands, so that it stays the same while the code around it changes. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  /** The first line of what is there, and of what is put there. */
  readonly was: string;
  readonly becomes: string;
}

/** The room that a file is in: `operations` for `src/operations/log/timeline.ts`. */
export const roomOf = (file: string) => file.split('/')[1] ?? '';

/** What is read of a node of the tree that Stryker's parser makes. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
}

/** A place that could be broken, for whoever decides whether that would say anything. */
export interface Place {
  readonly kind: string;
  readonly node: Node;
  /** What it is in, from the inside out. */
  readonly around: readonly Node[];
  readonly text: (node: Node) => string;
  readonly becomes: string;
}
