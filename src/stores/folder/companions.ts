/** How the names of half-written files begin. */
export const TEMPORARY = '.overwinter-';

export const ATTRIBUTES_FILE = '.gitattributes';
export const ATTRIBUTES_TEXT =
  '* -text -filter\n*.json -diff linguist-generated\nparts/** -diff linguist-generated\nlatest_backup.json diff -linguist-generated merge=overwinter\n';

/** Files that belong to the folder: bytes stay exact under any git configuration, and half-written files stay unseen. */
export const COMPANIONS: Readonly<Record<string, string>> = {
  [ATTRIBUTES_FILE]: ATTRIBUTES_TEXT,
  '.gitignore': `${TEMPORARY}*\n`,
};
