/**
 * How many of a database's tables are unknown to a backup, where that is enough to take it for another database: most of its own are, and
 * most of the backup's are missing in it. Undefined where it looks like the one that was saved. Names tell, in the spelling they are compared in.
 */
export function strangeAmong(found: readonly string[], saved: readonly string[]): number | undefined {
  const shared = found.filter((table) => saved.includes(table)).length;
  const isStranger = shared * 2 < found.length && shared * 2 < saved.length;
  return isStranger ? found.length - shared : undefined;
}
