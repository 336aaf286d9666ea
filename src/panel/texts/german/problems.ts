import type { problems as english } from '../english/problems.ts';
import { errors } from './errors.ts';
import { hints } from './hints.ts';
import { labels } from './labels.ts';

export const problems: typeof english = {
  errors,
  hints,
  labels,
  quoted: (words) => `„${words}“`,
  tryNext: 'Was zu tun ist:',
  tryAgain: 'noch einmal versuchen',
  restoreNewest: '„Wiederherstellen“ auf der Seite eines Backups',
  findIntact: '„Alle Backups prüfen“ zeigt, welche anderen ganz sind',
  backUpAnyway: '„Jetzt sichern“ und dann „Trotzdem sichern“',
  inTerminal: '(in einem Terminal, dort, wo die App läuft)',
  unreadableForm: 'Was geschickt wurde, ließ sich nicht lesen. Nichts wurde geändert.',
  notFoundTitle: 'Hier ist nichts',
  notFound: 'Die Adresse ist vielleicht alt, oder das Backup ist fort.',
  deniedTitle: 'Das ist nicht für Sie',
  denied: 'Sie dürfen ansehen, aber dies nicht tun.',
  loginTitle: 'Wer sind Sie?',
  login: 'Diese Seite braucht ein Token oder eine Anmeldung.',
  foreignTitle: 'Das kam von anderswo',
  foreign:
    'Geändert wird nur, was von Seiten dieser Oberfläche kommt. Öffnen Sie sie noch einmal und versuchen Sie es von dort.',
  limitTitle: 'Zu viel auf einmal',
  limit: 'Es waren zu viele Versuche. Warten Sie eine Minute.',
  crowded: 'Gerade wird zu viel zur selben Zeit verlangt. Versuchen Sie es gleich noch einmal.',
  errorTitle: 'Es hat nicht geklappt',
  fault: 'Das ist ein Fehler dieser Oberfläche; das Log der App sagt mehr.',
  back: 'Zur ersten Seite',
};
