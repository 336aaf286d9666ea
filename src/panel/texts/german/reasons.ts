import type { Step, StepName } from '../../../core/chain/step.ts';
import type { Reasons } from '../reasons.ts';
import { rows } from './count.ts';

/** What a step says that only the library knows: names, and what a system answered. */
const inFull =
  (sentence: string) =>
  ({ text }: Step): string =>
    `${sentence} Im Einzelnen: ${text}`;

const NEXT: Readonly<Record<StepName, string>> = {
  saved: 'Es gibt noch kein Backup.',
  committed: 'Es gibt noch nichts einzuchecken.',
  pushed: 'Es gibt noch nichts wegzubringen.',
  drilled: 'Es gibt noch nichts zu proben.',
  boots: 'Es gibt noch nichts, womit ein Start beginnen könnte.',
};

export const reasons: Required<Reasons> = {
  saved: () => 'Das neueste Backup enthält alles.',
  committed: () => 'Es ist eingecheckt, oder ein anderer Ort hat es.',
  pushed: () => 'Es liegt auch anderswo.',
  drilled: () => 'Es wurde zur Probe wiederhergestellt, wieder gelesen und verglichen.',
  boots: ({ backup }) =>
    backup === undefined
      ? 'Ein Start lässt die Datenbank, wie sie ist.'
      : `Wäre die Datenbank fort, brächte ein Start ${backup} zurück.`,
  database: inFull('Die Datenbank lässt sich nicht lesen.'),
  empty: inFull('In der Datenbank ist nichts, in den Backups schon.'),
  store: inFull('Die Backups lassen sich nicht lesen.'),
  hold: inFull('Eine Wiederherstellung ist gescheitert; bis eine gelingt, wird nichts gesichert.'),
  development: inFull('Die Datenbank wurde für die Entwicklung gemacht, und davon wird nichts gesichert.'),
  attempt: inFull('Der letzte Versuch, ein Backup zu machen, ist gescheitert.'),
  settings: inFull('Etwas an den Einstellungen stimmt nicht.'),
  'no-backup': ({ name }) => NEXT[name],
  'not-checked-out': inFull('Der letzte Commit hat Backups, der Ordner nicht.'),
  'not-writable': inFull('Ein Ordner, in den geschrieben werden muss, lässt sich nicht beschreiben.'),
  'passed-over': inFull('Ein anderes Backup wurde das neueste: Diesem fehlen vielleicht Zeilen eines früheren.'),
  behind: inFull('Hier liegt ein neueres Backup als das, von dem die Datenbank stammt.'),
  changed: ({ unsaved, text }) =>
    unsaved === undefined
      ? `Nicht alles ist gesichert. Im Einzelnen: ${text}`
      : `${rows(unsaved)} ${unsaved === 1 ? 'steht' : 'stehen'} in keinem Backup.`,
  unknown: () => 'Seit in die Datenbank geschrieben wurde, hat niemand sie mit dem neuesten Backup verglichen.',
  future: inFull('Das neueste Backup kommt der Uhr nach aus der Zukunft.'),
  'no-repository': () =>
    'Die Backups liegen in keinem git-Repository: Sie haben keine Geschichte und bleiben auf diesem Rechner.',
  'no-git': inFull('Was git weiß, lässt sich nicht erfahren.'),
  ignored: () => 'Eine .gitignore verbirgt die Backups: Der Hook nimmt sie trotzdem auf, git selbst nicht.',
  uncommitted: () => 'Das neueste Backup ist in keinem Commit dieses Branches.',
  'no-remote': () => 'Es liegt nur auf diesem Rechner.',
  unpushed: () => 'Das neueste Backup ist noch nicht gepusht.',
  'not-copied': inFull('Nicht jeder Ort hat das neueste Backup.'),
  conflict: () => 'Ein Backup wurde abgelehnt und beiseitegelegt: Es hat vielleicht Zeilen, die dem neuesten fehlen.',
  host: inFull('Dieser Rechner vergisst, was hier geschrieben wird.'),
  damaged: inFull('Das neueste Backup ist beschädigt.'),
  'no-key': inFull('Hier ist kein Schlüssel, der das neueste Backup öffnet.'),
  'drill-failed': inFull('Das neueste Backup ließ sich zur Probe nicht wiederherstellen.'),
  'never-drilled': () => 'Das neueste Backup wurde noch nie zur Probe wiederhergestellt.',
  unreadable: inFull('Ein Backup lässt sich nicht lesen und war vielleicht das neueste.'),
  pointer: inFull('Der Zeiger auf das neueste Backup stimmt nicht.'),
  'other-backup': inFull('Ein Start brächte ein anderes als das neueste Backup zurück.'),
  refuses: inFull('Ein Start würde verweigert.'),
};
