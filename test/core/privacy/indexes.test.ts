import { describe, expect, test } from 'vitest';
import { contentOf } from '../../../src/core/privacy/indexes.ts';

describe('what a full-text table is about', () => {
  test.each([
    ["fts5(body, content='posts')", 'posts'],
    ['fts5(body, content="my posts", content_rowid=id)', 'my posts'],
    ["fts5(body, CONTENT = 'posts')", 'posts'],
    ["fts5(body, content='it''s')", "it's"],
    ["fts5(body, c='posts')", 'posts'],
    ["fts5(body, -- , content='older'\n content='posts')", 'posts'],
    ["fts5(body, tokenize = \"unicode61 tokenchars ',content=x'\", content='posts')", 'posts'],
    ['fts4(body, content=my-posts)', 'my-posts'],
    ["fts4(body, content=older, content='posts')", 'posts'],
    ["fts5(body, content='')", ''],
  ])('%s is about %j', (sql, about) => {
    expect(contentOf(`CREATE VIRTUAL TABLE found USING ${sql}`)).toBe(about);
  });

  test.each([
    'fts5(body)',
    'fts5(body, content)',
    "fts5(body, content_rowid='id', contentless_delete=1)",
    "fts5(body, columnsize=0, detail='none', prefix='2 3')",
    'fts5(body, tokenize = "unicode61 tokenchars \',content=x\'")',
  ])('%s keeps its own text', (sql) => {
    expect(contentOf(`CREATE VIRTUAL TABLE found USING ${sql}`)).toBeUndefined();
  });
});
