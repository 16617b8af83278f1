/** The client of undici alone: its whole package has fetch, WebSocket and caches, and is twice as large. */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  // biome-ignore lint/style/noDefaultExport: this is what the file of undici exports
  export default Client;
}
