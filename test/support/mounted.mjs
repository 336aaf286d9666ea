// An app with the panel in it, in a process of its own, with the library as it is shipped: node mounted.mjs HOW FOLDER BASE TOKEN. It prints its port, and tells at /open how many requests are open.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import { Hono } from 'hono';
import { createPanel } from '../../dist/index.js';

const [how, folder, base, token] = process.argv.slice(2);
const settings = { db: join(folder, 'app.db'), dir: join(folder, 'backups'), token };

/** Requests that nobody has finished with. */
let open = 0;
const counted = async (work) => {
  open++;
  return work().finally(() => open--);
};

const inExpress = (make) => {
  const app = make();
  const { node } = createPanel(settings);
  app.get('/open', (_request, response) => response.end(`open ${open}`));
  app.use(base, (request, response, next) => counted(() => node(request, response, next)));
  return createServer(app);
};

const MOUNTS = {
  'node:http': () => {
    const { node } = createPanel({ ...settings, basePath: base });
    return createServer((request, response) => {
      if (request.url === '/open') return response.end(`open ${open}`);
      void counted(() => node(request, response));
    });
  },
  'Express 4': () => inExpress(express4),
  'Express 5': () => inExpress(express),
  Hono: () => {
    const { fetch } = createPanel({ ...settings, basePath: base });
    const app = new Hono();
    app.get('/open', (c) => c.text(`open ${open}`));
    app.all(`${base}/*`, (c) => counted(() => fetch(c.req.raw)));
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', createServer });
  },
};

const server = MOUNTS[how]();
const say = () => console.log(`port ${server.address().port}`);
if (server.listening) say();
else if (how === 'Hono') server.once('listening', say);
else server.listen(0, '127.0.0.1', say);
