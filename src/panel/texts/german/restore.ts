import type { restore as english } from '../english/restore.ts';
import { rows, tables } from './count.ts';

export const restore: typeof english = {
  leftOutStays: (words) =>
    `Im Backup fehlt ${words}: Zeilen, die hier sind, behalten, was sie davon haben, und andere bekommen nichts.`,
  importLook: 'Das Dokument ansehen',
  restoreTitle: (name) => `${name} wiederherstellen`,
  whatBack: 'Was zurückkommen soll',
  everything: 'Alles: Die Datenbank wird, was sie war',
  theseTables: 'Zeilen dieser Tabellen: was in ihnen fehlt oder geändert ist',
  theseRows: (count, table) => `${rows(count)} von ${table}, wie angekreuzt`,
  exact: 'Zeilen, die das Backup nicht hat, gehen',
  withParents: 'Zeilen anderer Tabellen, die diese brauchen, kommen mit',
  pickTables: 'Kreuzen Sie die Tabellen an, die zurückkommen sollen.',
  intoCopy: 'In eine Kopie',
  copyExplained: 'Eine eigene Datenbank, um hineinzusehen oder Einzelnes herauszuholen. Ihre bleibt unberührt.',
  wouldGo: (what) => `Es ginge: ${what}`,
  nothingGoes: 'Nichts ginge',
  snapshotFirst: 'Vorher entsteht ein Snapshot von dem, was jetzt da ist.',
  restoreFirst: 'Sehen Sie erst, was sich ändern würde. Dadurch wird nichts ersetzt.',
  previewButton: 'Zeigen, was sich ändern würde',
  wouldChange: 'Was sich ändern würde',
  wouldAdd: 'kämen hinzu',
  wouldChangeRows: 'würden geändert',
  wouldRemove: 'würden entfernt',
  nothingWould: 'Nichts: Die Datenbank enthält genau das, was dieses Backup enthält.',
  nothingWouldBe: 'Nichts: Die Datenbank enthält genau das, was dieses Dokument brächte.',
  nothingThere: (count, of) => `Jetzt ist keine Datenbank da. ${rows(count)} in ${tables(of)} kämen zurück.`,
  unreadableNow: (count, of) =>
    `Die Datenbank lässt sich jetzt nicht lesen. Sie würde beiseitegelegt, und ${rows(count)} in ${tables(of)} kämen zurück.`,
  confirmName: (name) => `Zur Bestätigung ${name} eingeben`,
  confirmWrong: 'Das ist nicht der Name. Nichts wurde geändert.',
  restoreNow: 'Dieses Backup wiederherstellen',
  restoreSafety: 'Vorher entsteht ein Snapshot von dem, was jetzt da ist; danach lässt sich dies rückgängig machen.',
  cannotReplace:
    'Die Datenbank lässt sich von hier nicht ersetzen, denn niemand hat gesagt, wie die App sie schließt. Mehr dazu in der Anleitung unter „withDatabaseClosed“; oder halten Sie die App an und nehmen Sie die Kommandozeile.',
  lookFirstAtDocument:
    'Wählen Sie das Dokument noch einmal: Was vorher gezeigt wurde, ist nicht mehr bekannt. Nichts wurde geändert.',
  lookFirst: 'Sehen Sie erst, was sich ändern würde. Was vorher gezeigt wurde, ist nicht mehr bekannt.',
  importTitle: 'Importieren',
  importExplained:
    'Ein Dokument aus einem Export ersetzt die Datenbank. Eines von einem älteren Werkzeug hat keine Definitionen: Seine Zeilen gehen in Tabellen, die leer sind.',
  document: 'Dokument',
  documentHint: (size) => `Eine JSON-Datei von höchstens ${size}.`,
  importFirst: 'Sehen Sie erst, was sich ändern würde. Dadurch wird nichts ersetzt.',
  importWhat: (name) => `${name} importieren`,
  importNow: 'Dieses Dokument importieren',
  dropUpload: 'Nicht importieren',
  chooseFile: 'Wählen Sie erst ein Dokument.',
  tooLarge: (size) => `Das ist größer als ${size}, und mehr wird hier nicht angenommen. Nichts wurde geändert.`,
};
