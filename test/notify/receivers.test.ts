import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAlarmAddress } from '../../src/core/alarms/address.ts';
import { apart, beside, type ReceiverServer, receiverServer } from '../support/receivers.ts';
import { scratch } from '../support/scratch.ts';

let folder: string;
let server: ReceiverServer;

beforeEach(async () => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  server = await receiverServer();
});

const sendTest = async (notify: string, env: Record<string, string> = {}) => {
  const ran = await beside(folder, ['notify', '--test', '--json'], { OVERWINTER_NOTIFY: notify, ...env });
  return { ...ran, said: ran.stdout.startsWith('[') ? JSON.parse(ran.stdout) : undefined };
};

describe('a test message', () => {
  test('reaches everybody, each in its own way', async () => {
    const address = (path: string) => `http://${server.host}/${path}`;
    const { code, said } = await sendTest(
      `${address('ping/1234-5678')} ntfy://${server.host}/backups slack:env:SLACK discord:env:DISCORD webhook:${address('hook')}`,
      { SLACK: address('services/T0/B0/slack-secret'), DISCORD: address('api/webhooks/discord-secret') },
    );
    expect(said).toEqual([
      { target: `http://${server.host}/ping…`, status: 'sent' },
      { target: `ntfy://${server.host}/back…`, status: 'sent' },
      { target: 'slack:env:SLACK', status: 'sent' },
      { target: 'discord:env:DISCORD', status: 'sent' },
      { target: `webhook:http://${server.host}/hook`, status: 'sent' },
    ]);
    expect(code).toBe(0);
    const bodyOf = (path: string) => server.heard.find((each) => each.path === path)?.body ?? '';
    expect(server.paths().sort()).toEqual([
      '/',
      '/api/webhooks/discord-secret',
      '/hook',
      // Not a success: the monitor waits for a backup.
      '/ping/1234-5678/log',
      '/services/T0/B0/slack-secret',
    ]);
    expect(JSON.parse(bodyOf('/'))).toMatchObject({
      topic: 'backups',
      priority: 3,
      tags: ['white_check_mark', 'overwinter'],
    });
    expect(JSON.parse(bodyOf('/services/T0/B0/slack-secret')).text).toContain('This is a test');
    expect(JSON.parse(bodyOf('/api/webhooks/discord-secret'))).toMatchObject({ allowed_mentions: { parse: [] } });
    expect(JSON.parse(bodyOf('/hook'))).toMatchObject({ version: 1, event: 'test', environment: 'development' });
  });

  test('that one does not take ends with 1, and the others have it all the same', async () => {
    server.answer = (path) => (path === '/gone' ? 410 : 200);
    const { code, said } = await sendTest(
      `webhook:http://${server.host}/gone webhook:http://${server.host}/there slack:env:NOT_SET`,
    );
    expect(said).toEqual([
      { target: `webhook:http://${server.host}/gone`, status: 'failed', reason: 'it answered 410' },
      { target: `webhook:http://${server.host}/ther…`, status: 'sent' },
      { target: 'slack:env:NOT_SET', status: 'failed', reason: 'the variable NOT_SET is not set' },
    ]);
    expect(code).toBe(1);
  });

  test('is tried once more where that may help, and follows nobody elsewhere', async () => {
    let asked = 0;
    server.answer = (path) => (path === '/moved' ? 302 : ++asked === 1 ? 503 : 204);
    const { said } = await sendTest(`webhook:http://${server.host}/late webhook:http://${server.host}/moved`);
    expect(said).toMatchObject([{ status: 'sent' }, { status: 'failed', reason: 'it answered 302' }]);
    expect(server.paths().filter((path) => path === '/late')).toHaveLength(2);
    expect(server.paths()).not.toContain('/elsewhere');
  });

  test('goes to a monitor that has one address and nothing behind it', async () => {
    server.answer = (path) => (path === '/api/push/kuma?status=up' ? 200 : 404);
    const { said } = await sendTest(`http://${server.host}/api/push/kuma?status=up http://${server.host}/wrong`);
    expect(said).toMatchObject([{ status: 'sent' }, { status: 'failed', reason: 'it answered 404' }]);
  });

  test('says that nobody is there to hear it', async () => {
    const ran = await beside(folder, ['notify', '--test']);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('No test message was sent');
    expect(ran.stderr).toContain('OVERWINTER_NOTIFY');
  });
});

describe('a webhook', () => {
  const SECRET = 'sixteen-characters-or-more';

  test('is signed with the secret, over the time and the body', async () => {
    await sendTest(`webhook:http://${server.host}/hook`, { OVERWINTER_WEBHOOK_SECRET: SECRET });
    const body = server.heard[0]?.body ?? '';
    const header = String(server.heard[0]?.headers['overwinter-signature']);
    const [, time = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
    const expected = (secret: string, text: string) =>
      createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
    expect(signature).toBe(expected(SECRET, body));
    expect(signature).not.toBe(expected(SECRET, `${body} `));
    expect(signature).not.toBe(expected(`${SECRET}!`, body));
  });

  test('is not signed without a secret, and not sent with one that can be guessed', async () => {
    await sendTest(`webhook:http://${server.host}/hook`);
    expect(server.heard[0]?.headers).not.toHaveProperty('overwinter-signature');
    const { said } = await sendTest(`webhook:http://${server.host}/hook`, { OVERWINTER_WEBHOOK_SECRET: 'short' });
    expect(said).toMatchObject([{ status: 'failed', reason: expect.stringContaining('less than 16 characters') }]);
    expect(server.heard).toHaveLength(1);
  });
});

test('a closed topic is opened with a token that stands in a variable', async () => {
  await sendTest(`ntfy://${server.host}/closed`, { OVERWINTER_NTFY_TOKEN: 'tk_nobodyknows' });
  expect(server.heard[0]?.headers.authorization).toBe('Bearer tk_nobodyknows');
});

describe('an address', () => {
  const SECRET = 'NobodyMaySeeThis';

  test.each([
    [`slack:https://hooks.slack.com/services/${SECRET}`, 'slack:env:'],
    [`discord:https://discord.com/api/webhooks/${SECRET}`, 'discord:env:'],
    [`webhook:https://hooks.slack.com/services/${SECRET}`, 'webhook:env:NAME'],
    [`webhook:https://user:${SECRET}@example.org/`, 'holds a password'],
    [`https://user:${SECRET}@hc-ping.com/1`, 'holds a password'],
    [`https://example.org/ping?token=${SECRET}`, 'ping:env:NAME'],
    [`ntfy://user:${SECRET}@ntfy.sh/topic`, 'OVERWINTER_NTFY_TOKEN'],
    [`mailto:me@example.org?password=${SECRET}`, 'OVERWINTER_SMTP_URL'],
    [`http://example.org/${SECRET}`, 'https://'],
    [`ntyf://ntfy.sh/${SECRET}`, "did you mean 'ntfy:'"],
    [`slack:${SECRET}`, 'slack:env:'],
    [SECRET, 'must be one of'],
  ])('with something secret, or of no kind, is an error that repeats nothing: %s', async (address, says) => {
    const read = readAlarmAddress(address);
    if (!('fault' in read)) throw new Error('it was taken');
    expect(read.fault).toContain(says);
    expect(read.fault).not.toContain(SECRET);
  });

  test('that is wrong is said as every configuration is', async () => {
    const { code, stderr, stdout } = await sendTest(`ntfy://ntfy.sh/fine slack:https://hooks.slack.com/${SECRET}`);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('number 2 of it must name a variable');
    expect(stdout + stderr).not.toContain(SECRET);
  });

  test('in a variable that everybody on the way could read is not used', async () => {
    const { said } = await sendTest('webhook:env:PLAIN', { PLAIN: `http://example.org/${SECRET}` });
    expect(said).toMatchObject([{ status: 'failed', reason: expect.stringContaining('begins with https://') }]);
    expect(JSON.stringify(said)).not.toContain(SECRET);
  });
});

test('no word of a whole process tells the secrets it was given', async () => {
  const secrets = ['slack-secret-1', 'webhook-secret-16-long', 'smtp-secret-3', 'tk_secret_4', 'query-secret-5'];
  const env = {
    OVERWINTER_NOTIFY: `slack:env:SLACK webhook:env:HOOK ntfy://${server.host}/topic mailto:me@example.org`,
    SLACK: `http://${server.host}/${secrets[0]}`,
    HOOK: `http://${server.host}/hook?token=${secrets[4]}`,
    OVERWINTER_WEBHOOK_SECRET: secrets[1] ?? '',
    OVERWINTER_SMTP_URL: `smtp://me:${secrets[2]}@127.0.0.1:1`,
    OVERWINTER_NTFY_TOKEN: secrets[3] ?? '',
  };
  server.answer = () => 500;
  const ran = await apart(folder, ['notify', '--test', '--debug'], env);
  expect(ran.code).toBe(1);
  for (const secret of secrets) expect(ran.stdout + ran.stderr).not.toContain(secret);
});
