/** proxy-from-env 2.1.0 has no types of its own. */
declare module 'proxy-from-env' {
  /** Returns the proxy for a URL by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; empty when there is none. */
  export function getProxyForUrl(url: string): string;
}
