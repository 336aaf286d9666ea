import { text } from 'node:stream/consumers';
import { readAlarmMemory } from '../core/alarms/read-memory.ts';
import { deliver } from './deliver.ts';
import { receiversAt } from './index.ts';
import { alarmNotes } from './memory.ts';

/** The process that sends alarms for one that could not wait. Nobody waits for it, and it says nothing. */
const LONGEST_MS = 120_000;
/** Another may be sending; what came since is not to be left until something happens again. */
const WAIT_MS = 60_000;

const { addresses, local, unwritten }: { addresses: string[]; local: string; unwritten?: string } = JSON.parse(
  await text(process.stdin),
);
setTimeout(() => process.exit(1), LONGEST_MS).unref();
await deliver({
  local,
  notes: alarmNotes(local, unwritten === undefined ? undefined : readAlarmMemory(unwritten)),
  receivers: receiversAt(addresses, process.env),
  now: () => new Date(),
  wait: WAIT_MS,
});
