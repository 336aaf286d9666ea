import { resolve } from 'node:path';
import type { Command } from 'commander';
import { count, size } from '../../core/words.ts';
import { writeRecoveryKit } from '../../operations/recovery/recovery-kit.ts';
import { invoke, type Terminal } from '../command.ts';
import { withStore } from '../store-option.ts';

export function addRecoveryKit(program: Command, terminal: Terminal): void {
  withStore(program.command('recovery-kit'))
    .argument('[name]', 'the backup that is to be in it; without one, the newest')
    .description('one folder with a backup and a script that brings it back without Overwinter or Node')
    .option('-o, --output <folder>', 'where it is written; a kit that is there is replaced', 'recovery-kit')
    .addHelpText(
      'after',
      `
The script needs a shell and sqlite3, and for an encrypted backup age and your key, which is not in the folder.

Examples:
  $ overwinter recovery-kit
  $ overwinter recovery-kit --output /media/usb/our-app
  $ overwinter recovery-kit --store s3 --output kit`,
    )
    .action((name: string | undefined, { output: folder }: { output: string }, command: Command) =>
      invoke(
        terminal,
        command,
        async ({ at, output }) => {
          const kit = await writeRecoveryKit(at.store, resolve(terminal.cwd, folder), name);
          const key = kit.isEncrypted ? 'IDENTITY=key.txt ' : '';
          output.say(
            `Wrote ${kit.name} with its ${count(kit.rows, 'row')} (${size(kit.bytes)} of parts). '${key}sh ${folder}/recover.sh' makes a database of it.`,
          );
          output.result(kit, kit.folder);
          return 0;
        },
        { backup: name },
      ),
    );
}
