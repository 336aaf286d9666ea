/** A name as SQL takes any. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL takes any, where a backslash is one. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
