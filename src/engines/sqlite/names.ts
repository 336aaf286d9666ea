/** What files of SQLite's are usually called. */
export const NAMED_AS_ONE = /\.(db|db3|sqlite|sqlite3)$/i;

/** SQLite does not tell large letters from small ones in names. */
export const fold = (name: string): string => name.toLowerCase();

export const isSameName = (a: string, b: string): boolean => fold(a) === fold(b);
