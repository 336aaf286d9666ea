import type { Alarm, Whose } from '../core/alarms/alarm.ts';
import { isAnythingDue, withDue } from '../core/alarms/due.ts';
import type { AlarmMemory } from '../core/alarms/read-memory.ts';
import { type Decided, type Happening, happened, type Known, lookAround, withKnown } from '../core/alarms/standing.ts';
import type { Environment } from '../core/config.ts';
import { deliver, type Patience, sendTo, type Unreached } from './deliver.ts';
import { receiversAt } from './index.ts';
import { alarmNotes } from './memory.ts';
import { sendElsewhere } from './send-elsewhere.ts';

/** The alarms of a project: told what happens, they say it to whom it concerns. Nothing here throws, and no work waits for it. */
export interface Alarms {
  /** A backup begins: monitors measure how long it takes. */
  begin(whose: Whose): void;
  /** Notes what came of something; nothing is sent yet. Undefined is what says nothing. */
  tell(happening: Happening | undefined): Promise<void>;
  /** Looks what is out of date, where nothing happened. `known` is what can be seen of the project's databases. */
  look(known?: Known): Promise<void>;
  /** Sends what is due, and waits for it at most so long. Returns whom it did not reach. */
  send(atMost: number): Promise<readonly Unreached[]>;
  /** Lets a process of its own send what is due: for whoever cannot wait, or ends. */
  sendOff(): void;
  /** Lets go of what is being sent: it stays due. */
  stop(): void;
}

/** Whoever waits longer has nothing to do: the process that is sending takes what is due since, too. */
const BEHIND_ANOTHER_MS = 2000;

export interface AlarmSettings {
  readonly addresses: readonly string[];
  /** The `.overwinter/` folder. */
  readonly local: string;
  readonly env: Environment;
  readonly now: () => Date;
  /** An app that saves all the time is not to tell a monitor each time: so many milliseconds lie between two successes. */
  readonly atMostEvery?: number;
  readonly patience?: Patience;
}

const START_PATIENCE: Patience = { answer: 3000, pauses: [] };

/** Throws CONFIG_INVALID. */
export function openAlarms({ addresses, local, env, now, atMostEvery = 0, patience }: AlarmSettings): Alarms {
  const receivers = receiversAt(addresses, env);
  const notes = alarmNotes(local);
  const leaving = new AbortController();
  let lastSuccess = Number.NEGATIVE_INFINITY;
  let begun: Promise<unknown> = Promise.resolve();

  const isTooSoon = ({ event }: Alarm) => event === 'success' && now().getTime() < lastSuccess + atMostEvery;
  const note = (decide: (standings: AlarmMemory['standings']) => Decided) =>
    notes.change((memory) => {
      const { standings, alarms } = decide(memory.standings);
      const told = alarms.filter((each) => !isTooSoon(each));
      if (told.some(({ event }) => event === 'success')) lastSuccess = now().getTime();
      return withDue({ ...memory, standings }, told, receivers);
    });

  return {
    begin(whose) {
      const monitors = receivers.filter((each) => each.isMonitor && each.missing === undefined);
      if (monitors.length === 0) return;
      const alarm = {
        ...whose,
        id: 'started',
        event: 'started',
        subject: 'backup',
        time: now().toISOString(),
        calm: true,
      } as const;
      begun = Promise.all(monitors.map((each) => sendTo(each, alarm, now, START_PATIENCE)));
    },
    async tell(happening) {
      if (happening !== undefined) await note((standings) => happened(standings, happening, now()));
    },
    look: (known) =>
      note((standings) => lookAround(known === undefined ? standings : withKnown(standings, known), now())),
    async send(atMost) {
      // A monitor that heard of the beginning after the end would wait for another end.
      await begun;
      if (leaving.signal.aborted || !isAnythingDue(notes.known(), receivers, now())) return [];
      const how = { end: AbortSignal.timeout(atMost), leave: leaving.signal, wait: BEHIND_ANOTHER_MS };
      return deliver({ local, notes, receivers, now, ...how, ...(patience === undefined ? {} : { patience }) });
    },
    stop: () => leaving.abort(),
    sendOff() {
      if (!isAnythingDue(notes.known(), receivers, now())) return;
      sendElsewhere({ addresses, local, unwritten: notes.unwritten() }, env);
    },
  };
}
