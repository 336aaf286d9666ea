import { count, fieldsOf, text, within } from '../core/fields.ts';
import { faultInFilePath } from '../core/file-path.ts';
import { elementsOf, JsonSyntaxError, membersOf } from '../core/json.ts';
import { LARGEST_PART_FILE, type Manifest, type Part } from '../core/manifest.ts';
import { isPartFile, isPieceFile, isSealedFile } from '../core/names.ts';
import { type FileSlice, type SavedFiles, type SavedFolder, totalFiles } from '../core/saved-files.ts';

/** More are nobody's configuration. */
const MOST_FOLDERS = 1000;

/** What a manifest says of files; undefined where no folder was to be saved. Throws JsonSyntaxError. */
export function readSavedFiles(raw: string | undefined): SavedFiles | undefined {
  if (raw === undefined) return undefined;
  const members = membersOf(raw);
  const folders = elementsOf(members.get('folders') ?? '').map(readFolder);
  if (folders.length > MOST_FOLDERS) throw new JsonSyntaxError(`${folders.length} folders`);
  if (folders.some(({ name }, at) => at > 0 && name <= (folders[at - 1]?.name ?? '')))
    throw new JsonSyntaxError('folders in another order than that of their names');
  return { folders, list: elementsOf(members.get('list') ?? '').map(readSlice) };
}

function readFolder(raw: string): SavedFolder {
  const fields = fieldsOf(raw, 'folder');
  const name = text(fields, 'name');
  const fault = faultInFilePath(name);
  if (fault !== undefined) throw new JsonSyntaxError(`a folder whose name ${fault}`);
  return { name, files: count(fields, 'files'), bytes: count(fields, 'bytes') };
}

function readSlice(raw: string): FileSlice {
  const members = membersOf(raw);
  const fields = fieldsOf(raw, 'part of the list of files');
  const part: Part = { ...readPart(fields), rows: within(fields, 'files', 1, Number.MAX_SAFE_INTEGER) };
  if (!isPartFile(part.file) || isPieceFile(part.file) || isSealedFile(part.file))
    throw new JsonSyntaxError(`'${part.file}' as the path of a list of files`);
  const pieces = members.has('pieces') ? elementsOf(members.get('pieces') ?? '').map(readPiece) : [];
  return { part, pieces };
}

function readPiece(raw: string): Part {
  const piece = readPart(fieldsOf(raw, 'piece of a file'));
  if (!isPieceFile(piece.file)) throw new JsonSyntaxError(`'${piece.file}' as the path of a piece`);
  return piece;
}

const readPart = (fields: ReturnType<typeof fieldsOf>): Part => ({
  file: text(fields, 'file'),
  rows: 0,
  bytes: within(fields, 'bytes', 1, LARGEST_PART_FILE),
  ...(fields.sealed === undefined ? {} : { sealed: count(fields, 'sealed') }),
});

/** There must be as many files as the metadata says: guards and lists go by those numbers alone. */
export function mustCountFiles({ metadata, files }: Manifest): void {
  const said = files && totalFiles(files.folders);
  if (metadata.files !== said?.files || metadata.file_bytes !== said?.bytes)
    throw new JsonSyntaxError('counts that disagree for the files');
  const listed = files?.list.reduce((sum, { part }) => sum + part.rows, 0);
  if (said?.files !== listed) throw new JsonSyntaxError(`${said?.files} files, and a list of ${listed}`);
}
