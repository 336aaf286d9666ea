import type { Command } from 'commander';
import { noBackup } from '../../../core/problems.ts';
import { readCatalog } from '../../../operations/catalog.ts';
import { invoke, type Terminal } from '../command.ts';
import { moment, number, size, table } from '../words.ts';

export function addList(program: Command, terminal: Terminal): void {
  program
    .command('list')
    .description('show the backups, newest first')
    .addHelpText('after', '\nExamples:\n  $ overwinter list\n  $ overwinter list --json')
    .action((_options: unknown, command: Command) =>
      invoke(terminal, command, async ({ project, output }) => {
        const { entries, unreadable } = await readCatalog(project.store);
        for (const { name, reason } of unreadable) output.warn(`${name} cannot be read: ${reason}`);
        if (entries.length === 0 && unreadable.length === 0 && !output.json) throw noBackup(project.store.label)();
        const rows = entries.map(({ name, metadata: { backup_date, origin, rows, bytes } }) => [
          name,
          moment(backup_date),
          `${origin.environment}, ${origin.trigger}`,
          number(rows),
          size(bytes),
        ]);
        const documents = entries.map(({ name, metadata }) => ({ name, ...metadata }));
        output.result(
          { backups: documents, unreadable },
          table(['NAME', 'SAVED (UTC)', 'ORIGIN', 'ROWS', 'SIZE'], rows, [3, 4]),
        );
        return 0;
      }),
    );
}
