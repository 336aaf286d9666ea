/** What is used of nodemailer, which an app brings that wants mail: nobody else needs its types either. */
declare module 'nodemailer' {
  interface Options {
    host: string;
    port: number;
    /** TLS from the beginning. */
    secure: boolean;
    /** TLS before anything is said, or nothing is. */
    requireTLS: boolean;
    auth?: { user: string; pass: string };
    connectionTimeout: number;
    greetingTimeout: number;
    socketTimeout: number;
    disableFileAccess: true;
    disableUrlAccess: true;
  }
  interface Message {
    from: string;
    to: string;
    subject: string;
    text: string;
    messageId: string;
    headers: Record<string, string>;
  }
  interface Transport {
    sendMail(message: Message): Promise<unknown>;
    close(): void;
  }
  export function createTransport(options: Options): Transport;
}
