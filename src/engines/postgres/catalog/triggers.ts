import { entry, type Piece } from './piece.ts';

export const rules: Piece = `
SELECT ${entry('pg_rewrite', 'r.oid')}, 'rule', '', r.rulename, c.nspname, c.relname, rtrim(pg_get_ruledef(r.oid), ';'), ''
FROM rel c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'`;

/** What a part has of the whole comes with it. */
export const triggers: Piece = `
SELECT ${entry('pg_trigger', 't.oid')}, 'trigger', '', t.tgname, c.nspname, c.relname, pg_get_triggerdef(t.oid), ''
FROM rel c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal AND t.tgparentid = 0`;

const stateOf = (flag: string) =>
  `CASE ${flag} WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END`;

/** Whether they are on, where they are not as they are made. */
export const states: Piece = `
SELECT '', 'setting', '', t.tgname || ' is on', c.nspname, c.relname, format('ALTER TABLE ONLY %s %s TRIGGER %I', c.q, ${stateOf('t.tgenabled')}, t.tgname),
  ${entry('pg_trigger', 'coalesce(p.oid, t.oid)')}
FROM rel c JOIN pg_trigger t ON t.tgrelid = c.oid LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgenabled <> CASE WHEN p.oid IS NULL THEN 'O' ELSE p.tgenabled END
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype = 'f')
UNION ALL
SELECT '', 'setting', '', r.rulename || ' is on', c.nspname, c.relname, format('ALTER TABLE %s %s RULE %I', c.q, ${stateOf('r.ev_enabled')}, r.rulename),
  ${entry('pg_rewrite', 'r.oid')}
FROM rel c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.ev_enabled <> 'O'`;
