import { constants } from 'node:os';
import type { Command } from 'commander';
import { count } from '../../core/words.ts';
import { headCommit } from '../../git/questions.ts';
import { openRepository } from '../../git/repository.ts';
import { type KeepEvent, sentenceOf } from '../../keep/events.ts';
import { endLike, run } from '../../keep/run.ts';
import { tellerOf } from '../../keep/tell-alarms.ts';
import type { Project } from '../../operations/project.ts';
import { noteOnHost } from '../../project/note-on-host.ts';
import { type Invocation, invokeTogether, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';
import { wholeNumber } from './diff.ts';
import { reportBoot } from './restore.ts';

interface Options {
  readonly debounce: number;
  readonly longest: number;
  readonly every: number;
  readonly deadline: number;
}

export function addRun(program: Command, terminal: Terminal): void {
  program
    .command('run')
    .argument('<command...>', 'the app and its arguments, after --')
    .description('restore if needed, start an app in any language, back up while it runs and when it stops')
    .option('--debounce <seconds>', 'how long it must be quiet after a change', wholeNumber, 5)
    .option('--longest <seconds>', 'how long a change waits at most', wholeNumber, 60)
    .option('--every <seconds>', 'how often a database that is no file is asked for changes', wholeNumber, 300)
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
      invokeTogether(terminal, command, (all) => start(all, words, options)),
    );
}

async function start(
  all: readonly [Invocation, ...Invocation[]],
  command: string[],
  options: Options,
): Promise<number> {
  const [{ project: first, root, settled, output, terminal }] = all;
  const note = noteOnHost(first);
  if (note !== undefined) output.warn(note);
  const repository = await openRepository(first.store.path, terminal.env);
  const commit = repository && (await headCommit(repository));
  const outputs = new Map(all.map((each) => [each.project.identity.name, each.output]));
  const outputFor = ({ identity }: Project) => outputs.get(identity.name) ?? output;
  const projects = all.map(({ project }) => (commit === undefined ? project : { ...project, commit }));
  const { code, signal } = await run(projects, {
    command,
    cwd: terminal.cwd,
    env: terminal.env,
    timing: {
      debounce: options.debounce * 1000,
      longest: options.longest * 1000,
      every: options.every * 1000,
    },
    deadline: options.deadline * 1000,
    onProgress: output.progress,
    onRestored(result, of) {
      if (result.restored) reportBoot(result, outputFor(of));
      else if (result.files !== undefined) outputFor(of).say(`${result.reason}.`);
    },
    teller: (project) =>
      tellerOf({ project, root, settled }, terminal.env, ({ label, reason }) =>
        outputFor(project).warn(`no alarm reaches ${label}: ${reason}. It is tried again.`),
      ),
    onEvent: (event, of) => say(event, outputFor(of), all.length === 1 ? '' : ` of ${of.identity.name}`),
  });
  return signal === null ? (code ?? 1) : endLike(signal, constants.signals[signal]);
}

function say(event: KeepEvent, output: Output, whose: string): void {
  if ('problem' in event) output.warn(sentenceOf(event));
  else if (event.type === 'backup') output.say(`Saved ${count(event.result.rows, 'row')}${whose}.`);
}
