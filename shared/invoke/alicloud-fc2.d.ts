/**
 * The little of @alicloud/fc2 2.6.6 that Holdfast uses: its request layer, which addresses and signs. It has no types
 * of its own. Read from lib/client.js.
 */
declare module '@alicloud/fc2' {
  export interface ClientConfig {
    readonly accessKeyID: string;
    readonly accessKeySecret: string;
    /** Needed with an access key that starts with STS. */
    readonly securityToken?: string;
    readonly region: string;
    /** Milliseconds to connect, and again to answer. */
    readonly timeout: number;
    /** HTTPS, where there is no endpoint. */
    readonly secure: boolean;
    /** Instead of `ACCOUNT.REGION.fc.aliyuncs.com`. */
    readonly endpoint?: string;
  }

  export interface Reply {
    readonly headers: Readonly<Record<string, string | undefined>>;
    /** Parsed when it is JSON; otherwise bytes with `rawBuf`, text without. */
    readonly data: unknown;
  }

  export interface FcClient {
    /** 2016-08-15 unless it is set. */
    version: string;
    /** Any status from 300 on rejects, with `code` when the reply names one. */
    post(
      path: string,
      body: string,
      headers: Readonly<Record<string, string>>,
      query: null,
      options: { readonly rawBuf: boolean },
    ): Promise<Reply>;
    get(path: string, query: Readonly<Record<string, string>>): Promise<Reply>;
  }

  const Client: new (accountId: string, config: ClientConfig) => FcClient;
  // biome-ignore lint/style/noDefaultExport: @alicloud/fc2 is CommonJS, its class is the module
  export default Client;
}
