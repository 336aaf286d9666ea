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
    /** Never, not even where it is offered. */
    ignoreTLS?: boolean;
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
    attachments?: { filename: string; content: Buffer; contentType: string }[];
  }
  interface Transport {
    sendMail(message: Message): Promise<unknown>;
    /** Connects, and says who it is. */
    verify(): Promise<true>;
    close(): void;
  }
  export function createTransport(options: Options): Transport;
}
