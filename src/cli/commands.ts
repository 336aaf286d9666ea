import type { Command } from 'commander';
import type { Terminal } from './command.ts';

type Add = (program: Command, terminal: Terminal) => void;

interface Family {
  /** The commands that it adds, where they can do without the others. */
  readonly words: readonly string[];
  load(): Promise<Add>;
}

/** Every command, in the order in which a newcomer meets them. 'completion' speaks of all of them. */
const COMMANDS: readonly Family[] = [
  { words: ['init'], load: async () => (await import('./commands/init.ts')).addInit },
  { words: ['status'], load: async () => (await import('./commands/status.ts')).addStatus },
  { words: ['doctor'], load: async () => (await import('./commands/doctor.ts')).addDoctor },
  { words: ['backup'], load: async () => (await import('./commands/backup.ts')).addBackup },
  { words: ['list', 'ls'], load: async () => (await import('./commands/list.ts')).addList },
  { words: ['restore'], load: async () => (await import('./commands/restore.ts')).addRestore },
  { words: ['auto-restore'], load: async () => (await import('./commands/auto-restore.ts')).addAutoRestore },
  { words: ['run'], load: async () => (await import('./commands/run.ts')).addRun },
  { words: ['verify'], load: async () => (await import('./commands/verify.ts')).addVerify },
  { words: ['diff'], load: async () => (await import('./commands/diff.ts')).addDiff },
  { words: ['log'], load: async () => (await import('./commands/log.ts')).addLog },
  { words: ['snapshot', 'snapshots', 'undo'], load: async () => (await import('./commands/snapshot.ts')).addSnapshots },
  { words: ['push'], load: async () => (await import('./commands/push.ts')).addPush },
  { words: ['notify'], load: async () => (await import('./commands/notify.ts')).addNotify },
  { words: ['prune'], load: async () => (await import('./commands/prune.ts')).addPrune },
  { words: ['clear'], load: async () => (await import('./commands/clear.ts')).addClear },
  { words: ['export', 'import'], load: async () => (await import('./commands/transfer.ts')).addTransfer },
  { words: ['recovery-kit'], load: async () => (await import('./commands/recovery-kit.ts')).addRecoveryKit },
  { words: ['copy'], load: async () => (await import('./commands/copy.ts')).addCopy },
  { words: ['ui'], load: async () => (await import('./commands/ui.ts')).addUi },
  { words: ['keys'], load: async () => (await import('./commands/keys.ts')).addKeys },
  { words: ['hook'], load: async () => (await import('./commands/hook.ts')).addHook },
  { words: ['merge-driver'], load: async () => (await import('./commands/merge-driver.ts')).addMergeDriver },
  { words: ['ci'], load: async () => (await import('./commands/ci.ts')).addCi },
  { words: [], load: async () => (await import('./commands/completion.ts')).addCompletion },
];

/** Global options that are followed by a word of their own. */
const WITH_VALUE: readonly (string | undefined)[] = ['--db', '--dir'];

/**
 * What a call needs: one family where the first word names a command, else all, for help, suggestions and completions. Loading
 * every command takes longer than most of them run.
 */
export function commandsFor(argv: readonly string[]): Promise<Add[]> {
  const word = argv.find((argument, at) => !argument.startsWith('-') && !WITH_VALUE.includes(argv[at - 1]));
  const named = COMMANDS.filter(({ words }) => word !== undefined && words.includes(word));
  return Promise.all((named.length > 0 ? named : COMMANDS).map(({ load }) => load()));
}
