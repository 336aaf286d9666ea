import { constants } from 'node:os';
import type { Command } from 'commander';
import { count } from '../../core/words.ts';
import { headCommit } from '../../git/questions.ts';
import { openRepository } from '../../git/repository.ts';
import { type KeepEvent, sentenceOf } from '../../keep/events.ts';
import { endLike, run } from '../../keep/run.ts';
import { noteOnHost } from '../../project/note-on-host.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';
import { wholeNumber } from './diff.ts';
import { report } from './restore.ts';

interface Options {
  readonly debounce: number;
  readonly longest: number;
  readonly deadline: number;
}

export function addRun(program: Command, terminal: Terminal): void {
  program
    .command('run')
    .argument('<command...>', 'the app and its arguments, after --')
    .description('restore if needed, start an app in any language, back up while it runs and when it stops')
    .option('--debounce <seconds>', 'how long it must be quiet after a change', wholeNumber, 5)
    .option('--longest <seconds>', 'how long a change waits at most', wholeNumber, 60)
    .option('--deadline <seconds>', 'how long the last backup may take', wholeNumber, 10)
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter run --db data/app.db -- python app.py
  $ overwinter run -- streamlit run app.py --server.port 8080

Signals go to the app, and its exit code is the exit code of this command.`,
    )
    .action((words: string[], options: Options, command: Command) =>
      invoke(terminal, command, (invocation) => start(invocation, words, options)),
    );
}

async function start({ project, output, terminal }: Invocation, command: string[], options: Options): Promise<number> {
  const note = noteOnHost(project);
  if (note !== undefined) output.warn(note);
  const repository = await openRepository(project.store.label, terminal.env);
  const commit = repository && (await headCommit(repository));
  const { code, signal } = await run(commit === undefined ? project : { ...project, commit }, {
    command,
    cwd: terminal.cwd,
    env: terminal.env,
    timing: { debounce: options.debounce * 1000, longest: options.longest * 1000 },
    deadline: options.deadline * 1000,
    onProgress: output.progress,
    onRestored(result) {
      if (!result.restored) return;
      output.say(`Restoring, because ${result.reason}.`);
      report(result, output);
    },
    onEvent: (event) => say(event, output),
  });
  return signal === null ? (code ?? 1) : endLike(signal, constants.signals[signal]);
}

function say(event: KeepEvent, output: Output): void {
  if ('problem' in event) output.warn(sentenceOf(event));
  else if (event.type === 'backup') output.say(`Saved ${count(event.result.rows, 'row')}.`);
}
