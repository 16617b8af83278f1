import type { ReplyStart } from './wire.ts';

/** Headers of replies whose repetitions Node drops (message.headers). */
const single: ReadonlySet<string> = new Set([
  'age',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
]);

/** The beginning of a reply whose headers are as they came. Only those that are asked for are read. */
export class RawHead implements ReplyStart {
  readonly status: number;
  readonly #raw: readonly (Buffer | string)[];

  /** @param raw name and value in turn: texts of `node:http`, bytes of undici */
  constructor(status: number, raw: readonly (Buffer | string)[]) {
    this.status = status;
    this.#raw = raw;
  }

  header(name: string): string | undefined {
    let found: string | undefined;
    for (let at = 0; at + 1 < this.#raw.length; at += 2) {
      if (this.#raw[at]?.length !== name.length || this.#text(at).toLowerCase() !== name) continue;
      const value = this.#text(at + 1);
      if (found === undefined) found = value;
      else if (!single.has(name)) found = `${found}, ${value}`;
    }
    return found;
  }

  names(): string[] {
    return this.#raw.flatMap((_, at) => (at % 2 === 0 ? this.#text(at).toLowerCase() : []));
  }

  #text(at: number): string {
    const part = this.#raw[at] ?? '';
    return typeof part === 'string' ? part : part.toString('latin1');
  }
}
