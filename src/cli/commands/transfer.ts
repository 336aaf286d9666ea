import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { reasonOf } from '../../core/errors.ts';
import { hint, overwinter } from '../../core/hint.ts';
import { importUnreadable } from '../../core/problems/restoring.ts';
import { usage } from '../../core/problems/usage.ts';
import { size } from '../../core/words.ts';
import { exportDocument, importDocument, tryDocument } from '../../operations/transfer.ts';
import { lossInWords } from '../changes.ts';
import { invoke, type Terminal } from '../command.ts';
import { mustBeMeant } from '../confirm.ts';
import { keepOutOfGit } from '../keep-out-of-git.ts';
import { stoppable } from '../stoppable.ts';
import { report } from './restore.ts';

export function addTransfer(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .argument('[name]', 'a backup; without one the database as it is now')
    .description('write one self-contained JSON document')
    .option('-o, --output <file>', 'write it to a file instead of stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  $ overwinter export > data.json\n  $ overwinter export before-migration -o data.json',
    )
    .action((name: string | undefined, options: { output?: string }, command: Command) =>
      invoke(
        terminal,
        command,
        async ({ project, output }) => {
          const document = await exportDocument(project, name);
          if (options.output === undefined) {
            terminal.out.write(document);
            return 0;
          }
          const file = resolve(terminal.cwd, options.output);
          writeFileSync(file, document, { mode: 0o600 });
          await keepOutOfGit(file, terminal, output);
          output.say(`Wrote ${file} (${size(Buffer.byteLength(document))}).`);
          output.result({ file, bytes: Buffer.byteLength(document) }, '');
          return 0;
        },
        { backup: name },
      ),
    );

  program
    .command('import')
    .argument('<file>', "the document, as it is, as .gz or .age; '-' for stdin")
    .description('restore from such a document, or from one of an older tool')
    .option('--yes', 'do not ask, not even where what is there looks like another database')
    .addHelpText(
      'after',
      '\nExamples:\n  $ overwinter import data.json --db new.db\n  $ overwinter import backup_20250906.json\n  $ overwinter import backup_20261129_101500_4f1c2a9b.json.gz.age --db new.db',
    )
    .action((file: string, options: { yes?: boolean }, command: Command) =>
      invoke(terminal, command, async (invocation) => {
        const { project, output } = invocation;
        const source = readDocument(terminal, file);
        const importing = { overAnother: options.yes === true, onProgress: output.progress };
        return stoppable(output, project.database.label, async (watched) => {
          await mustBeMeant(invocation, 'replaces', options.yes, async () =>
            lossInWords(file, await tryDocument(project, file, source, 0, importing)),
          );
          const result = await importDocument({ ...project, ...watched }, file, source, importing);
          report(result, output);
          output.result(result, '');
          return 0;
        });
      }),
    );
}

function readDocument(terminal: Terminal, file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : resolve(terminal.cwd, file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw usage(
        `There is no file ${file}.`,
        hint`Name one that ${overwinter('export')} wrote: ${overwinter('import', 'FILE')}.`,
      )(error);
    }
    throw importUnreadable(file, reasonOf(error))(error);
  }
}
