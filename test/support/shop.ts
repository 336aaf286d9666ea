/** Scripts for `startApp`: what an app is busy with while its database is kept. */

export const ACCOUNTS = 100;
export const EACH = 1000;

/** Money moves between accounts, and none is made or lost: any moment of it adds up to the same. */
export const BANK = `
  db.exec('CREATE TABLE IF NOT EXISTS accounts(id INTEGER PRIMARY KEY, money INTEGER); CREATE TABLE IF NOT EXISTS moves(n INTEGER PRIMARY KEY)');
  db.transaction(() => {
    for (let id = 1; id <= ${ACCOUNTS}; id++) db.prepare('INSERT OR IGNORE INTO accounts VALUES (?, ${EACH})').run(id);
  })();
  const give = db.prepare('UPDATE accounts SET money = money + ? WHERE id = ?');
  const note = db.prepare('INSERT INTO moves VALUES (?)');
  const move = db.transaction((n) => {
    give.run(-5, 1 + (n * 7919) % ${ACCOUNTS});
    give.run(5, 1 + (n * 104729) % ${ACCOUNTS});
    note.run(n);
  });
  let n = 0;
`;

/** So many rows of about a hundred bytes. */
export const filler = (rows: number) => `
  db.exec("CREATE TABLE filler(id INTEGER PRIMARY KEY, a TEXT, b REAL)");
  db.exec("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows}) INSERT INTO filler SELECT i, 'row ' || i || hex(randomblob(40)), i / 7.0 FROM c");
`;
