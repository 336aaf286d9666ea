import { writeFileSync } from 'node:fs';
import { inPieces, problemOf } from '../core/errors.ts';
import { hintText, type Namer } from '../core/hint.ts';
import type { Database } from '../engines/engine.ts';
import { atCommit } from '../project/at-commit.ts';
import { namedCommands } from '../project/named-commands.ts';
import { noteOnHost } from '../project/note-on-host.ts';
import { openProject } from '../project/open-project.ts';
import type { KeepEvent } from './events.ts';
import { beat } from './heartbeat.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Asked, Setup, Told } from './protocol.ts';
import { tellerOf, toldBy } from './tell-alarms.ts';

export interface Work {
  hear(asked: Asked): void;
  /** Saves what is unsaved, for an app that is gone. */
  lastWords(): Promise<void>;
}

export interface WorkOptions {
  readonly tell: (told: Told) => void;
  /** The database that the app has open, where nobody else can read it; else it is opened by its name. */
  readonly database?: () => Promise<Database>;
}

/** What does the work for `keep`, wherever it runs: a thread, a process, or the app's own thread. */
export function startWork({ tell, database }: WorkOptions): Work {
  let loop: Promise<Loop> | undefined;
  let answered: Setup['answered'] | undefined;
  let patience = 0;

  const start = async ({ flags, cwd, timing, heartbeat }: Setup): Promise<Loop> => {
    const opened = await openProject({ cwd, env: process.env, now: () => new Date() }, flags);
    const { configFile, root, settled } = opened;
    const project = database === undefined ? opened.project : { ...opened.project, database: await database() };
    const note = noteOnHost(project);
    if (note !== undefined) tell({ kind: 'note', text: hintText(note) });
    const name = namedCommands({ dir: flags.dir, cwd, folder: project.store.path, configFile, root });
    const teller = await tellerOf({ project, root, settled }, process.env, ({ label, reason }) =>
      tell({ kind: 'note', text: `no alarm reaches ${label}: ${reason}. It is tried again.` }),
    );
    // The code that runs is the one that was started, whatever is checked out later.
    const started = startLoop(atCommit(project, process.env), {
      trigger: 'keep',
      // To ask what the app has open costs nothing.
      timing: database === undefined ? timing : { ...timing, every: 0 },
      holdsProcess: database === undefined,
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
  };

  const answer = (id: number) => {
    if (typeof answered === 'string') writeFileSync(answered, String(id));
    else if (answered !== undefined) {
      Atomics.store(answered, 0, id);
      Atomics.notify(answered, 0);
    }
  };

  const heard = async (asked: Asked): Promise<void> => {
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
  };

  return {
    hear: (asked) => void heard(asked).catch((error: unknown) => tell({ kind: 'cannot', problem: problemOf(error) })),
    async lastWords() {
      const started = await loop;
      await started?.flush(patience);
      started?.stop();
    },
  };
}

function named(event: KeepEvent, name: Namer): KeepEvent {
  if (!('problem' in event)) return event;
  return { ...event, problem: { ...event.problem, ...inPieces(name(event.problem.hintPieces)) } };
}
