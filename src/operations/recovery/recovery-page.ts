import { type AnyManifest, isSealed } from '../../format/sealed.ts';

/** What whoever finds the folder in five years has to know. */
export function recoveryPage(name: string, manifest: AnyManifest): string {
  const { database_name, backup_date, rows } = manifest.metadata;
  const isEncrypted = isSealed(manifest);
  return `# ${database_name ?? 'A database'}, as it was on ${backup_date}

${rows.toLocaleString('en')} rows, in \`backups/${name}.json\` and the files that it names. To make a SQLite database of them, no program of ours is needed:

\`\`\`sh
${isEncrypted ? 'IDENTITY=key.txt ' : ''}sh recover.sh
\`\`\`

${needs(isEncrypted)}

The script checks every file, makes a new database beside itself, and says how many rows it has. It changes nothing else, and stops where something is wrong.
It works on every backup of this kind: put it beside any folder \`backups\`, a clone of the repository for instance, and name another backup with
\`sh recover.sh backups/NAME.json new.db\`.

What it does not do: values that backups leave out are NULL, or the column's default; a database that kept its texts in UTF-16 has them in UTF-8; files that
were saved beside the rows lie in a folder beside the database, for you to move.
`;
}

const needs = (isEncrypted: boolean) =>
  isEncrypted
    ? `It needs \`sqlite3\` 3.38 or later, [\`age\`](https://age-encryption.org), \`gunzip\`, and what every Unix has. **And a key**: a file as \`age-keygen\` or \`overwinter keys new\` writes it,
that is not in this folder, and should not be kept with it. Where the backup was encrypted with a passphrase, run it without \`IDENTITY\`, and \`age\` asks for it.`
    : `It needs \`sqlite3\` 3.38 or later and what every Unix has. **Nothing here is encrypted**: keep it where the database itself could be kept.`;
