/** What the tests use of smtp-server. */
declare module 'smtp-server' {
  import type { Readable } from 'node:stream';

  interface Session {
    secure: boolean;
    envelope: { mailFrom: { address: string }; rcptTo: { address: string }[] };
  }
  type Done = (error?: Error | null, answer?: { user: string }) => void;
  interface Options {
    authOptional?: boolean;
    disabledCommands?: string[];
    /** Passwords may come without TLS. */
    allowInsecureAuth?: boolean;
    logger?: false;
    onAuth?(auth: { username: string; password: string }, session: Session, done: Done): void;
    onData?(stream: Readable, session: Session, done: Done): void;
    onRcptTo?(address: { address: string }, session: Session, done: Done): void;
  }
  export class SMTPServer {
    constructor(options: Options);
    listen(port: number, host: string, done: () => void): import('node:net').Server;
    close(): void;
    on(event: 'error', listener: (error: Error) => void): this;
    server: import('node:net').Server;
  }
}
