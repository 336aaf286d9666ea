-- A column of each type that PostgreSQL brings, and some that are made of them.
CREATE TYPE color AS ENUM ('red', 'gr''een', '"blue"', 'with\backslash');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS numeric(12, 4) CHECK (VALUE > 0);
CREATE TYPE floats AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE types (
  id bigint PRIMARY KEY, c_bool boolean, c_int2 smallint, c_int4 integer, c_int8 bigint, c_float4 real, c_float8 double precision,
  c_numeric numeric, c_numeric2 numeric(20, 5), c_money money, c_text text, c_varchar varchar(50), c_char char(10), c_bpchar bpchar, c_name name,
  c_char1 "char", c_bytea bytea, c_date date, c_time time, c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz, c_ts0 timestamp(0),
  c_interval interval, c_interval2 interval year to month, c_uuid uuid, c_json json, c_jsonb jsonb, c_jsonpath jsonpath, c_xml xml, c_inet inet,
  c_cidr cidr, c_mac macaddr, c_mac8 macaddr8, c_bit bit(5), c_varbit varbit, c_point point, c_line line, c_lseg lseg, c_box box, c_path path,
  c_polygon polygon, c_circle circle, c_tsvector tsvector, c_tsquery tsquery, c_int4range int4range, c_int8range int8range, c_numrange numrange,
  c_tsrange tsrange, c_tstzrange tstzrange, c_daterange daterange, c_int4multi int4multirange, c_datemulti datemultirange, c_lsn pg_lsn,
  c_regclass regclass, c_regtype regtype, c_regproc regprocedure, c_enum color, c_pair pair, c_positive positive, c_floats floats,
  c_int_array int[], c_text_array text[], c_matrix int[][], c_enum_array color[], c_pair_array pair[], c_bytea_array bytea[], c_json_array jsonb[],
  c_num_array numeric(5, 2)[], c_generated text GENERATED ALWAYS AS (c_text || '!') STORED);
INSERT INTO types VALUES
  (-9223372036854775808, true, -32768, -2147483648, -9223372036854775808, '-0', '-0', 'NaN', '123456789012345.12345', '-92233720368547758.08', '', '', '', '',
   '', '', '\x', '4713-01-01 BC', '24:00', '23:59:59.999999+14', '-infinity', 'infinity', '2020-02-29', '-178000000 years', '-1 year -2 mons',
   '00000000-0000-0000-0000-000000000000', 'null', 'null', '$', '<a/>', '::', '::/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00', '00000', '', '(0,-0)',
   '{1,2,3}', '[(0,0),(1,1)]', '((1,1),(0,0))', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),0>', '', '', 'empty', '(,)', '[1.10,2.20)',
   '(,2020-01-01)', '[2020-01-01 00:00+00,infinity]', '[2020-01-01,2020-01-05)', '{}', '{[2020-01-01,2020-01-02)}', '0/0', 'pg_class', 'integer',
   'lower(text)', 'red', '(,)', 0.0001, '[0.1,0.30000000000000004)', '[0:2]={1,NULL,3}', '{}', '{{1,2},{3,4}}', '{red,"\"blue\""}', '{"(1,\"x,\\\"y\")",NULL}',
   '{"\\x00ff",NULL}', '{"null","{\"a\": null}",NULL}', '{1.10,NaN}'),
  (0, false, 0, 0, 0, '5e-45', '5e-324', 'Infinity', -0.00001, '0', E'\\N', E'tab\there', 'a  ', '  ', 'name', '"', '\x5c4e0a0d09', 'infinity',
   '00:00', '00:00-15:59', '294276-12-31 23:59:59.999999', '4714-11-24 00:00:00+00 BC', '1999-12-31 23:59:59.6', '1 mon -1 day 00:00:00.000001', '0',
   'ffffffff-ffff-ffff-ffff-ffffffffffff', '{"a":1, "a":2, "n" : 1.0e400}', '{"z": 1.10, "a": [1, 2, {"b": "\u20ac \\ \" "}]}', 'strict $.a[*] ? (@.b == 1)',
   '<a b="c">&amp;</a>', '192.168.0.1/24', '10.0.0.0/8', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff:ff:ff', '11111', '101', '(1e308,-1e-308)', '{0,1,-1}',
   '[(0,0.1),(1,1)]', '((2,2),(1,1))', '((0,0),(1,1))', '((0,0),(1,1),(1,0),(2,2))', '<(1,2),3.5>', '''a b'':1A,2B c:3', '''a'' & !b:*A <-> c', '[1,5)', '[1,5)',
   '(,5.5]', '[2020-01-01,2020-01-02]', '(,)', 'empty', '{[1,3),[5,7)}', '{}', 'FFFFFFFF/FFFFFFFF', 'types', 'pair', 'pg_catalog.array_agg(anyarray)', 'gr''een',
   '(1,"a ""b"" \\ , (")', 99999999.9999, 'empty', NULL, '{"",NULL,"NULL","a\"b","c\\d","e,f",  g }', '{}', '{}', '{}', '{}', '{}', '{}'),
  (9223372036854775807, NULL, 32767, 2147483647, 9223372036854775807, 'NaN', '-Infinity', 1e130, NULL, NULL, E'line\nfeed\r\n\u2028 \U0001F600 \x01\x7f', 'ü', 'ß',
   NULL, NULL, 'x', '\xdeadbeef', '2020-01-01', '12:00:00.5', '12:00:00+05:45', '2020-01-01 00:00:00.123', '2020-06-01 12:00:00+02', NULL, '1 year 2 mons 3 days 04:05:06.789',
   NULL, NULL, E'{\n  "pretty": true\n}', '[]', NULL, 'just text', 'fe80::1/64', '2001:db8::/32', NULL, NULL, NULL, '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'with\backslash', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
