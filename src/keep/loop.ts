import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../core/errors.ts';
import { holdOf } from '../local/hold.ts';
import { backup } from '../operations/backup.ts';
import { settleMark } from '../operations/development/mark.ts';
import type { Project } from '../operations/project.ts';
import type { Verified } from '../operations/verify.ts';
import { startCopies } from './copies.ts';
import { drillNowAndThen } from './drill-now-and-then.ts';
import { failure, type KeepEvent } from './events.ts';
import { Schedule, type Timing } from './schedule.ts';
import { secondForm } from './second-form.ts';
import { thinOut } from './thin-out.ts';
import { watchFiles } from './watch-files.ts';

const ASK_AGAIN = 100;
const OFTEN = 20;
const SELDOM = 500;
/** To ask a file costs nothing; who is asked at an address may have to be woken, and paid for. */
const CALM = 5 * 60_000;

export interface LoopOptions {
  readonly trigger: string;
  readonly timing: Timing;
  /** Whether the process goes on as long as this does. Default: yes. */
  readonly holdsProcess?: boolean;
  readonly onEvent: (event: KeepEvent) => void;
  /** Called when the newest backup was tried. */
  readonly onDrilled?: (results: readonly Verified[]) => void;
  /** Called when the answer to "is there something unsaved?" changes. */
  readonly onPending?: (pending: boolean) => void;
}

/** Watches a database and backs it up, one backup at a time. Nothing here throws. */
export interface Loop {
  /** Backs up now, after the backup that is running. */
  backup(): Promise<KeepEvent>;
  /** Somebody wrote, and says so. */
  changed(): void;
  /**
   * Backs up what is not saved yet and brings it where it is to be. Where another process is in the way it is tried for so
   * many milliseconds.
   */
  flush(patience: number): Promise<void>;
  /** Whether another place that is to have the newest backup does not have it. */
  behind(): boolean;
  stop(): void;
}

/** Also a server that has no connection free for a moment: at the end of an app nobody tries again later. */
const IN_THE_WAY = ['BUSY', 'DATABASE_LOCKED', 'DATABASE_UNREACHABLE'];
const isInTheWay = (event: KeepEvent) => 'problem' in event && IN_THE_WAY.includes(event.problem.code);

/** Fakes are not to be saved, and nobody is to be woken for that. */
const whyNotSaved = ({ local, database }: Project) => {
  const hold = holdOf(local, database.id);
  return hold?.madeFor === undefined ? undefined : hold.reason;
};

export function startLoop(project: Project, options: LoopOptions): Loop {
  const { trigger, timing, holdsProcess = true, onEvent, onDrilled, onPending } = options;
  const now = () => performance.now();
  const watch = project.database.watch();
  const files = watchFiles(project, now);
  const schedule = new Schedule(timing, now());
  const thin = thinOut(project);
  const keepSecondForm = secondForm(project);
  const drills = drillNowAndThen(project, onDrilled);
  const copies = startCopies(project, timing.longest, onEvent);
  let running: Promise<KeepEvent> | undefined;
  let wasPending = false;

  const tellPending = () => {
    const pending = schedule.pendingSince !== undefined || running !== undefined;
    if (pending !== wasPending) onPending?.(pending);
    wasPending = pending;
  };

  const isFile = project.database.file !== undefined;
  let nextLook = now();
  let looks = 0;
  let closed = Promise.resolve();
  const look = async () => {
    await lookAtRows();
    if (files.changed('now')) schedule.changed(now());
  };
  const lookAtRows = async () => {
    await closed;
    nextLook = isFile ? 0 : now() + (timing.every ?? CALM);
    looks++;
    if (await watch.changed()) schedule.changed(now());
    looks--;
  };

  /** Nobody asks it anything for a while: a connection would be held for nothing. */
  const letGo = () => {
    const isAsked = running !== undefined || looks > 0 || drills.isAtWork();
    if (!isFile && !isAsked) closed = project.database.close().catch(() => {});
  };

  const attempt = async (isLast: boolean): Promise<KeepEvent> => {
    await look();
    const since = schedule.begun();
    await settleMark(project);
    const reason = whyNotSaved(project);
    if (reason !== undefined) {
      schedule.succeeded(now());
      return { type: 'skipped', date: new Date().toISOString(), reason };
    }
    try {
      const result = await backup(project, { trigger });
      schedule.succeeded(now());
      const type = result.status === 'created' ? 'backup' : 'unchanged';
      if (type === 'backup') await thin();
      copies.backedUp(type === 'backup');
      if (!isLast) await keepSecondForm(result);
      return { type, date: new Date().toISOString(), result };
    } catch (error) {
      return failure(problemOf(error), schedule.failed(now(), since));
    }
  };

  const begin = (isLast = false): Promise<KeepEvent> => {
    const before = running ?? Promise.resolve();
    const mine = before
      .then(() => attempt(isLast))
      .then((event) => {
        if (running === mine) running = undefined;
        tellPending();
        onEvent(event);
        const tried = !isLast && 'result' in event ? drills.maybe(event.result.name) : Promise.resolve();
        void tried.then(letGo);
        return event;
      });
    running = mine;
    tellPending();
    return mine;
  };

  /** A database that is slow to answer is not asked twice at once. */
  let looking = false;
  const lookAround = async () => {
    if (running !== undefined || looking) return;
    looking = true;
    const isTime = now() >= nextLook;
    if (isTime) await lookAtRows();
    if (files.changed()) schedule.changed(now());
    looking = false;
    if (running !== undefined) return;
    if (now() >= schedule.dueAt()) return void begin();
    tellPending();
    if (isTime) letGo();
  };
  const timer = setInterval(() => void lookAround(), Math.min(SELDOM, Math.max(OFTEN, timing.debounce / 4)));
  if (!holdsProcess) timer.unref();

  return {
    backup: () => begin(),
    changed: () => schedule.changed(now()),
    async flush(patience) {
      const end = now() + patience;
      await running;
      await look();
      if (schedule.pendingSince !== undefined)
        while (isInTheWay(await begin(true)) && now() + ASK_AGAIN < end) await sleep(ASK_AGAIN);
      await copies.flush(Math.max(0, end - now()));
    },
    behind: copies.behind,
    stop() {
      clearInterval(timer);
      drills.stop();
      copies.stop();
      void watch.close();
    },
  };
}
