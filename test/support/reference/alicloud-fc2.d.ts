/** The signer inside @alicloud/fc2 2.6.6, which has no types of its own. Read from lib/client.js. */
declare module '@alicloud/fc2' {
  const Client: {
    /** @param queries signed for HTTP triggers only */
    getSignature(
      accessKeyId: string,
      accessKeySecret: string,
      method: string,
      path: string,
      headers: Readonly<Record<string, string | undefined>>,
      queries: null,
    ): string;
  };
  // biome-ignore lint/style/noDefaultExport: @alicloud/fc2 is CommonJS, its class is the module
  export default Client;
}
