import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { builtFile } from '../built.ts';
import { BadRequest, HtmlPage } from './answer.ts';

/**
 * Reads the console, which `build.js` makes of local/console.
 * @throws BadRequest when it is not built
 */
export async function consolePage(): Promise<HtmlPage> {
  const file = builtFile('console/page.html');
  try {
    return new HtmlPage(await readFile(file, 'utf8'));
  } catch (error) {
    throw new BadRequest(`the console cannot be read: ${String(error)}`, 'npm run build', 503);
  }
}

/**
 * Sends a page. Its own `meta` element says which script may run; a header has to say that no other page may put it into a
 * frame, where a click could be meant for something else.
 */
export function sendPage(response: ServerResponse, { html }: HtmlPage): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'content-security-policy': "frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(html);
}
