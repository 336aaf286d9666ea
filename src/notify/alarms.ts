import type { Alarm, Whose } from '../core/alarms/alarm.ts';
import { isAnythingDue, withDue } from '../core/alarms/due.ts';
import type { AlarmMemory } from '../core/alarms/read-memory.ts';
import { type Happening, happened, lookAround } from '../core/alarms/standing.ts';
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
  /** Looks what is out of date, where nothing happened. */
  look(): Promise<void>;
  /** Sends what is due, and waits for it at most so long. Returns whom it did not reach. */
  send(atMost: number): Promise<readonly Unreached[]>;
  /** Lets a process of its own send what is due: for whoever cannot wait, or ends. */
  sendOff(): void;
}

export interface AlarmSettings {
  readonly addresses: readonly string[];
  /** The `.overwinter/` folder. */
  readonly local: string;
  readonly env: Environment;
  readonly now: () => Date;
  readonly patience?: Patience;
}

const START_PATIENCE: Patience = { answer: 3000, pauses: [] };

/** Throws CONFIG_INVALID. */
export function openAlarms({ addresses, local, env, now, patience }: AlarmSettings): Alarms {
  const receivers = receiversAt(addresses, env);
  const notes = alarmNotes(local);
  let begun: Promise<unknown> = Promise.resolve();

  const note = (
    decide: (memory: AlarmMemory) => {
      readonly standings: AlarmMemory['standings'];
      readonly alarms: readonly Alarm[];
    },
  ) =>
    notes.change((memory) => {
      const { standings, alarms } = decide(memory);
      return withDue({ ...memory, standings }, alarms, receivers);
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
      if (happening !== undefined) await note(({ standings }) => happened(standings, happening, now()));
    },
    look: () => note(({ standings }) => lookAround(standings, now())),
    async send(atMost) {
      // A monitor that heard of the beginning after the end would wait for another end.
      await begun;
      if (!isAnythingDue(notes.known(), receivers, now())) return [];
      const end = AbortSignal.timeout(atMost);
      return deliver({
        local,
        notes,
        receivers,
        now,
        end,
        wait: atMost,
        ...(patience === undefined ? {} : { patience }),
      });
    },
    sendOff() {
      if (!isAnythingDue(notes.known(), receivers, now())) return;
      sendElsewhere({ addresses, local, unwritten: notes.unwritten() }, env);
    },
  };
}
