SET session_replication_role = replica;
INSERT INTO users (email, name, mood, home, tags, nick, h) SELECT 'u' || i || '@x', 'name ' || i, 'happy', ('(str,' || i || ',{sad})')::addr, ARRAY['a', i::text], 'N' || i, 'a=>1'
  FROM generate_series(1, 50) i;
INSERT INTO shop.orders ("User", total, during, place) SELECT i, i, tstzrange('2020-01-01'::timestamptz + i * interval '2 days', '2020-01-02'::timestamptz + i * interval '2 days'), point(i, i)
  FROM generate_series(1, 50) i;
INSERT INTO tree VALUES (1, NULL, 1), (2, 1, 1), (3, 2, 2); INSERT INTO node_a VALUES (1, 1); INSERT INTO node_b VALUES (1, 1);
INSERT INTO events SELECT '2020-01-01'::timestamptz + i * interval '20 days', CASE WHEN i % 2 = 0 THEN 'a' ELSE 'z' END, i FROM generate_series(1, 60) i;
INSERT INTO refs_ev SELECT at, kind FROM events ORDER BY at; INSERT INTO parent VALUES (1, 'p'); INSERT INTO child VALUES (2, 'c'); INSERT INTO child2 VALUES (3, 'd', 1); INSERT INTO grandchild VALUES (4, 'e', 1);
INSERT INTO hashed SELECT i FROM generate_series(1, 20) i ORDER BY i; INSERT INTO nocols SELECT FROM generate_series(1, 3);
INSERT INTO "Odd ""Schema"""."select" VALUES (1, 'x', E'a\tb'); INSERT INTO typed VALUES (1, 'x'); INSERT INTO uses_row VALUES (ROW(1, 2), ARRAY[ROW(1, 2)::node_a]);
REFRESH MATERIALIZED VIEW mv; REFRESH MATERIALIZED VIEW aaa;
INSERT INTO searched VALUES (1, 'Ünï', 'running dogs'), (2, 'x', NULL);
