import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { rememberLast } from './remember-last.ts';

/** Why a request is turned away before anything else reads it. */
export interface Refusal {
  readonly status: 403;
  readonly code: 'FOREIGN_HOST' | 'FOREIGN_ORIGIN' | 'FORM_REQUEST';
  readonly message: string;
  readonly remedy: string;
}

/**
 * Makes the check that keeps web pages out. The embedded cloud has well-known keys, and any page that a developer opens can
 * send requests to a port of the developer's machine. Three rules stop them, on every path:
 *
 * - The `Host` is a name that this cloud serves. DNS rebinding gives a page's own name the address 127.0.0.1; the browser
 *   then takes the cloud for the page's own server, but it still sends the page's name.
 * - `Origin`, `Sec-Fetch-Site` and `Referer`, which browsers set and pages cannot change, do not tell of a foreign page.
 * - A POST that is not signed in its header has something that a form cannot send (see {@link isLikeForm}).
 *
 * @param names further names that the cloud is served under, each with its subdomains
 */
export function createGate(names: readonly string[] = []): (request: IncomingMessage) => Refusal | undefined {
  const given = names.map((name) => name.toLowerCase());
  const isGiven = (name: string) => given.some((each) => name === each || name.endsWith(`.${each}`));
  const isOwn = rememberLast((name: string) => isLoopbackName(name) || isGiven(name));

  return (request) => {
    const isServed = (name: string) =>
      isOwn(name) || name === plainAddress(request.socket.localAddress ?? '');
    const host = hostsOf(request).find((each) => !isServed(each) && !isServiceName(each));
    if (host !== undefined) return foreignHost(host);
    const origin = foreignOrigin(request, isServed);
    if (origin !== undefined) return refuseOrigin(origin);
    return isLikeForm(request) ? formRequest(request) : undefined;
  };
}

const foreignHost = (host: string): Refusal => ({
  status: 403,
  code: 'FOREIGN_HOST',
  message: `the request is for the host "${host}", which is not served here`,
  remedy:
    'use 127.0.0.1, localhost or BUCKET.localhost, or start holdfast local with --host and the name that you use',
});

const refuseOrigin = (origin: string): Refusal => ({
  status: 403,
  code: 'FOREIGN_ORIGIN',
  message: `the request comes from a web page of another site (${origin})`,
  remedy:
    'call from a program, or from a page with the same host name; start holdfast local with --host and the name of the page to let it in',
});

const formRequest = ({ headers }: IncomingMessage): Refusal => ({
  status: 403,
  code: 'FORM_REQUEST',
  message: `a web page's form could send this request (content-type: ${headers['content-type']}), so it changes nothing`,
  remedy: 'send the header content-type: application/json (curl: --json)',
});

/** The host names that a request gives, in lower case and without port: of `Host`, and of a whole URL as its target. */
function hostsOf({ rawHeaders, url = '' }: IncomingMessage): string[] {
  const hosts: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(nameOf(rawHeaders[at + 1] ?? ''));
  }
  if (hosts.length === 0) hosts.push('');
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  if (target !== undefined) hosts.push(nameOf(target));
  return hosts;
}

/** A host without its port; all of it when it has another form than a host, which no served name has. */
const nameOf = rememberLast((host: string) => {
  const [, address, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d*)?$/i.exec(host) ?? [];
  return (address ?? name ?? host).toLowerCase();
});

function isLoopbackName(name: string): boolean {
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Names of the real service: its clients send them when their endpoint is an IP address. No page of the cloud has one.
 * ali-oss begins with a dot where there is no bucket (listBuckets).
 */
function isServiceName(name: string): boolean {
  return /^\.?(?:[a-z0-9-]+\.)+(?:aliyuncs|myhuaweicloud)\.com$/.test(name);
}

/** An IPv4 address as IPv4, also where a socket takes both. */
const plainAddress = rememberLast((address: string) => address.replace(/^::ffff:/i, '').toLowerCase());

/**
 * The foreign site that a request comes from, as the browser tells. A person who follows a link to an object is let
 * through: the page with the link sees nothing of it, and it changes nothing.
 */
function foreignOrigin(
  { headers, method = '' }: IncomingMessage,
  isServed: (name: string) => boolean,
): string | undefined {
  const { origin, referer } = headers;
  const site = headers['sec-fetch-site'];
  const reads = method === 'GET' || method === 'HEAD';
  if (origin !== undefined && !isServed(siteOf(origin))) return origin;
  const isFollowed =
    reads && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (site === 'cross-site' && !isFollowed) return origin ?? referer ?? site;
  // Browsers that send neither of the two still send this one.
  const isBare = origin === undefined && site === undefined && referer !== undefined;
  return isBare && !reads && !isServed(siteOf(referer)) ? referer : undefined;
}

/** The host name of an http(s) URL; a text that is no served name for anything else, such as `null`. */
function siteOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { protocol, host } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? nameOf(host) : '';
}

/** The three types that a form can send; anything else makes a browser ask first, and it gets no permission. */
const formTypes = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(?:;|$)/i;

/**
 * This is what these programs send for a text of their own accord. A form cannot set `User-Agent`: a browser sends
 * its own.
 */
const programs: readonly { readonly agent: RegExp; readonly type: string }[] = [
  { agent: /^(?:curl|wget|python-urllib)\//i, type: 'application/x-www-form-urlencoded' },
  { agent: /^(?:node|undici)$/, type: 'text/plain;charset=UTF-8' },
];

/**
 * Tells whether a web page's form could have sent a request that may change something. A form always names one of
 * three types. A signature in `Authorization` and any `x-holdfast` header are beyond a form. The form uploads of OSS
 * (PostObject) are meant for forms and signed in their fields: only their origin tells.
 */
function isLikeForm({ method, url = '', headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? '';
  if (method !== 'POST' || !formTypes.test(type)) return false;
  if (headers['x-holdfast'] !== undefined) return false;
  const isAdmin = url.startsWith('/_local/');
  if (!isAdmin && (headers.authorization !== undefined || /^multipart\//i.test(type))) return false;
  const isBrowser = [headers.origin, headers.referer, headers['sec-fetch-site']].some(
    (mark) => mark !== undefined,
  );
  const agent = headers['user-agent'] ?? '';
  return isBrowser || !programs.some((each) => each.agent.test(agent) && each.type === type);
}
