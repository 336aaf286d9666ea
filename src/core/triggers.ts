/** Backups that no person and no commit asked for. */
export const OWN_TRIGGERS: readonly string[] = ['keep', 'run'];
