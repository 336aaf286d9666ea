import type { Command } from 'commander';

/** For commands that look into backups: they do it in another place than the folder. */
export const withStore = (command: Command): Command =>
  command.option(
    '--store <address>',
    'look into this store, and not into the folder: an address, or the beginning of one that is configured',
  );
