import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { refuse } from './errors.ts';
import type { Headers, Signable } from './signature/request.ts';

/** This is what a browser sends to PostObject: fields, and behind them the file. */
export interface Form {
  /** By lower-case name; they stand for the headers of a PutObject. */
  readonly fields: Headers;
  /** The key, with `${filename}` filled in. */
  readonly key: string;
  readonly file: Readable;
}

/** Tells whether a request is an upload by form, which signs a policy among its fields and nothing else. */
export function isForm({ method, headers }: Signable): boolean {
  return method === 'POST' && /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

/**
 * Reads a form up to its file, which streams. Fields behind the file do not count.
 * @throws MalformedPOSTRequest when it is no form, has no file, or a field above 1 MiB; InvalidArgument without key
 */
export function readForm(request: IncomingMessage): Promise<Form> {
  return new Promise((resolve, reject) => {
    const malformed = () => reject(refuse('MalformedPOSTRequest'));
    // No name from outside may be a property of the language's own.
    const fields: Record<string, string> = Object.create(null);
    const parser = openParser(request, malformed);
    if (!parser) return;
    parser.on('field', (name: string | undefined, value, _nameCut, isCut) => {
      if (isCut || name === undefined) return malformed();
      fields[name.toLowerCase()] = value;
    });
    parser.on('file', (name, file, fileName: string | undefined, _encoding, type) => {
      // Without a listener, a form that breaks off while nobody reads its file would end the process.
      file.on('error', () => undefined);
      if (name !== 'file') {
        file.resume();
        return;
      }
      const { key } = fields;
      // A form that breaks off ends its file too early, and must not count as a whole one.
      parser.on('error', (error) => file.destroy(error instanceof Error ? error : undefined));
      request.on('error', (error) => file.destroy(error));
      if (!key) {
        file.resume();
        reject(refuse('InvalidArgument', { message: 'The form has no key.' }));
        return;
      }
      const whole = { 'content-type': type, ...fields };
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the form
      resolve({ fields: whole, key: key.replaceAll('${filename}', () => fileName ?? ''), file });
    });
    parser.on('error', malformed);
    parser.on('finish', malformed);
    request.pipe(parser);
  });
}

function openParser(request: IncomingMessage, malformed: () => void) {
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      limits: { fieldSize: 1024 * 1024, fields: 200, files: 1 },
      isPartAFile: (name) => name === 'file',
    });
  } catch {
    malformed(); // no boundary
    return undefined;
  }
}
