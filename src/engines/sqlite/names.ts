/** SQLite does not tell large letters from small ones in names. */
export const fold = (name: string): string => name.toLowerCase();

export const isSameName = (a: string, b: string): boolean => fold(a) === fold(b);
