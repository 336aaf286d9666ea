/** What brings rows back where nothing of ours is: kept in one piece, as whoever needs it one day will read it. */
export const RECOVER_SCRIPT = String.raw`#!/bin/sh
# Brings the rows of a backup of a SQLite database back, without Overwinter and without Node.
#
#   sh recover.sh                         the newest backup that lies in 'backups' beside this script
#   sh recover.sh BACKUP [DATABASE]       another: backups/NAME.json; and what the new database is called
#   IDENTITY=key.txt sh recover.sh        an encrypted one
#
# It needs sqlite3 (3.38 or later) and sha1sum and sha256sum (or shasum); for an encrypted backup age and gunzip. It checks everything, writes a
# new database and touches nothing else. The format is described in docs/format.md of Overwinter.
set -e
umask 077

fail() { echo "recover.sh: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is needed. $2"; }
sha() { if command -v "sha$1sum" >/dev/null 2>&1; then "sha$1sum"; else shasum -a "$1"; fi | cut -d ' ' -f 1; }
# What SQLite is to take for one text.
text() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
ask() { sqlite3 -batch -noheader -list :memory: "$@"; }

need sqlite3 "It is in the packages of every system, and at https://sqlite.org/download.html."
[ "$(ask "SELECT CAST(substr(sqlite_version(), 3) AS REAL) >= 38")" = 1 ] || fail "this sqlite3 is too old: from 3.38 on it reads JSON."

here=$(cd "$(dirname "$0")" && pwd)
backup=$1
if [ -z "$backup" ]; then
  pointer=$here/backups/latest_backup.json
  [ -f "$pointer" ] || fail "there is no $pointer. Name a backup: sh recover.sh backups/NAME.json"
  backup=$here/backups/$(ask "SELECT json_extract(CAST(readfile($(text "$pointer")) AS TEXT), '$.name')").json
fi
[ -f "$backup" ] || fail "there is no $backup."
folder=$(cd "$(dirname "$backup")" && pwd)
manifest=$folder/$(basename "$backup")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# What the manifest says.
told() { ask "SELECT json_extract(CAST(readfile($(text "$manifest")) AS TEXT), '$1')"; }
# A part is named by what git would call its bytes.
check() {
  [ -f "$folder/$1" ] || fail "$folder/$1 is missing. Git may have it: git log --all -- '*$(basename "$1")'"
  size=$(wc -c <"$folder/$1" | tr -d ' ')
  id=$({ printf 'blob %s\000' "$size"; cat "$folder/$1"; } | sha 1)
  case $1 in *[/-]"$id"[-.]*) ;; *) fail "$folder/$1 is damaged. Take an older backup: sh recover.sh backups/NAME.json" ;; esac
}

said=$(told '$.digest')
digest=$(awk '/^  "digest": / { sub(/,$/, "", held); printf "%s", held; exit } NR > 1 { print held } { held = $0 }' "$manifest" | sha 256)
[ "$said" = "sha256:$digest" ] || fail "$manifest is damaged. Take an older backup: sh recover.sh backups/NAME.json"
[ "$(told '$.metadata.database_type')" = sqlite ] || fail "$manifest is of another kind of database than SQLite, which is all that this can bring back."
database=$2
[ -n "$database" ] || database=$here/$(told '$.metadata.database_name').db
[ ! -e "$database" ] || fail "$database is there, and stays as it is. Name another: sh recover.sh '$backup' new.db"
about="$(told '$.metadata.rows') rows of $(basename "$backup" .json), as of $(told '$.metadata.backup_date')"

# Every file that the backup needs: of rows, of the list of files beside them, and of those themselves.
files() {
  ask "WITH m AS (SELECT CAST(readfile($(text "$manifest")) AS TEXT) AS doc), lists AS (SELECT l.value AS part FROM m, json_each(doc, '$.files.list') l), needed AS (
    SELECT p.value AS part FROM m, json_each(doc, '$.data') d, json_each(d.value, '$.parts') p WHERE d.type = 'object'
    UNION ALL SELECT part FROM lists UNION ALL SELECT p.value FROM lists, json_each(part, '$.pieces') p)
  SELECT json_extract(part, '$.file'), json_extract(part, '$.sealed') FROM needed"
}
if [ -n "$(told '$.encryption')" ]; then
  need age "It is in the packages of most systems, and at https://age-encryption.org."
  if [ -z "$IDENTITY" ]; then
    told '$.encryption.passphrase' >"$work/locked"
    [ "$(cat "$work/locked")" != "" ] || fail "the backup is encrypted. Name a file that holds a key: IDENTITY=key.txt sh recover.sh"
    IDENTITY=$work/key
    age -d -o "$IDENTITY" "$work/locked" || fail "the passphrase does not open the backup."
  fi
  unseal() {
    check "$1"
    age -d -i "$IDENTITY" "$folder/$1" >"$work/opened" || fail "$IDENTITY does not open the backup."
    gunzip -c <"$work/opened" >"$2"
  }
  sealed=$manifest
  unseal "$(told '$.encryption.body')" "$work/body"
  ask "SELECT json_extract(CAST(readfile($(text "$work/body")) AS TEXT), '$.manifest')" >"$work/manifest"
  manifest=$work/manifest
  files >"$work/files"
  while IFS='|' read -r plain at; do
    mkdir -p "$work/$(dirname "$plain")"
    unseal "$(ask "SELECT json_extract(CAST(readfile($(text "$sealed")) AS TEXT), '$.parts[$at].file')")" "$work/$plain"
  done <"$work/files"
  folder=$work
else
  files >"$work/files"
fi
while IFS='|' read -r plain at; do check "$plain"; done <"$work/files"

# What this script could not tell apart is not guessed.
texts() { cat "$manifest"; while IFS='|' read -r plain at; do cat "$folder/$plain"; done <"$work/files"; }
if [ "$(told '$.settings.encoding')" != UTF-8 ] && texts | grep -qF '{"$text":"'; then
  fail "the database kept texts in UTF-16 that are no texts, and only Overwinter brings those back."
fi
[ "$(ask "SELECT count(*) FROM json_each(CAST(readfile($(text "$manifest")) AS TEXT), '$.data') WHERE lower(key) = 'json_each'")" = 0 ] ||
  fail "a table is called json_each, as what reads the rows here, and only Overwinter brings it back."
if texts | LC_ALL=C grep -q "$(printf '\364\217\277\277')" && texts | grep -qF '\u0000'; then
  fail "the rows hold the character that stands for NUL here, and only Overwinter brings them back."
fi

# What is to be done is asked of SQLite, which reads whole numbers of 64 bits out of JSON, and gives the SQL that does it.
cat >"$work/look.sql" <<SQL
.bail on
CREATE TEMP TABLE m AS SELECT CAST(readfile($(text "$manifest")) AS TEXT) AS doc, $(text "$folder/") AS folder;
CREATE TEMP TABLE code AS SELECT CAST('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=' AS BLOB) AS letters,
  x'$(awk 'BEGIN { for (i = 0; i < 256; i++) printf "%02x", i }')' AS bytes;
SQL
cat >>"$work/look.sql" <<'SQL'
CREATE TEMP TABLE schema AS SELECT json_extract(d.value, '$.type') AS type, json_extract(d.value, '$.name') AS name,
  json_extract(d.value, '$.table') AS tbl, json_extract(d.value, '$.sql') AS sql FROM m, json_each(doc, '$.schema') d ORDER BY d.id;
CREATE TEMP TABLE tables AS SELECT d.key AS name, d.value AS rows, d.type = 'array' AS inline FROM m, json_each(doc, '$.data') d ORDER BY d.id;
CREATE TEMP TABLE parts AS SELECT t.name, p.id, json_extract(p.value, '$.rows') AS rows, folder || json_extract(p.value, '$.file') AS path
  FROM m, tables t, json_each(t.rows, '$.parts') p WHERE NOT inline;
-- A row that is larger than a file may be goes on in the next part.
CREATE TEMP TABLE runs AS SELECT name, id, path, sum(rows > 0) OVER (PARTITION BY name ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS run FROM parts;
CREATE INDEX temp.by_run ON runs(name, run, id);
-- The rows of a table, many at a time, as JSON arrays.
CREATE TEMP VIEW plain AS SELECT name, 0 AS run, rows AS array FROM tables WHERE inline
  UNION ALL SELECT name, run, '[' || replace(rtrim((SELECT group_concat(CAST(readfile(path) AS TEXT), '')
    FROM (SELECT path FROM runs p WHERE p.name = r.name AND p.run IS r.run ORDER BY id)), char(10)), char(10), ',') || ']' FROM (SELECT DISTINCT name, run FROM runs) r;
-- SQLite's reader of JSON ends a text at \u0000. A character that no text has stands for it.
CREATE TEMP VIEW arrays AS SELECT name, run, CASE WHEN instr(array, '\u0000')
  THEN replace(replace(array, '\\', '\u005c'), '\u0000', char(1114111)) ELSE array END AS array FROM plain;
CREATE TEMP TABLE columns AS SELECT t.name AS tbl, c.key AS name FROM tables t,
  json_each((SELECT json_extract(array, '$[0]') FROM arrays a WHERE a.name = t.name LIMIT 1)) c ORDER BY t.rowid, c.id;
-- Base64, four letters at a time: with the CLI of 3.40 nothing else reads it.
CREATE TEMP TABLE base64 AS SELECT '(WITH RECURSIVE s(b, n) AS MATERIALIZED (SELECT CAST(t AS BLOB), length(CAST(t AS BLOB)) FROM (SELECT json_extract(<it>, ''$.<tag>'') AS t)),
    g(i) AS (SELECT 1 FROM s WHERE n > 0 UNION ALL SELECT i + 4 FROM g, s WHERE i + 4 <= n),
    w(v) AS (SELECT ((instr(letters, substr(b, i, 1)) - 1) << 18) + ((instr(letters, substr(b, i + 1, 1)) - 1) << 12)
      + (((instr(letters, substr(b, i + 2, 1)) - 1) & 63) << 6) + ((instr(letters, substr(b, i + 3, 1)) - 1) & 63) FROM g, s, code)
  SELECT coalesce(substr(CAST(group_concat(substr(bytes, 1 + (v >> 16), 1) || substr(bytes, 1 + ((v >> 8) & 255), 1) || substr(bytes, 1 + (v & 255), 1), '''') AS BLOB),
    1, (SELECT n / 4 * 3 - (n > 0 AND substr(b, n, 1) = x''3d'') - (n > 0 AND substr(b, n - 1, 1) = x''3d'') FROM s)), x'''') FROM w, code)' AS form;
-- Values that JSON has no form for.
CREATE TEMP VIEW tagged AS SELECT 'CASE WHEN json_type(<it>, ''$.$blob'') = ''text'' THEN ' || replace(form, '<tag>', '$blob') ||
  ' WHEN json_type(<it>, ''$.$text'') = ''text'' THEN CAST(' || replace(form, '<tag>', '$text') || ' AS TEXT)' ||
  ' ELSE CASE json_extract(<it>, ''$.$real'') WHEN ''Infinity'' THEN 9e999 WHEN ''-Infinity'' THEN -9e999 WHEN ''-0.0'' THEN -0.0 END END' AS form FROM base64;
SQL

# A virtual table keeps its rows in tables that have definitions of their own, so it is written down last, and makes nothing.
cat >"$work/tables.sql" <<'SQL'
SELECT printf('PRAGMA page_size = %d; PRAGMA auto_vacuum = %d; PRAGMA writable_schema = ON; PRAGMA user_version = %d; PRAGMA application_id = %d;',
  json_extract(doc, '$.settings.page_size'), json_extract(doc, '$.settings.auto_vacuum'), json_extract(doc, '$.settings.user_version'),
  json_extract(doc, '$.settings.application_id')) FROM m;
SELECT sql || CASE WHEN sql LIKE '%--%' THEN char(10) ELSE '' END || ';' FROM schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%';
SELECT printf('CREATE TABLE "%w"(%s);', name, CASE name WHEN 'sqlite_stat1' THEN 'tbl,idx,stat' ELSE 'tbl,idx,neq,nlt,ndlt,sample' END) FROM tables
  WHERE name GLOB 'sqlite_stat*';
SQL
cat >"$work/rows.sql" <<'SQL'
SELECT 'PRAGMA ignore_check_constraints = ON; BEGIN;';
-- SQLite's own tables come last: they grow while rows come into others.
SELECT CASE WHEN tbl GLOB 'sqlite_*' THEN printf('DELETE FROM main."%w"; ', tbl) ELSE '' END || printf('INSERT INTO main."%w" (%s) SELECT %s FROM arrays a, json_each(a.array) r WHERE a.name = %Q;', tbl, group_concat(printf('"%w"', name), ', '), group_concat(CASE
    WHEN json_quote(name) <> '"' || name || '"' THEN replace('(SELECT CASE c.type WHEN ''object'' THEN ' || replace(form, '<it>', 'c.value') ||
      ' WHEN ''text'' THEN replace(c.atom, char(1114111), char(0)) ELSE c.atom END FROM json_each(r.value) c WHERE c.key = <key>)', '<key>', printf('%Q', name))
    ELSE replace('CASE json_type(r.value, <at>) WHEN ''object'' THEN ' || replace(form, '<it>', 'json_extract(r.value, <at>)') ||
      ' WHEN ''text'' THEN replace(json_extract(r.value, <at>), char(1114111), char(0)) ELSE json_extract(r.value, <at>) END', '<at>', printf('%Q', '$."' || name || '"'))
    END, ', '), tbl)
  FROM (SELECT tbl, name, form FROM columns, tagged ORDER BY columns.rowid) GROUP BY tbl ORDER BY tbl GLOB 'sqlite_*';
SELECT printf('SELECT %Q WHERE (SELECT count(*) FROM main."%w") <> %d;', name || ' has other rows than the backup', name,
  CASE WHEN inline THEN json_array_length(rows) ELSE (SELECT sum(rows) FROM parts p WHERE p.name = t.name) END) FROM tables t;
SELECT 'COMMIT;';
SQL
cat >"$work/rest.sql" <<'SQL'
SELECT 'PRAGMA writable_schema = ON;';
SELECT printf('INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES (%Q, %Q, %Q, 0, %Q);', type, name, tbl, sql) FROM schema
  WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%';
SELECT 'PRAGMA writable_schema = RESET;';
SELECT sql || CASE WHEN sql LIKE '%--%' THEN char(10) ELSE '' END || ';' FROM schema WHERE type <> 'table';
SELECT printf('PRAGMA journal_mode = %s;', CASE json_extract(doc, '$.settings.journal_mode') WHEN 'wal' THEN 'wal' ELSE 'delete' END) FROM m;
SELECT 'PRAGMA integrity_check;';
SQL
for step in tables rows rest; do
  cat "$work/look.sql" "$work/$step.sql" | sqlite3 -batch -noheader -list :memory: >"$work/$step.made" || fail "$manifest cannot be read."
done

# Definitions are somebody's programs: they are run where sqlite3 reaches neither files nor other programs.
safely() { sqlite3 -batch -bail -safe -noheader -list "$database.part" <"$work/$1.made" >"$work/$1.said" || fail "a definition cannot be made; $database.part is how far it came."; }
rm -f "$database.part"
safely tables
cat "$work/look.sql" "$work/rows.made" | sqlite3 -batch -bail -noheader -list "$database.part" >"$work/rows.said" || fail "rows cannot be put in; $database.part is how far it came."
[ ! -s "$work/rows.said" ] || fail "$(cat "$work/rows.said")"
safely rest
mv "$database.part" "$database"
echo "$database: $about."
# The database that was saved may have had values that its own rules forbid.
[ "$(tail -n 1 "$work/rest.said")" = ok ] || echo "recover.sh: every row is there; what SQLite remarks about them: $(sed 1d "$work/rest.said" | head -n 20)" >&2

if [ "$(told '$.files.list')" != "" ]; then
  beside=$database-files
  [ ! -e "$beside" ] || fail "$beside is there, and stays as it is: the files beside the rows were not brought back."
  cat >"$work/files.sql" <<'SQL'
CREATE TEMP VIEW listed AS SELECT l.value AS line FROM m, json_each(doc, '$.files.list') p,
  json_each('[' || replace(rtrim(CAST(readfile(folder || json_extract(p.value, '$.file')) AS TEXT), char(10)), char(10), ',') || ']') l;
CREATE TEMP TABLE bad AS SELECT 1 FROM listed WHERE '/' || json_extract(line, '$.path') || '/' GLOB '*/../*';
SELECT 'a file of the backup lies outside of its folder' FROM bad LIMIT 1;
SELECT replace('SELECT sum(writefile(beside || ''/'' || json_extract(line, ''$.path''), CASE json_type(line, ''$.base64'') WHEN ''text'' THEN <form>
  ELSE (SELECT CAST(coalesce(group_concat(readfile(folder || ''parts/files/'' || substr(value, 1, 2) || ''/'' || value || ''.bin''), ''''), '''') AS BLOB) FROM json_each(line, ''$.pieces'')) END,
  32768 + (substr(json_extract(line, ''$.mode''), 1, 1) << 6) + (substr(json_extract(line, ''$.mode''), 2, 1) << 3) + substr(json_extract(line, ''$.mode''), 3, 1),
  CAST(strftime(''%s'', json_extract(line, ''$.mtime'')) AS INTEGER)) IS NULL) FROM listed, m, beside;', '<form>', replace(replace(form, '<tag>', 'base64'), '<it>', 'line')) FROM base64
  WHERE NOT EXISTS (SELECT 1 FROM bad);
SQL
  cat "$work/look.sql" "$work/files.sql" | sqlite3 -batch -bail -noheader -list :memory: >"$work/files.made" || fail "the list of files cannot be read."
  grep -q '^SELECT' "$work/files.made" || fail "$(cat "$work/files.made")"
  { cat "$work/look.sql"; sed '/^SELECT/,$d' "$work/files.sql"; echo "CREATE TEMP TABLE beside AS SELECT $(text "$beside") AS beside;"; cat "$work/files.made"; } |
    sqlite3 -batch -bail -noheader -list :memory: >"$work/files.said" || fail "the files beside the rows cannot be written; $beside is how far it came."
  [ "$(cat "$work/files.said")" = 0 ] || fail "some files beside the rows cannot be written; $beside is how far it came."
  echo "$beside: the files that were saved beside the rows, each under the name of its folder."
fi
`;
