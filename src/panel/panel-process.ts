import { problemOf } from '../core/errors.ts';
import type { LocalProject } from '../operations/project.ts';
import { atCommit } from '../project/at-commit.ts';
import { openProject, openProjects } from '../project/open-project.ts';
import { countingOnce } from './counted.ts';
import { type Asked, type OnWork, Stopped, type Told } from './protocol.ts';
import { type Act, type Asks, acts } from './worker/acts.ts';
import { type PanelAlarms, panelAlarms } from './worker/alarms.ts';

/** The process that works for the panel. It ends when the panel lets go of it, after what it is busy with. */
const TELL_EVERY_MS = 100;

function tell(told: Told): void {
  // A panel that is gone hears nothing any more.
  if (process.connected) process.send?.(told, () => {});
}

let opening: { readonly flags: Extract<Asked, { kind: 'open' }>['flags']; readonly cwd: string } | undefined;
let project: Promise<LocalProject> | undefined;
let alarms: PanelAlarms | undefined;

const world = () => ({ cwd: opening?.cwd ?? process.cwd(), env: process.env, now: () => new Date() });

async function databases(): Promise<string> {
  const { projects } = await openProjects(world(), opening?.flags ?? {});
  return JSON.stringify(projects.map(({ identity }) => identity.name));
}

/** A configuration that cannot be is told to whoever asks, and looked at again for the next. */
function opened(): Promise<LocalProject> {
  project ??= openProject(world(), opening?.flags ?? {}).then(async (each) => {
    alarms = await panelAlarms(each, process.env);
    return { ...each.project, database: countingOnce(each.project.database) };
  });
  project.catch(() => {
    project = undefined;
  });
  return project;
}

/** What is being worked on. */
const atWork = new Set<Promise<unknown>>();

/** Once nobody asks any more: a process that is connected to a database does not end. */
async function letGo(of: typeof project): Promise<void> {
  await Promise.allSettled(atWork);
  await of?.then(({ database }) => database.close()).catch(() => {});
}

/** The acts that are to end. */
const unwanted = new Set<number>();

/**
 * An operation that is told to stop fails where it reports progress, and cleans up as after any failure. None reports any more when it
 * puts something in its place. Throws Stopped, whatever the operation made of it: one that tries many things takes it for the failure of one.
 */
async function perform<N extends Exclude<Act, 'databases'>>(id: number, name: N, args: Asks[N][0]): Promise<string> {
  let last = 0;
  let stopped: Stopped | undefined;
  const found = await opened();
  const at = name === 'backup' || name === 'pull' ? atCommit(found, process.env) : found;
  const onProgress: OnWork = (phase, done, total, step) => {
    if (unwanted.has(id)) {
      if (stopped === undefined) tell({ kind: 'stopping', id });
      stopped ??= new Stopped();
      throw stopped;
    }
    const now = performance.now();
    if (now - last < TELL_EVERY_MS && done < total) return;
    last = now;
    tell({ kind: 'progress', id, progress: { phase, done, total, ...(step === undefined ? {} : { step }) } });
  };
  const told = name === 'backup' ? alarms : undefined;
  const answer = await acts[name](at, args, onProgress).catch(async (error: unknown) => {
    if (stopped === undefined) await told?.failed(error);
    throw stopped ?? error;
  });
  // What was found until then is worth telling.
  if (stopped !== undefined && name !== 'verify') throw stopped;
  await told?.succeeded();
  return JSON.stringify(answer);
}

process.on('message', (asked: Asked) => {
  if (asked.kind === 'open') {
    void letGo(project);
    opening = asked;
    project = undefined;
    return;
  }
  const { id } = asked;
  if (asked.kind === 'stop') {
    unwanted.add(id);
    return;
  }
  const answer = asked.name === 'databases' ? databases() : perform(id, asked.name, asked.args);
  const told = answer.then(
    (text) => tell({ kind: 'answer', id, text }),
    (error: unknown) =>
      tell(error instanceof Stopped ? { kind: 'stopped', id } : { kind: 'failed', id, problem: problemOf(error) }),
  );
  atWork.add(told);
  void told.then(() => atWork.delete(told));
});

process.on('disconnect', () => void letGo(project));
