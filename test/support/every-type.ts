/** Every kind of column a database can have without extensions, with values at their edges: in SQL, quoted where they need it. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  int2: ['-32768', '32767', '0'],
  int4: ['-2147483648', '2147483647'],
  int8: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  numeric: ["'NaN'", "'Infinity'", "'-Infinity'", '1.10', '0.000000000000000000000000000001', `1${'0'.repeat(60)}.5`],
  'numeric(10,2)': ['1.1', '-99999999.99', '0'],
  float4: ["'NaN'", "'Infinity'", "'-0'", '1.1', '1e-45', '3.4028235e38'],
  float8: ["'NaN'", "'-Infinity'", "'-0'", '0.1', '5e-324', '1.7976931348623157e308', '1e21', '123456789012345680'],
  money: ["'1234.56'", "'-0.01'"],
  text: [
    "''",
    "E'\\\\N'",
    "E'a\\tb\\nc\\rd\\be\\ff\\x0bg\\x01h\\x7f\"\\\\i'",
    "'ü€𝄞\u2028\u0085\ufffe'",
    "'null'",
    '\'{"$blob":"AA=="}\'',
  ],
  varchar: ["'x'", "' '"],
  'varchar(20)': ["'twenty'"],
  'char(10)': ["'ab'", "''"],
  bpchar: ["'ab '", "''"],
  '"char"': ["'a'", "''"],
  name: ["'a name'"],
  bytea: ["'\\x'", "'\\x00'", "'\\x00ff'", "'\\x00ff10'", "'\\xdeadbeef'"],
  bool: ['true', 'false'],
  date: ["'2026-02-28'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'99999-12-31'"],
  time: ["'23:59:59.999999'", "'24:00:00'"],
  'time(3)': ["'12:00:00.1239'"],
  timetz: ["'12:00:00+05:30'", "'12:00:00-08'"],
  timestamp: ["'2026-11-29 12:34:56.789012'", "'infinity'", "'0001-01-01 00:00:00 BC'"],
  'timestamp(0)': ["'2026-11-29 12:34:56.5'"],
  timestamptz: ["'2026-11-29 12:34:56.789012+02'", "'-infinity'", "'294276-12-31 23:59:59+00'"],
  interval: ["'1 year -2 days 03:04:05.6'", "'-1 mon'", "'0'", "'178000000 years'"],
  'interval year to month': ["'1-2'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  json: ["'null'", '\'{"a" : 1.0e400, "a":\\u0031}\''.replace('\\u0031', '2'), "E'[1,\\n 2]'", '\'"x"\'', "'1'"],
  jsonb: ["'null'", '\'{"b": 1, "a": [1, "\\"\\n", null, 1.10]}\'', '\'"\\u00fc"\'', "'1.10'", "'true'"],
  jsonpath: ["'$.a[*] ? (@ > 1)'"],
  xml: ['\'<a b="c">d&amp;</a>\'', "'text'"],
  inet: ["'10.0.0.1'", "'10.0.0.1/8'", "'::1'"],
  cidr: ["'10.0.0.0/8'", "'2001:db8::/32'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  macaddr8: ["'08:00:2b:01:02:03:04:05'"],
  'bit(5)': ["B'10101'"],
  varbit: ["B''", "B'1'"],
  tsvector: ["'a:1A fat:2 ''it''''s'''", "''"],
  tsquery: ["'fat & (rat | !cat)'"],
  point: ["'(1.5,-2)'"],
  line: ["'{1,2,3}'"],
  lseg: ["'[(0,0),(1,1)]'"],
  box: ["'((1,1),(0,0))'"],
  path: ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"],
  polygon: ["'((0,0),(1,1),(1,0))'"],
  circle: ["'<(0,0),1e-7>'"],
  int4range: ["'[1,5)'", "'empty'", "'(,)'"],
  int8range: ["'[1,9223372036854775807)'"],
  numrange: ["'(1.10,2.2]'"],
  tsrange: ["'[2026-01-01,2026-02-01)'"],
  tstzrange: ["'[2026-01-01 00:00+02,infinity]'"],
  daterange: ["'[2026-01-01,)'"],
  int4multirange: ["'{[1,2),[5,7)}'", "'{}'"],
  nummultirange: ["'{[1.10,2]}'"],
  tstzmultirange: ["'{[2026-01-01 00:00+02,2026-01-02 00:00+02)}'"],
  datemultirange: ["'{[2026-01-01,2026-01-05)}'"],
  'int4[]': ["'[0:2]={1,NULL,3}'", "'{}'", "'{{1,2},{3,4}}'"],
  'text[]': ["ARRAY['NULL', '', 'a,b', 'c\"d', E'e\\\\f', NULL]", "'{}'"],
  'bytea[]': ["ARRAY['\\x00ff'::bytea, NULL]"],
  'float8[]': ["'{NaN,-0,0.1}'"],
  'bool[]': ["'{t,f,NULL}'"],
  'timestamptz[]': ["'{2026-11-29 12:00+02}'"],
  'interval[]': ["'{1 day 02:00}'"],
  'jsonb[]': ["ARRAY['{\"a\": 1}'::jsonb, 'null']"],
  oid: ['0', '4294967295'],
  regclass: ["'pg_catalog.pg_class'", "'owned.things'"],
  regtype: ["'int4'", "'owned.mood'"],
  regprocedure: ["'pg_catalog.lower(text)'"],
  regoperator: ["'pg_catalog.+(int4,int4)'"],
  regproc: ["'pg_catalog.now'"],
  regnamespace: ["'owned'"],
  regrole: ["'postgres'"],
  regconfig: ["'english'"],
  regdictionary: ["'simple'"],
  xid8: ["'12345678901'"],
  pg_lsn: ["'16/B374D848'"],
  pg_snapshot: ["'10:20:10,14,15'"],
  tid: ["'(0,1)'"],
  int2vector: ["'1 2 3'"],
  'owned.mood': ["'so so'", "'Sad'"],
  'owned.mood[]': ['\'{"so so",Sad,NULL}\''],
  'owned.pair': ['ROW(1, \'a "b" (c), d\')', "ROW(NULL, '')", 'ROW(NULL, NULL)'],
  'owned.pair[]': ["ARRAY[ROW(1, 'x')::owned.pair, NULL]"],
  'owned.posint': ['7'],
  'owned.bits': ["'\\x00ff'"],
  'owned.word': ["'w'", "''"],
  'owned.flag': ['true'],
  'owned.timerange': ["'[08:00,17:00)'"],
};

/** What comes with Debian's packages and needs no superuser. */
const OF_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  'owned.hstore': ['\'a=>1, b=>NULL, "c d"=>"e\\"f"\'', "''"],
  'owned.citext': ["'ÄbC'", "''"],
  'owned.ltree': ["'Top.Science.Astronomy'"],
  'owned.cube': ["'(1,2),(3,4)'"],
};

const MADE_FIRST = `
CREATE SCHEMA owned;
CREATE TABLE owned.things (id int PRIMARY KEY);
CREATE TYPE owned.mood AS ENUM ('Sad', 'so so', 'glad');
CREATE TYPE owned.pair AS (a int, b text);
CREATE DOMAIN owned.posint AS int CHECK (VALUE > 0);
CREATE DOMAIN owned.word AS varchar(20);
CREATE DOMAIN owned.bits AS bytea;
CREATE DOMAIN owned.truth AS bool;
CREATE DOMAIN owned.flag AS owned.truth;
CREATE FUNCTION owned.time_diff(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT extract(epoch FROM a - b)::float8';
CREATE TYPE owned.timerange AS RANGE (subtype = time, subtype_diff = owned.time_diff);
`;

const EXTENSIONS = `
CREATE EXTENSION hstore SCHEMA owned; CREATE EXTENSION citext SCHEMA owned; CREATE EXTENSION ltree SCHEMA owned; CREATE EXTENSION cube SCHEMA owned;`;

export interface EveryType {
  readonly sql: string;
  readonly types: readonly string[];
}

/** A table `every_type` of all of them, whose last row is NULL throughout. */
export function everyType(how: { readonly extensions: boolean }): EveryType {
  const all = Object.entries({ ...TYPES, ...(how.extensions ? OF_EXTENSIONS : {}) });
  const most = Math.max(...all.map(([, values]) => values.length));
  const columns = all.map(([type], at) => `c${at} ${type}`);
  const rows = Array.from({ length: most }, (_, row) => {
    const values = all.map(([type, some]) => `(${some[row % some.length] ?? 'NULL'})::${type}`);
    return `INSERT INTO every_type VALUES (${row + 1}, ${values.join(', ')});`;
  });
  const sql = [
    MADE_FIRST,
    how.extensions ? EXTENSIONS : '',
    `CREATE TABLE every_type (id int PRIMARY KEY, ${columns.join(', ')});`,
    ...rows,
    `INSERT INTO every_type (id) VALUES (${most + 1});`,
  ];
  return { sql: sql.join('\n'), types: all.map(([type]) => type) };
}
