/** pino 10.4.0 has no types for its small entry. Only what Holdfast uses of it is here. */
declare module 'pino/browser.js' {
  import type { Level, Logger } from 'pino';

  export interface SmallOptions {
    readonly level: Level;
    /** The text or number of the key `time`. */
    readonly timestamp: () => string | number;
    readonly browser: {
      readonly formatters: { readonly level: (label: string) => object };
      /** Receives each entry as one object: time, level, what is bound, what is given, msg. */
      readonly write: (entry: object) => void;
    };
  }
  export function pino(options: SmallOptions): Logger;
}
