import type { Sentences } from '../sentences.ts';

/** What the library says to do next, where somebody may read it in the panel. */
export const hints: Sentences = {
  // How far the data has come.
  '{1} makes the first one': '{1} macht das erste',
  '{1} makes the first backup': '{1} macht das erste Backup',
  'Once the database holds data, {1} saves it': 'Sobald die Datenbank Daten enthält, sichert {1} sie',
  '{1} saves what is new; every commit does too, where the hook is set up':
    '{1} sichert, was neu ist; jeder Commit tut es auch, wo der Hook eingerichtet ist',
  '{1} finds out, and saves what is new; every commit does too, where the hook is set up':
    '{1} findet es heraus und sichert, was neu ist; jeder Commit tut es auch, wo der Hook eingerichtet ist',
  '{1} brings the data back now; so does the next start of the app':
    '{1} bringt die Daten jetzt zurück; der nächste Start der App tut es auch',
  '{1} takes the newer one, {2} says that this is meant; {3} shows the difference':
    '{1} nimmt das neuere, {2} sagt, dass dieser Stand gelten soll; {3} zeigt den Unterschied',
  '{1} says why, of each': '{1} sagt von jeder Spalte, warum',
  '{1} shows what. {2} brings rows back; {3} says that nothing in it is missed':
    '{1} zeigt, welche. {2} holt Zeilen zurück; {3} sagt, dass nichts darin fehlt',
  'Where the clock is right and the rows are in the database, {1} dates them anew':
    'Geht die Uhr richtig und sind die Zeilen in der Datenbank, gibt {1} ihnen ein neues Datum',
  'No backup of it is written. {1} brings the data itself':
    'Davon wird kein Backup geschrieben. {1} bringt die Daten selbst',
  '{1} brings the data itself': '{1} bringt die Daten selbst',
  '{1} brings the data back; if what is there now is meant to be the data, {2}':
    '{1} bringt die Daten zurück; soll gelten, was jetzt da ist: {2}',
  '{1} tries it again': '{1} versucht es noch einmal',
  '{1} makes one, and sets up what saves the data with every commit':
    '{1} legt eines an und richtet ein, was die Daten mit jedem Commit sichert',
  '{1} lets git see them': '{1} lässt git sie sehen',
  '{1} brings it into the repository': '{1} bringt es ins Repository',
  '{1} makes one on GitHub and pushes to it': '{1} legt eines auf GitHub an und pusht dorthin',
  'Once it is committed: {1}': 'Sobald es eingecheckt ist: {1}',
  'Check out a branch first': 'Zuerst einen Branch auschecken',
  '{1} pushes it': '{1} pusht es',
  '{1} brings it there': '{1} bringt es dorthin',
  "{1} brings it there; an app with 'keep', or one that {2} started, does so by itself":
    '{1} bringt es dorthin; eine App mit „keep“ oder eine, die mit {2} gestartet wurde, tut es von selbst',
  '{1} sends one, where the next is due': '{1} schickt eines, wo das nächste fällig ist',
  '{1} tells. {2} takes it; if nothing in it is missed, remove {3}':
    '{1} zeigt es. {2} nimmt es; fehlt nichts daraus, kann {3} gelöscht werden',
  'Look at both where {1} is checked out: {2}; what is to go on is what {3} or {4} brings back':
    'Beide ansehen, wo {1} ausgecheckt ist: {2}; weiter geht es mit dem, was {3} oder {4} zurückbringt',
  '{1} brings each to a branch, {2} sets up the workflow that keeps them; OVERWINTER_HOST=none says that this disk stays':
    '{1} bringt jedes auf einen Branch, {2} richtet den Workflow ein, der sie aufhebt; OVERWINTER_HOST=none sagt, dass diese Platte bleibt',
  '{1} in {2} brings each to a branch, {3} sets up the workflow that keeps them; OVERWINTER_HOST=none says that this disk stays':
    '{1} in {2} bringt jedes auf einen Branch, {3} richtet den Workflow ein, der sie aufhebt; OVERWINTER_HOST=none sagt, dass diese Platte bleibt',
  '{1} brings back what git still has of it, and tries it': '{1} holt zurück, was git noch davon hat, und probt es',
  '{1} tries again, and brings back what git still has; {2} makes a fresh one':
    '{1} versucht es noch einmal und holt zurück, was git noch hat; {2} macht ein frisches',
  '{1} restores it into scratch, checks it, reads it again and compares':
    '{1} stellt es beiseite wieder her, prüft es, liest es wieder und vergleicht',
  '{1} makes a newer one of what is here': '{1} macht ein neueres aus dem, was hier ist',
  '{1} sets it right; the newest backup is found without it':
    '{1} stellt ihn richtig; das neueste Backup wird auch ohne ihn gefunden',

  // Backups and snapshots.
  '{1} brings back what was committed': '{1} holt zurück, was eingecheckt wurde',
  '{1} makes a new one of what the database holds': '{1} macht ein neues aus dem, was die Datenbank enthält',
  'no commit has it, and there is no database a new one could be made of':
    'kein Commit hat es, und es gibt keine Datenbank, aus der ein neues werden könnte',
  'Make the first one with {1}': 'Das erste macht {1}',
  'No database is there either: start the app, which makes it, or name it with --db':
    'Auch eine Datenbank ist nicht da: die App starten, die sie anlegt, oder sie mit --db nennen',
  'Go there: {1}': 'Dorthin gehen: {1}',
  'To make the first one of what is here: {1}': 'Das erste von dem, was hier ist: {1}',
  'If this folder is to have one as well: {1}': 'Soll auch dieser Ordner eine haben: {1}',
  '{1} shows the oldest; what was removed since is in {2}, and {3} brings it back':
    '{1} zeigt das älteste; was seither entfernt wurde, steht in {2}, und {3} holt es zurück',
  '{1} names the damage, and heals what git still has': '{1} nennt den Schaden und heilt, was git noch hat',
  '{1} shows the names; {2} also those that were removed since':
    '{1} zeigt die Namen; {2} auch die, die seither entfernt wurden',
  '{1} takes one; {2} shows the backups': '{1} macht einen; {2} zeigt die Backups',
  'No database is there either: {1} brings it back from the newest backup':
    'Auch eine Datenbank ist nicht da: {1} bringt sie aus dem neuesten Backup zurück',
  'No database and no backup is there either: start the app, which makes it, or name it with --db':
    'Auch eine Datenbank und ein Backup sind nicht da: die App starten, die sie anlegt, oder sie mit --db nennen',
  '{1} lists them; the newest is {2}': '{1} zählt sie auf; der neueste ist {2}',
  '{1}To start with the other data all the same: {2}': '{1}Um dennoch mit den anderen Daten zu beginnen: {2}',
  'To start with the other data all the same: {1}': 'Um dennoch mit den anderen Daten zu beginnen: {1}',
  'Update with {1}': 'Auf die neue Version bringt {1}',
  'See that the app in {1} still saves: {2} there; {3} shows what has come in':
    'Nachsehen, ob die App in {1} noch sichert: dort {2}; {3} zeigt, was angekommen ist',
  '{1} makes a fresh one': '{1} macht ein frisches',
  'Bring them back: {1}': 'Sie zurückholen: {1}',
  'If they are meant to be gone, {1} begins anew': 'Sollen sie fort sein, beginnt {1} von vorn',

  // Restoring.
  'Nothing was pushed. {1} shows which backups restore; {2} makes a fresh one':
    'Es wurde nichts gepusht. {1} zeigt, welche Backups sich wiederherstellen lassen; {2} macht ein frisches',
  'Nothing was replaced. {1} shows which backups restore; {2} names them':
    'Es wurde nichts ersetzt. {1} zeigt, welche Backups sich wiederherstellen lassen; {2} nennt sie',
  'Nothing was replaced. {1} shows first what would change':
    'Es wurde nichts ersetzt. {1} zeigt erst, was sich ändern würde',
  'Restore beside and migrate there: {1}': 'Daneben wiederherstellen und dort umbauen: {1}',
  '{1} writes a document that can; docs/format.md describes it':
    '{1} schreibt ein Dokument, mit dem es geht; docs/format.md beschreibt es',
  'Name another folder: {1}': 'Einen anderen Ordner nennen: {1}',
  'Keep Overwinter beside the backups, and bring them back with {1}':
    'Overwinter neben den Backups aufheben und sie mit {1} zurückholen',
  'Bring the rows back with {1}, or, if this is meant, {2}':
    'Die Zeilen zurückholen: {1}. Oder, wenn es so sein soll: {2}',
  'See what is gone with {1}; if this is meant, {2}': 'Was fort ist, zeigt {1}; soll es so sein: {2}',
  'Make this one where a key is ({1} tells), or, if what is left out is meant, {2}; those after it need neither':
    'Dieses dort machen, wo ein Schlüssel ist ({1} sagt es), oder, wenn es am Ausgelassenen liegen soll, {2}; die danach brauchen beides nicht',
  '{1} brings the data back and lifts this': '{1} bringt die Daten zurück, und dann wird wieder gesichert',
  'If what is there now is meant to be the data: {1}': 'Soll gelten, was jetzt da ist: {1}',

  // Some rows.
  'Restore beside and take them from there: {1}': 'Daneben wiederherstellen und sie von dort nehmen: {1}',
  '{1} goes back to a snapshot, which has them': '{1} geht zu einem Snapshot zurück, der sie hat',
  'Bring back what is missing or changed: {1} without --exact':
    'Zurückholen, was fehlt oder geändert ist: {1} ohne --exact',
  'Write what stands after WHERE in SQL: {1}': 'Schreiben, was in SQL hinter WHERE steht: {1}',
  'Change or remove the one that is here, or bring back others alone: {1}':
    'Die Zeile ändern oder entfernen, die hier ist, oder nur andere zurückholen: {1}',
  'With --exact the rows that the backup does not have go': 'Mit --exact gehen die Zeilen, die das Backup nicht hat',
  'Bring back others alone, {1}, or restore beside with --to':
    'Nur andere zurückholen, {1}, oder mit --to daneben wiederherstellen',
  'Add --with-parents, and those come along; or name their tables with --table, too':
    'Mit --with-parents kommen sie mit; oder auch ihre Tabellen mit --table nennen',
  'Bring both back: {1}; or leave --exact out, so that no row goes':
    'Beide zurückholen: {1}; oder --exact weglassen, dann geht keine Zeile',
  '{1} shows what differs; {2} brings everything back': '{1} zeigt, was anders ist; {2} bringt alles zurück',

  // The machine.
  'Wait until it is done and {1}': 'Warten, bis es fertig ist, und {1}',
  'Nothing that was there has changed. Free some space ({1} shows old backups) and {2}':
    'Was da war, ist unverändert. Platz schaffen ({1} zeigt alte Backups) und {2}',
  'Nothing that was there has changed': 'Was da war, ist unverändert',
  '{1} Then {2}; nothing else was taken in its place': '{1} Dann {2}; nichts anderes kam an seine Stelle',
  'See who may: {1}': 'Nachsehen, wer es darf: {1}',
  'See what is there: {1}': 'Nachsehen, was da ist: {1}',
  'See whether the disk or the network folder is well: {1}':
    'Nachsehen, ob die Platte oder der Netzordner in Ordnung ist: {1}',
  'Close programs, or raise the limit: {1}': 'Programme schließen oder die Grenze heben: {1}',
  'Free some memory: {1}': 'Arbeitsspeicher freigeben: {1}',
  'See what it holds: {1}. Then remove it ({2}, then {3}): Overwinter makes its own anew':
    'Nachsehen, was darin ist: {1}. Dann entfernen ({2}, dann {3}): Overwinter legt seines neu an',
  'If it was committed here by mistake: {1}, and commit that. If a branch brought it: {2}; Overwinter makes its own anew':
    'Wurde es hier aus Versehen eingecheckt: {1}, und das einchecken. Brachte es ein Branch: {2}; Overwinter legt seines neu an',
  '{1} shows where it leads. {2} removes the link alone; to keep backups there, name that folder: {3}, or dir in {4}':
    '{1} zeigt, wohin er führt. {2} entfernt nur den Link; sollen Backups dort liegen, diesen Ordner nennen: {3}, oder dir in {4}',
  '{1} shows where it leads. Remove it ({2}), and {3}': '{1} zeigt, wohin er führt. Ihn entfernen ({2}) und {3}',
  '{1} shows what stands in the way': '{1} zeigt, was im Weg steht',
  'What was whole is whole; {1} shows how things are. Then try it again':
    'Was ganz war, ist ganz; {1} zeigt, wie es steht. Dann noch einmal versuchen',
  'Keep it out of bundles ({1}), and start the app again after {2} changed what is installed':
    'Es aus Bündeln heraushalten ({1}) und die App neu starten, wenn {2} etwas an den Paketen geändert hat',

  // The database.
  'Bring it back with {1}': '{1} bringt sie zurück',
  'Start the app, which makes it': 'Die App starten, die sie anlegt',
  "There is {1}: if that was meant, say '--db {2}'": 'Es gibt {1}: War das gemeint, dann „--db {2}“ sagen',
  'Else {1} brings it back': 'Sonst bringt {1} sie zurück',
  "See what is there, {1}, and name the database's own file with --db":
    'Nachsehen, was da ist, {1}, und mit --db die Datei der Datenbank selbst nennen',
  'Name another with --db; an encrypted database must be opened by a prepare(db) in {1}':
    'Mit --db eine andere nennen; eine verschlüsselte Datenbank öffnet ein prepare(db) in {1}',
  '{1} shows what could be restored': '{1} zeigt, was sich wiederherstellen ließe',
  'Keep a copy of it, then {1} puts the newest backup in its place':
    'Eine Kopie davon aufheben, dann setzt {1} das neueste Backup an ihre Stelle',
  'If the app registers functions, collations or extensions, register them in prepare(db) in {1}; {2} shows the cause':
    'Meldet die App Funktionen, Sortierungen oder Erweiterungen an, sie auch in prepare(db) in {1} anmelden; {2} zeigt die Ursache',
  'Stop the app, or wait until its transaction ends, and {1}':
    'Die App anhalten oder warten, bis ihre Transaktion endet, und {1}',
  'Stop the app, and {1}': 'Die App anhalten und {1}',
  "Give createPanel() a 'withDatabaseClosed', or stop the app and use the command line: {1}":
    'createPanel() ein „withDatabaseClosed“ geben, oder die App anhalten und die Kommandozeile nehmen: {1}',

  // Another database, and keys.
  'If {1} is misspelt, mend it where it is named. To keep both, put into {2} {3}; if it is the same database, renamed or moved: {4}':
    'Ist {1} verschrieben, es dort berichtigen, wo es steht. Um beide zu behalten, in {2} eintragen: {3}; ist es dieselbe, umbenannt oder verschoben: {4}',
  'If it is meant all the same: {1}. If it is the same database, renamed or moved, put into {2} {3}':
    'Ist es dennoch gemeint: {1}. Ist es dieselbe Datenbank, umbenannt oder verschoben, in {2} eintragen: {3}',
  'See what names it here, in the environment and in .env':
    'Nachsehen, was sie hier nennt, in der Umgebung und in .env',
  'If it is the same one, and its tables were made anew: {1}':
    'Ist es dieselbe, und ihre Tabellen wurden neu angelegt: {1}',
  'If it is meant to be replaced: {1}': 'Soll sie ersetzt werden: {1}',
  'Name a database of that kind: {1}': 'Eine Datenbank dieser Art nennen: {1}',
  "Name the file that is a copy of {1}, or '--db' its own name in {2}. If it is the same one, made anew: copy it to {3}, and then {4}":
    'Die Datei nennen, die eine Kopie von {1} ist, oder „--db“ und ihren Namen in {2}. Ist es dieselbe, neu angelegt: sie nach {3} kopieren, und dann {4}',
  'Set OVERWINTER_IDENTITY to the secret key, or OVERWINTER_IDENTITY_FILE to a file with it; {1} shows which backups it opens':
    'OVERWINTER_IDENTITY auf den geheimen Schlüssel setzen oder OVERWINTER_IDENTITY_FILE auf eine Datei damit; {1} zeigt, welche Backups er öffnet',
  'Set OVERWINTER_IDENTITY to the secret key, or OVERWINTER_IDENTITY_FILE to a file with it, and OVERWINTER_PASSPHRASE to its passphrase; {1} shows which backups it opens':
    'OVERWINTER_IDENTITY auf den geheimen Schlüssel setzen oder OVERWINTER_IDENTITY_FILE auf eine Datei damit, und OVERWINTER_PASSPHRASE auf seine Passphrase; {1} zeigt, welche Backups er öffnet',
  'Put {1} into {2}, or {3} if plain backups are meant; then {4}':
    '{1} in {2} eintragen, oder {3}, wenn Backups unverschlüsselt sein sollen; dann {4}',

  // Places and settings.
  'See that its disk is connected. Where it is new, make it: {1}; it is not made by itself, because a disk that is not mounted would look new':
    'Nachsehen, ob die Platte angeschlossen ist. Ist der Ordner neu, ihn anlegen: {1}; von selbst geschieht es nicht, weil eine fehlende Platte neu aussähe',
  'See that the network is there; {1} tries each place': 'Nachsehen, ob das Netz da ist; {1} probiert jeden Ort',
  '{1} begins again with what is missing': '{1} setzt bei dem fort, was fehlt',
  '{1} shows it, with the address of that place. {2} makes a newer one, and that is brought there instead of {3}':
    '{1} zeigt es, mit der Adresse jenes Ortes. {2} macht ein neueres, und das kommt statt {3} dorthin',
  '{1} shows where it leads. To save what lies there, name that folder in {2}: {3}':
    '{1} zeigt, wohin er führt. Soll gesichert werden, was dort liegt, diesen Ordner in {2} nennen: {3}',
  'Name folders in {1}, as in {2}; {3} then says what is saved':
    'Ordner in {1} nennen, etwa {2}; {3} sagt dann, was gesichert wird',
  '{1} brings them back; if this is meant, {2}': '{1} holt sie zurück; soll es so sein: {2}',
  'See what it is, {1}, move it elsewhere, and {2}': 'Nachsehen, was es ist, {1}, es woandershin bringen und {2}',
  '{1} brings the rows alone; the files come back on the system they were saved on':
    '{1} bringt nur die Zeilen; die Dateien kommen auf dem System zurück, auf dem sie gesichert wurden',
  'Correct {1}; "Configure it" in the README of overwinter shows what may be set':
    '{1} berichtigen; „Configure it“ im README von Overwinter zeigt, was sich einstellen lässt',
  '{1} looks for what is in the way; {2} shows the cause': '{1} sucht, was im Weg steht; {2} zeigt die Ursache',
  '{1} shows the state of the repository; {2} shows what git said':
    '{1} zeigt den Zustand des Repositorys; {2} zeigt, was git sagte',
  'See whether the server runs and can be reached from here, {1}, and whether the host has put it to sleep; then {2}':
    'Nachsehen, ob der Server läuft und von hier zu erreichen ist, {1}, und ob der Anbieter ihn schlafen gelegt hat; dann {2}',
  'Wait until it is done, and {1}; {2} shows who it is': 'Warten, bis es fertig ist, und {1}; {2} zeigt, wer es ist',
  "Use letters, digits, '.', '_' and '-', as in {1}":
    'Buchstaben ohne Umlaute, Ziffern, „.“, „_“ und „-“ nehmen, etwa {1}',
  'Choose another name, as in {1}': 'Einen anderen Namen wählen, etwa {1}',
};
