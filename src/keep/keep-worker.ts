import { writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { problemOf } from '../core/errors.ts';
import { atCommit } from '../project/at-commit.ts';
import { namedCommands } from '../project/named-commands.ts';
import { noteOnHost } from '../project/note-on-host.ts';
import { openProject } from '../project/open-project.ts';
import type { KeepEvent } from './events.ts';
import { beat } from './heartbeat.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Asked, Setup, Told } from './protocol.ts';
import { tellerOf, toldBy } from './tell-alarms.ts';

/** The thread, or the process, that does the work for `keep`: opening, reading and writing never stop the app's own thread. */
function tell(told: Told): void {
  if (parentPort !== null) parentPort.postMessage(told);
  // An app that was killed hears nothing any more.
  else if (process.connected) process.send?.(told, () => {});
}

async function start({ flags, cwd, timing, heartbeat }: Setup): Promise<Loop> {
  const { project, configFile, root, settled } = await openProject(
    { cwd, env: process.env, now: () => new Date() },
    flags,
  );
  const note = noteOnHost(project);
  if (note !== undefined) tell({ kind: 'note', text: note });
  const name = namedCommands({ dir: flags.dir, cwd, folder: project.store.path, configFile, root });
  const teller = await tellerOf({ project, root, settled }, process.env, ({ label, reason }) =>
    tell({ kind: 'note', text: `no alarm reaches ${label}: ${reason}. It is tried again.` }),
  );
  // The code that runs is the one that was started, whatever is checked out later.
  const started = startLoop(atCommit(project, process.env), {
    trigger: 'keep',
    timing,
    onEvent(event) {
      tell({ kind: 'event', event: named(event, name) });
      teller?.event(event);
      // All is well when every place has it.
      if (heartbeat !== undefined && ('problem' in event || !started.behind())) void beat(heartbeat, event);
    },
    onDrilled: (results) => teller?.drilled(results),
    onPending: (pending) => tell({ kind: 'pending', pending }),
  });
  return teller === undefined ? started : toldBy(teller, started);
}

function named(event: KeepEvent, name: (sentence: string) => string): KeepEvent {
  if (!('problem' in event)) return event;
  return { ...event, problem: { ...event.problem, hint: name(event.problem.hint) } };
}

let loop: Promise<Loop> | undefined;
let answered: Setup['answered'] | undefined;
let patience = 0;

function answer(id: number): void {
  if (typeof answered === 'string') writeFileSync(answered, String(id));
  else if (answered !== undefined) {
    Atomics.store(answered, 0, id);
    Atomics.notify(answered, 0);
  }
}

async function hear(asked: Asked): Promise<void> {
  if (asked.kind === 'start') {
    answered = asked.setup.answered;
    patience = asked.setup.deadline / 2;
    loop = start(asked.setup);
    await loop;
    tell({ kind: 'ready' });
    return;
  }
  if (asked.kind === 'changed') {
    (await loop)?.changed();
    return;
  }
  const { kind, id } = asked;
  try {
    const event = kind === 'backup' ? await (await loop)?.backup() : await (await loop)?.flush(patience);
    if (kind === 'stop') (await loop)?.stop();
    tell({ kind: 'answer', id, ...(event === undefined ? {} : { event }) });
  } finally {
    answer(id);
  }
}

const onMessage = (asked: Asked) =>
  void hear(asked).catch((error: unknown) => tell({ kind: 'cannot', problem: problemOf(error) }));

if (parentPort !== null) parentPort.on('message', onMessage);
else {
  process.on('message', onMessage);
  // The app says when to stop; if it cannot any more, what is unsaved is saved all the same.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => void lastWords());
}

async function lastWords(): Promise<void> {
  try {
    const started = await loop;
    await started?.flush(patience);
    started?.stop();
  } finally {
    process.exit(0);
  }
}
