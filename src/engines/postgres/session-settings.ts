/**
 * What a value or a definition looks like as text depends on these, and a database may have its own: with them, the same database says the
 * same everywhere, and what was read goes in again. They hold until the transaction ends, so that a pooler gives them to nobody else.
 */
const FIXED: Readonly<Record<string, string>> = {
  DateStyle: "'ISO, YMD'",
  IntervalStyle: "'postgres'",
  TimeZone: "'UTC'",
  extra_float_digits: '1',
  bytea_output: "'hex'",
  lc_monetary: "'C'",
  xmlbinary: "'base64'",
  xmloption: "'content'",
  search_path: "''",
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  // Rows that a policy hides are an error, and not fewer rows.
  row_security: 'off',
  synchronize_seqscans: 'off',
  jit: 'off',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/** The first statements of a transaction. It waits so long for what others hold, in milliseconds. */
export function fixedSettings(lockTimeout: number): string {
  const all = { ...FIXED, lock_timeout: `${Math.max(1, Math.round(lockTimeout))}` };
  return Object.entries(all)
    .map(([name, value]) => `SET LOCAL ${name} = ${value}`)
    .join('; ');
}
