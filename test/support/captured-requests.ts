import { readFileSync } from 'node:fs';
import type { SeenRequest } from './scripted-server.ts';

const folder = new URL('../local/oss/captures/', import.meta.url);

/** A request as a real client sent it; for the address and the signature see oss-captures.ts. */
export function capturedRequest(name: string): SeenRequest {
  const text = readFileSync(new URL(`${name}.http`, folder), 'utf8');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, target, headers, body };
}
