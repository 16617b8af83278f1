/** The signer inside ali-oss 6.23.0; read from lib/common/signUtils.js. */
declare module 'ali-oss/lib/common/signUtils.js' {
  const signUtils: {
    /** @param request `null` in `queries` is a parameter without value */
    authorizationV4(
      accessKeyId: string,
      accessKeySecret: string,
      region: string,
      method: string,
      request: {
        readonly headers: Readonly<Record<string, string>>;
        readonly queries: Readonly<Record<string, string | null>>;
      },
      bucket: string | undefined,
      object: string | undefined,
    ): string;
  };
  // biome-ignore lint/style/noDefaultExport: the module is CommonJS
  export default signUtils;
}
