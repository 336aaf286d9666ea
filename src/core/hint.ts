/** A piece of what somebody is told to do next: words, or a command that can be run as it stands. */
export type HintPiece = { readonly text: string } | { readonly command: string };

/** Commands stand between single quotes; so do names and lines of configuration, but those begin otherwise. */
const COMMAND = /'((?:overwinter|git|npm|ls|sqlite3|gh|which) [^']*)'/;

/** The pieces of a hint, in order: what is said of its commands is said of these, and the words stay as they are. */
export function piecesOf(hint: string): readonly HintPiece[] {
  // A split by a pattern with one group gives words and commands by turns.
  return hint
    .split(COMMAND)
    .map((each, at): HintPiece => (at % 2 === 0 ? { text: each } : { command: each }))
    .filter((piece) => !('text' in piece) || piece.text !== '');
}

/** The hint with other commands in it, as whoever reads it is to run them. */
export function withCommands(hint: string, change: (command: string) => string): string {
  return piecesOf(hint)
    .map((piece) => ('text' in piece ? piece.text : `'${change(piece.command)}'`))
    .join('');
}
