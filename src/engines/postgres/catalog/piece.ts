/**
 * One question to the catalog, as a SELECT over the tables of `scope.ts` that gives, for each definition: what it is of in the catalog
 * (`pg_class:16400`; empty for what has no entry of its own), its kind, the schema it lives in (empty for what lives on a table), its name,
 * the schema and the name of the table it is on, its SQL, and what it needs besides what the catalog itself says.
 */
export type Piece = string;

/** The key of an entry in the catalog. */
export const entry = (catalog: string, oid: string): string => `'${catalog}:' || ${oid}`;
