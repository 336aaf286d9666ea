/** What a restore says of columns that backups leave out, where no key tells which of the rows there were has which value. */
export const valuesLost = (table: string, columns: readonly string[]): string =>
  `backups leave out ${columns.map((name) => `${table}.${name}`).join(', ')}, and the values there were did not stay: no key tells which row is which`;
