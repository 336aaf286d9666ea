import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { save } from '../../support/as-backup.ts';
import { isSlow } from '../../support/chance.ts';
import { differencesBetween, fileOf, on, open, restored } from './support.ts';

/**
 * The database of the TPC-H benchmark, at a hundredth of its size or less. DuckDB's own generator is an extension that is loaded from the network; where it
 * is not to be had, statements make tables of the same form.
 */
const DEFINITIONS = `
CREATE TABLE region(r_regionkey INTEGER PRIMARY KEY, r_name VARCHAR NOT NULL, r_comment VARCHAR);
CREATE TABLE nation(n_nationkey INTEGER PRIMARY KEY, n_name VARCHAR NOT NULL, n_regionkey INTEGER NOT NULL REFERENCES region(r_regionkey), n_comment VARCHAR);
CREATE TABLE supplier(s_suppkey BIGINT PRIMARY KEY, s_name VARCHAR NOT NULL, s_address VARCHAR NOT NULL, s_nationkey INTEGER NOT NULL REFERENCES nation(n_nationkey), s_phone VARCHAR NOT NULL, s_acctbal DECIMAL(15,2) NOT NULL, s_comment VARCHAR NOT NULL);
CREATE TABLE part(p_partkey BIGINT PRIMARY KEY, p_name VARCHAR NOT NULL, p_mfgr VARCHAR NOT NULL, p_brand VARCHAR NOT NULL, p_type VARCHAR NOT NULL, p_size INTEGER NOT NULL, p_container VARCHAR NOT NULL, p_retailprice DECIMAL(15,2) NOT NULL, p_comment VARCHAR NOT NULL);
CREATE TABLE partsupp(ps_partkey BIGINT NOT NULL REFERENCES part(p_partkey), ps_suppkey BIGINT NOT NULL REFERENCES supplier(s_suppkey), ps_availqty INTEGER NOT NULL, ps_supplycost DECIMAL(15,2) NOT NULL, ps_comment VARCHAR NOT NULL, PRIMARY KEY(ps_partkey, ps_suppkey));
CREATE TABLE customer(c_custkey BIGINT PRIMARY KEY, c_name VARCHAR NOT NULL, c_address VARCHAR NOT NULL, c_nationkey INTEGER NOT NULL REFERENCES nation(n_nationkey), c_phone VARCHAR NOT NULL, c_acctbal DECIMAL(15,2) NOT NULL, c_mktsegment VARCHAR NOT NULL, c_comment VARCHAR NOT NULL);
CREATE TABLE orders(o_orderkey BIGINT PRIMARY KEY, o_custkey BIGINT NOT NULL REFERENCES customer(c_custkey), o_orderstatus VARCHAR NOT NULL, o_totalprice DECIMAL(15,2) NOT NULL, o_orderdate DATE NOT NULL, o_orderpriority VARCHAR NOT NULL, o_clerk VARCHAR NOT NULL, o_shippriority INTEGER NOT NULL, o_comment VARCHAR NOT NULL);
CREATE TABLE lineitem(l_orderkey BIGINT NOT NULL REFERENCES orders(o_orderkey), l_partkey BIGINT NOT NULL, l_suppkey BIGINT NOT NULL, l_linenumber BIGINT NOT NULL, l_quantity DECIMAL(15,2) NOT NULL, l_extendedprice DECIMAL(15,2) NOT NULL, l_discount DECIMAL(15,2) NOT NULL, l_tax DECIMAL(15,2) NOT NULL, l_returnflag VARCHAR NOT NULL, l_linestatus VARCHAR NOT NULL, l_shipdate DATE NOT NULL, l_commitdate DATE NOT NULL, l_receiptdate DATE NOT NULL, l_shipinstruct VARCHAR NOT NULL, l_shipmode VARCHAR NOT NULL, l_comment VARCHAR NOT NULL, PRIMARY KEY(l_orderkey, l_linenumber), FOREIGN KEY(l_partkey, l_suppkey) REFERENCES partsupp(ps_partkey, ps_suppkey));`;

/** A hundredth of it; where nobody waits for long, less. */
const ORDERS = isSlow ? 15_001 : 3_001;

/** The same number for the same words: repeatable chance, in SQL. */
const CHANCE = 'CREATE TEMP MACRO chance(n, what) AS (hash((n)::VARCHAR || what) % 1000003)::BIGINT;';
const words = (n: string) =>
  `'carefully "final" ' || substr(md5((${n})::VARCHAR), 1, 3 + (chance(${n}, 'w') % 20)::INTEGER) || ' requests'`;

const ROWS = `${CHANCE}
INSERT INTO region SELECT i, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][i + 1], ${words('i')} FROM range(5) t(i);
INSERT INTO nation SELECT i, 'NATION ' || i, i % 5, CASE WHEN i % 7 > 0 THEN ${words('i')} END FROM range(25) t(i);
INSERT INTO supplier SELECT i, printf('Supplier#%09d', i), ${words('i')}, chance(i, 'n') % 25, '10-' || i, (chance(i, 'b') - 90000) / 100, ${words('i')} FROM range(1, 101) t(i);
INSERT INTO part SELECT i, ${words('i')}, 'Manufacturer#' || 1 + i % 5, 'Brand#' || 11 + i % 45, 'PROMO BURNISHED COPPER', 1 + i % 50, 'JUMBO PKG', (90000 + i % 20000) / 100, ${words('i')} FROM range(1, 2001) t(i);
INSERT INTO partsupp SELECT p, 1 + (p + s * 25) % 100, chance(p * 4 + s, 'q') % 9999, chance(p * 4 + s, 'c') % 100000 / 100, ${words('p')} FROM range(1, 2001) t(p), range(4) u(s);
INSERT INTO customer SELECT i, printf('Customer#%09d', i), ${words('i')}, chance(i, 'n') % 25, '25-' || i, (chance(i, 'b') - 99999) / 100, ['AUTOMOBILE', 'BUILDING', 'MACHINERY'][1 + i % 3], ${words('i')} FROM range(1, 1501) t(i);
INSERT INTO orders SELECT i * 4, 1 + chance(i, 'c') % 1500, ['F', 'O', 'P'][1 + i % 3], chance(i, 'p') / 3, DATE '1992-01-01' + (chance(i, 'd') % 2400)::INTEGER, '5-LOW', 'Clerk#' || i % 10, 0, ${words('i')} FROM range(1, ${ORDERS}) t(i);
INSERT INTO lineitem SELECT o * 4, 1 + (o * 7 + l) % 2000, 1 + (1 + (o * 7 + l) % 2000 + l % 4 * 25) % 100, l, 1 + chance(o + l, 'q') % 50, chance(o * 9 + l, 'e') / 7, chance(o + l, 'd') % 11 / 100, chance(o + l, 't') % 9 / 100,
  ['A', 'N', 'R'][1 + (o + l) % 3], ['F', 'O'][1 + l % 2], DATE '1992-01-02' + (chance(o, 's') % 2500)::INTEGER, DATE '1992-02-01' + (o % 2400)::INTEGER, DATE '1992-01-20' + (o % 2500)::INTEGER, 'DELIVER IN PERSON', ['AIR', 'SHIP', 'MAIL'][1 + l % 3], ${words('o + l')}
  FROM range(1, ${ORDERS}) t(o), range(1, 5) u(l) WHERE l <= 2 + o % 3;`;

/** What the first of the benchmark's questions asks, and sums of all the others. */
const SUMS = `SELECT l_returnflag AS flag, l_linestatus AS status, sum(l_quantity)::VARCHAR AS quantity, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax))::VARCHAR AS charge,
    count(*)::INTEGER AS rows, min(l_shipdate)::VARCHAR AS first FROM lineitem GROUP BY ALL
  UNION ALL SELECT n_name, r_name, sum(c_acctbal)::VARCHAR, sum(o_totalprice)::VARCHAR, count(*)::INTEGER, max(o_orderdate)::VARCHAR
    FROM orders JOIN customer ON c_custkey = o_custkey JOIN nation ON n_nationkey = c_nationkey JOIN region ON r_regionkey = n_regionkey GROUP BY ALL
  UNION ALL SELECT p_brand, p_mfgr, sum(ps_supplycost * ps_availqty)::VARCHAR, sum(s_acctbal)::VARCHAR, count(*)::INTEGER, max(p_name)
    FROM partsupp JOIN part ON p_partkey = ps_partkey JOIN supplier ON s_suppkey = ps_suppkey GROUP BY ALL ORDER BY ALL`;

/** Whether the generator is there without the network. */
async function hasGenerator(): Promise<boolean> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const db = await instance.connect();
  try {
    await db.run('LOAD tpch');
    return true;
  } catch {
    return false;
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

test('the database of a benchmark comes back with equal sums, and row by row', { timeout: 120_000 }, async () => {
  const isGenerated = await hasGenerator();
  const file = await fileOf(isGenerated ? 'LOAD tpch; CALL dbgen(sf = 0.01)' : DEFINITIONS + ROWS);
  const [{ rows } = { rows: 0 }] = await on(file, 'SELECT count(*)::INTEGER AS rows FROM lineitem');
  expect(rows).toBeGreaterThan(2 * ORDERS);
  const copy = await restored(file);
  const sums = await on(copy, SUMS);
  expect(sums.length).toBeGreaterThan(40);
  expect(sums).toEqual(await on(file, SUMS));
  expect(await differencesBetween(file, copy)).toEqual([]);
  expect((await save(open(copy))).digest).toBe((await save(open(file))).digest);
});
