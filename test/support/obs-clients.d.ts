declare module 'esdk-obs-nodejs' {
  import type { Agent } from 'node:http';

  interface ObsResult {
    readonly CommonMsg: { readonly Status: number; readonly Code: string; readonly Message: string };
    readonly InterfaceResult: Readonly<Record<string, unknown>> | null;
  }

  /** Huawei's own client, as far as the tests use it. It resolves whatever the service answers. */
  class ObsClient {
    constructor(options: {
      access_key_id: string;
      secret_access_key: string;
      server: string;
      security_token?: string;
      signature?: 'obs';
      path_style?: boolean;
      max_retry_count: 0;
      ssl_verify?: boolean;
      http_agent?: Agent;
    });
    createBucket(params: object): Promise<ObsResult>;
    setBucketVersioningConfiguration(params: object): Promise<ObsResult>;
    setObjectLockConfiguration(params: object): Promise<ObsResult>;
    getObjectLockConfiguration(params: object): Promise<ObsResult>;
    putObject(params: object): Promise<ObsResult>;
    getObjectMetadata(params: object): Promise<ObsResult>;
    setObjectRetention(params: object): Promise<ObsResult>;
    setObjectTagging(params: object): Promise<ObsResult>;
    getObjectTagging(params: object): Promise<ObsResult>;
    listVersions(params: object): Promise<ObsResult>;
    deleteObject(params: object): Promise<ObsResult>;
    initiateMultipartUpload(params: object): Promise<ObsResult>;
    uploadPart(params: object): Promise<ObsResult>;
    completeMultipartUpload(params: object): Promise<ObsResult>;
    copyObject(params: object): Promise<ObsResult>;
    close(): void;
  }
  // biome-ignore lint/style/noDefaultExport: it is CommonJS, its class is the module
  export default ObsClient;
}

declare module 'aws4' {
  interface SignedRequest {
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly service: 's3';
    readonly region: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signQuery?: boolean;
  }
  const aws4: {
    sign(
      request: SignedRequest,
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
    ): { readonly path: string; readonly headers: Readonly<Record<string, string>> };
  };
  // biome-ignore lint/style/noDefaultExport: it is CommonJS, its object is the module
  export default aws4;
}
