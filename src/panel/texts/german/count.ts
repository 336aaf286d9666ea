const numbers = new Intl.NumberFormat('de');

export const number = (value: number): string => numbers.format(value);

export const many = (count: number, one: string, other: string): string =>
  `${number(count)} ${count === 1 ? one : other}`;

export const rows = (count: number): string => many(count, 'Zeile', 'Zeilen');
export const tables = (count: number): string => many(count, 'Tabelle', 'Tabellen');
export const backups = (count: number): string => many(count, 'Backup', 'Backups');
