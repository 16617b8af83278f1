import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { allIssues } from '../../shared/platform/first-issue.ts';
import { readBody, sendJson } from '../http.ts';
import type { Obs } from '../obs/index.ts';
import { quirksForm } from '../obs/quirks.ts';
import type { Oss } from '../oss/index.ts';
import { type AdminReply, type Answer, BadRequest, HtmlPage, type Routes, Served } from './answer.ts';
import { clockOf, clockRoutes } from './clock.ts';
import { consolePage, sendPage } from './console.ts';
import { faultRoutes } from './faults.ts';
import { type LookTargets, limitOf, lookRoutes } from './look.ts';

/** This is what the admin API works on. */
export interface AdminTargets extends LookTargets {
  readonly oss: Oss;
  /** Undefined when OBS is not served. */
  readonly obs: Obs | undefined;
  readonly region: string;
  idle(): Promise<void>;
  /** A call of RAM's API. */
  ram(action: string, parameters: Parameters): AdminReply;
  /** A call of the API of Simple Log Service. */
  logs(action: string, parameters: Parameters): AdminReply;
}

/** Parameters of a call of an API of the cloud, as text. */
type Parameters = Readonly<Record<string, string | undefined>>;

const quirkNames = Object.keys(quirksForm.shape).join(', ');
const largestBody = 1024 * 1024;

/**
 * Returns the embedded cloud's own API under `/_local/`, for its users and tests: clock, timers, invocations,
 * requests, faults. JSON in and out, no signature, for this machine only; gate.ts keeps web pages out.
 */
export function createAdmin(targets: AdminTargets) {
  const { time, oss, obs, fc, graph } = targets;

  /** Those of Function Compute first; all of them unless a cloud is named. */
  const runtimesFor = (cloud: string | null) => {
    if (cloud === null) return [fc, graph];
    return cloud === 'obs' ? [graph] : [fc];
  };

  const fireTimer: Answer = async ({ rest, query }) => {
    const fired = runtimesFor(query.get('cloud'))
      .map((runtime) => runtime.fireTimer(rest))
      .find(Boolean);
    if (!fired)
      throw new BadRequest(
        `there is no timer ${rest}`,
        'name a timer trigger of s.yaml or its function; with ?cloud=obs that of FunctionGraph',
        404,
      );
    return await fired;
  };

  /** Returns the requests to both object stores, in the order of time. */
  const requests = () => {
    const all = [...oss.requests.list(), ...(obs?.requests.list() ?? [])];
    return obs === undefined ? all : all.toSorted((one, other) => (one.time < other.time ? -1 : 1));
  };

  const servedObs = (): Obs => {
    if (obs !== undefined) return obs;
    throw new BadRequest('OBS is not served', 'start holdfast local with --cloud oss,obs', 404);
  };

  const setQuirks: Answer = ({ body }) => {
    const quirks = quirksForm.safeParse(body);
    if (quirks.success) servedObs().quirks.set(quirks.data);
    else {
      const reason = allIssues(quirks.error, 'the body');
      throw new BadRequest(
        `these are no switches of OBS: ${reason}`,
        `send some of ${quirkNames} as true or false`,
      );
    }
    return servedObs().quirks.get();
  };

  const invocations: Answer = ({ query }) => {
    const all = runtimesFor(query.get('cloud'))
      .flatMap((runtime) => runtime.invocations(query.get('function') ?? undefined))
      .toSorted((one, other) => one.id - other.id);
    const after = query.get('after');
    if (after !== null && !/^\d+$/.test(after)) {
      throw new BadRequest(`"${after}" is no id of an invocation`, 'send the id of one that was listed');
    }
    const later = all.filter(({ id }) => id > Number(after));
    return query.has('limit') ? later.slice(-limitOf(query)) : later;
  };

  const routes: Routes = {
    'GET ': consolePage,
    ...clockRoutes(time),
    ...faultRoutes(oss.faults, [fc.weather, graph.weather]),
    ...lookRoutes(targets),
    'POST ram/': ({ rest, body }) => new Served(targets.ram(rest, parametersOf(body))),
    'POST sls/': ({ rest, body }) => new Served(targets.logs(rest, parametersOf(body))),
    'GET undelivered': () => [...fc.undelivered(), ...graph.undelivered()],
    'GET health': () => ({
      status: 'ok',
      clouds: [...targets.stores.keys()],
      region: targets.region,
      functions: [...fc.functions.keys()],
      ...(graph.functions.size > 0 && { functionGraph: [...graph.functions.keys()] }),
      ...clockOf(time),
    }),
    'POST timer/': fireTimer,
    'GET invocations': invocations,
    'GET requests': () => requests(),
    'GET obs': () => servedObs().quirks.get(),
    'POST obs': setQuirks,
    'DELETE requests': () => {
      oss.requests.clear();
      obs?.requests.clear();
      return [];
    },
    'POST idle': async () => {
      await targets.idle();
      return clockOf(time);
    },
  };

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    if (!isFromHere(request))
      throw new BadRequest('/_local is for this machine only', 'call it on 127.0.0.1', 403);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, name = '', rest = ''] = /^\/_local\/((?:timer|ram|sls)\/|[^/]*)(.*)$/.exec(url.pathname) ?? [];
    const route = routes[`${request.method} ${name}`];
    if (!route || (rest !== '' && !name.endsWith('/'))) {
      const known = Object.keys(routes).map((each) => each.replace(' ', ' /_local/'));
      throw new BadRequest(
        `there is no ${request.method} ${url.pathname}`,
        `there are: ${known.join(', ')}`,
        404,
      );
    }
    const body = request.method === 'GET' ? undefined : await readJson(request);
    return await route({ body, query: url.searchParams, rest });
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const answered = await answer(request);
      if (answered instanceof HtmlPage) sendPage(response, answered);
      else if (answered instanceof Served) sendJson(response, answered.reply.status, answered.reply.body);
      else sendJson(response, 200, answered);
    } catch (error) {
      if (error instanceof BadRequest)
        sendJson(response, error.status, { error: error.message, remedy: error.remedy });
      else
        sendJson(response, 500, { error: String(error), remedy: 'this is a mistake in the embedded cloud' });
    }
  };
}

/** The parameters of a call: texts as they are, anything else as JSON. */
function parametersOf(body: unknown): Parameters {
  const { data } = z.record(z.string(), z.unknown()).safeParse(body ?? {});
  if (!data) throw new BadRequest('the parameters are not an object', 'send {"RoleName":"…"}');
  const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, asText(value)]));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, largestBody);
  if (!body) throw new BadRequest('the body is larger than 1 MB', 'send less', 413);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new BadRequest('the body is not JSON', 'send JSON');
  }
}

/** Tells whether a request comes from this machine: over loopback, or to an address from that same address. */
function isFromHere(request: IncomingMessage): boolean {
  const { remoteAddress: address = '', localAddress } = request.socket;
  return address === localAddress || address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
