import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloudName } from '../shared/platform/address.ts';
import { isFunctionPath } from './fc/api.ts';
import type { Refusal } from './gate.ts';
import { sendJson } from './http.ts';
import type { Oss } from './oss/index.ts';
import { isRamRequest } from './ram/serve.ts';
import { rememberLast } from './remember-last.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** These are the servers behind one port, and who stands before them. */
export interface Served {
  /** Says why a request is turned away; undefined for one that may pass. */
  readonly refusalOf: (request: IncomingMessage) => Refusal | undefined;
  /** Further names of this machine, see {@link isBucketHost}. */
  readonly names: readonly string[];
  readonly admin: Handler;
  readonly functions: Handler;
  readonly ram: Handler;
  readonly oss: Oss;
  /** The server of OBS when it is served. */
  readonly obs: { readonly handle: Handler } | undefined;
}

/** Hands each request to the server that it is for; what names a bucket goes to the object store of its port. */
export function createRoutes({ refusalOf, names, admin, functions, ram, oss, obs }: Served) {
  const namesBucket = rememberLast((host: string) => isBucketHost(host, names));
  /** Everything that is not for a bucket. */
  const servedBy = (request: IncomingMessage, path: string): Handler | undefined => {
    if (path.startsWith('/_local/')) return admin;
    if (path === '/_local') return toConsole;
    if (isFunctionPath(path)) return functions;
    return isRamRequest(request) ? ram : undefined;
  };
  /** An OSS client gets the refusal in a form that it understands. */
  const turnAway = async (
    cloud: CloudName,
    request: IncomingMessage,
    response: ServerResponse,
    refusal: Refusal,
  ): Promise<void> => {
    if (cloud === 'obs') sendRefusal(response, refusal);
    else await oss.refuse(request, response, `${refusal.message}: ${refusal.remedy}`);
  };
  return (cloud: CloudName, request: IncomingMessage, response: ServerResponse): Promise<void> | void => {
    const path = request.url ?? '/';
    const direct = !namesBucket(request.headers.host ?? '');
    const refusal = refusalOf(request);
    if (refusal && direct && (path.startsWith('/_local/') || isFunctionPath(path))) {
      return sendRefusal(response, refusal);
    }
    if (refusal) return turnAway(cloud, request, response, refusal);
    const served = direct ? servedBy(request, path) : undefined;
    const store = cloud === 'obs' ? (obs ?? oss) : oss;
    return (served ?? store.handle)(request, response);
  };
}

/** Sends who leaves out the slash on to the console. No bucket can have this name. */
function toConsole(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(308, { location: '/_local/' }).end();
}

function sendRefusal(response: ServerResponse, { status, code, message, remedy }: Refusal): void {
  sendJson(response, status, { code, error: message, remedy });
}

/** Hosts that name a bucket: there `/_local/…` is the key of an object. */
function isBucketHost(host: string, names: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (names.some((each) => name.endsWith(`.${each.toLowerCase()}`))) return true;
  return /^[^.]+\.(?:localhost|oss-[^.]+\.aliyuncs\.com|obs\..+)$/.test(name);
}
