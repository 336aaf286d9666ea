import { entry, type Piece } from './piece.ts';

/** How texts are compared. Which version of a library does so now is the server's own. */
export const collations: Piece = `
SELECT ${entry('pg_collation', 'c.oid')}, 'collation', n.nspname, c.collname, '', '',
  concat('CREATE COLLATION ', n.q, '.', quote_ident(c.collname), ' (PROVIDER = ', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
    CASE WHEN NOT c.collisdeterministic THEN ', DETERMINISTIC = false' END,
    CASE WHEN c.collprovider <> 'c' THEN concat(', LOCALE = ', quote_literal(coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate)))
      ELSE concat(', LC_COLLATE = ', quote_literal(c.collcollate), ', LC_CTYPE = ', quote_literal(c.collctype)) END,
    ', RULES = ' || quote_literal(to_jsonb(c) ->> 'collicurules'), ')'), ''
FROM pg_collation c JOIN ns n ON n.oid = c.collnamespace
WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_collation'::regclass AND ext.objid = c.oid)`;

export const dictionaries: Piece = `
SELECT ${entry('pg_ts_dict', 'd.oid')}, 'dictionary', n.nspname, d.dictname, '', '',
  concat('CREATE TEXT SEARCH DICTIONARY ', n.q, '.', quote_ident(d.dictname), ' (TEMPLATE = ', quote_ident(tn.nspname), '.', quote_ident(t.tmplname),
    ', ' || d.dictinitoption, ')'), ''
FROM pg_ts_dict d JOIN ns n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_dict'::regclass AND ext.objid = d.oid)`;

const usersConfigs = `pg_ts_config c JOIN ns n ON n.oid = c.cfgnamespace
  AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_ts_config'::regclass AND ext.objid = c.oid)`;

/** What words are looked for as, and which dictionaries say so of each kind of word. */
export const configurations: Piece = `
SELECT ${entry('pg_ts_config', 'c.oid')}, 'configuration', n.nspname, c.cfgname, '', '',
  concat('CREATE TEXT SEARCH CONFIGURATION ', n.q, '.', quote_ident(c.cfgname), ' (PARSER = ', quote_ident(pn.nspname), '.', quote_ident(p.prsname), ')'), ''
FROM ${usersConfigs} JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
UNION ALL
SELECT '', 'mapping', '', concat(n.q, '.', quote_ident(c.cfgname), ' ', k.alias), '', '', concat('ALTER TEXT SEARCH CONFIGURATION ', n.q, '.', quote_ident(c.cfgname),
  ' ADD MAPPING FOR ', quote_ident(k.alias), ' WITH ', (SELECT string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) FROM pg_ts_config_map m
    WHERE m.mapcfg = c.oid AND m.maptokentype = k.tokid)), ${entry('pg_ts_config', 'c.oid')}
FROM ${usersConfigs} CROSS JOIN LATERAL ts_token_type(c.cfgparser) k WHERE EXISTS (SELECT FROM pg_ts_config_map m WHERE m.mapcfg = c.oid AND m.maptokentype = k.tokid)`;
