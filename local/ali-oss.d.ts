/**
 * The little of ali-oss 6.23.0 that Holdfast uses: its request layer, which addresses and signs
 * (`@types/ali-oss` knows neither V4, nor `sldEnable`, nor `request`). Read from lib/client.js and
 * lib/common/utils/createRequest.js.
 */
declare module 'ali-oss' {
  import type { Agent, IncomingMessage } from 'node:http';
  import type { Agent as HttpsAgent } from 'node:https';

  export interface ClientOptions {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly stsToken?: string;
    readonly refreshSTSTokenInterval?: number;
    /** It has the `oss-` prefix, and names the host that is sent to an IP endpoint. */
    readonly region?: string;
    readonly internal?: boolean;
    readonly endpoint?: string;
    readonly secure?: boolean;
    /** Path style: the bucket is the first segment of the path. */
    readonly sldEnable?: boolean;
    readonly authorizationV4?: boolean;
    readonly bucket?: string;
    /** Milliseconds to connect, and again to answer. */
    readonly timeout?: number;
    readonly retryMax?: number;
    readonly agent?: Agent;
    readonly httpsAgent?: HttpsAgent;
  }

  export interface RequestParams {
    readonly method: string;
    readonly bucket: string;
    readonly object?: string | undefined;
    /** Query parameters; here, and not in `query`, the signature is right for empty values too. */
    readonly subres: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly mime?: string | undefined;
    readonly content?: string | Buffer | undefined;
  }

  export interface RequestResult {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly data: Buffer;
  }

  /** A reply whose body is read by the caller. */
  export interface OpenRequestResult extends Omit<RequestResult, 'data'> {
    readonly res: IncomingMessage;
  }

  /** An interface, so that tests which drive the client itself can declare more of it. */
  export interface OssClient {
    userAgent: string;
    /** Without `successStatuses` every status resolves, and only a missing or broken reply rejects. */
    request(params: RequestParams & { readonly customResponse: true }): Promise<OpenRequestResult>;
    request(params: RequestParams): Promise<RequestResult>;
  }
  const OSS: new (options: ClientOptions) => OssClient;
  // biome-ignore lint/style/noDefaultExport: ali-oss is CommonJS, its class is the module
  export default OSS;
}
