import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script against a database in a process of its own; `db` is open in it, and `say` tells the test something. */
export async function startWriter(file: string, script: string): Promise<Writer> {
  const source = `
    import Database from 'better-sqlite3';
    const db = new Database(process.argv[1], { timeout: 10000 });
    const say = (text) => process.stdout.write(text + '\\n');
    let stopped = false;
    process.stdin.on('data', () => { stopped = true; });
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const writer = new Writer(child);
  await writer.heard('ready');
  return writer;
}

export class Writer {
  readonly #child: ChildProcess;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (text: Buffer) => {
      this.#said += text.toString();
    });
  }

  /** Waits until it has said so. */
  async heard(word: string): Promise<void> {
    while (!this.#said.includes(word)) {
      if (this.#child.exitCode !== null)
        throw new Error(`the writer ended with ${this.#child.exitCode}: ${this.#said}`);
      await new Promise((go) => setTimeout(go, 5));
    }
  }

  /** Asks it to end, and gives what it said at last. */
  async stop(): Promise<string> {
    this.#child.stdin?.end('stop');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#said.trim().split('\n').at(-1) ?? '';
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
