/** Waits until all have ended, then throws what the first that failed threw: nothing goes on behind anybody's back. */
export async function together(works: readonly Promise<void>[]): Promise<void> {
  for (const each of await Promise.allSettled(works)) if (each.status === 'rejected') throw each.reason;
}
