import { randomUUID } from 'node:crypto';
import type { Answer } from '../api-answer.ts';
import { refuse } from '../api-answer.ts';
import { functionArn } from '../destination.ts';
import type { Place } from '../environment.ts';
import { ApiRefusal, invalidArgument, notFound, notServedHere } from './api-refusal.ts';
import { showAsyncConfig } from './async-config.ts';
import { type CodeStore, checksumOf } from './code-store.ts';
import { type Deployment, noAsyncConfig, noConcurrency } from './deployment.ts';
import { createFolderPacker } from './folder-packer.ts';
import type { FunctionRecord } from './record.ts';
import { shownSettings } from './settings.ts';
import type { TriggerRecord } from './trigger-record.ts';

/** This is where a package of code is fetched from; the real one is a presigned URL of OSS. */
const codePath = '/_fc-code/';

/** Tells if a path is one that packages of code are fetched from. */
export const isCodePath = (path: string): boolean => path.startsWith(codePath);

/** A call of the API whose signature is right. */
export interface DeployCall {
  readonly method: string;
  /** This is what follows the version, in parts: `functions`, NAME, `triggers`, NAME. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

interface DeployApiOptions {
  readonly place: Place;
  readonly deployment: Deployment;
  readonly codes: CodeStore;
  /** This is where this cloud is; clients leave the port out of their Host header. */
  readonly url: string;
}

type Json = Readonly<Record<string, unknown>>;
type Route = (call: DeployCall, ...names: string[]) => Json | undefined | Promise<Json | undefined>;

const usuallyListed = 20;
const mostListed = 100;

/**
 * Returns the calls that deploy, and those that tell what is deployed (fc20230330 4.7.6): functions with their code,
 * triggers, configurations of asynchronous invocations, reserved instances. What the embedded cloud has none of
 * (versions, aliases, VPC bindings, scaling, provisioned instances) is answered as of an account without any.
 */
export function createDeployApi({ place, deployment, codes, url: cloud }: DeployApiOptions) {
  const packFolder = createFolderPacker();
  const handedOut = new Map<string, Buffer>();
  const arn = (name: string) => functionArn(place, name);

  const zipOf = async ({ code }: FunctionRecord): Promise<Buffer> =>
    code.kind === 'folder' ? packFolder(code.folder) : await codes.zip(code.id);
  const codeFacts = ({ code }: FunctionRecord) => {
    if (code.kind === 'package') return { codeSize: code.size, codeChecksum: code.checksum };
    const zip = packFolder(code.folder);
    return { codeSize: zip.length, codeChecksum: checksumOf(zip) };
  };
  const showFunction = (record: FunctionRecord): Json => ({
    ...shownSettings(record.settings),
    ...codeFacts(record),
    functionArn: arn(record.settings.functionName),
    functionId: record.functionId,
    createdTime: record.createdTime,
    lastModifiedTime: record.lastModifiedTime,
    state: 'Active',
    lastUpdateStatus: 'Successful',
  });
  const showTrigger = (name: string, trigger: TriggerRecord): Json => ({
    ...trigger,
    status: '',
    targetArn: `${arn(name)}/LATEST`,
  });
  const showAsync = (record: FunctionRecord): Json => {
    const { functionName } = record.settings;
    if (!record.asyncConfig) throw noAsyncConfig(functionName);
    return { ...showAsyncConfig(record.asyncConfig), functionArn: arn(functionName), qualifier: 'LATEST' };
  };
  const showConcurrency = ({ settings, reservedConcurrency }: FunctionRecord): Json => {
    if (reservedConcurrency === undefined) throw noConcurrency(settings.functionName);
    return { functionArn: arn(settings.functionName), reservedConcurrency };
  };
  const chosen = ({ query }: DeployCall) => {
    const name = query.get('functionName');
    return name === null ? deployment.list() : [deployment.find(name)];
  };
  /** An answer for something that a function has none of; the function must exist. */
  const none =
    (answer: (name: string) => Json): Route =>
    (_call, name = '') => {
      deployment.find(name);
      return answer(name);
    };

  const functionRoutes: Readonly<Record<string, Route>> = {
    'GET ': (_call, name = '') => showFunction(deployment.find(name)),
    'PUT ': async (call, name = '') => showFunction(await deployment.update(name, json(call))),
    'DELETE ': async (_call, name = '') => void (await deployment.remove(name)),
    'GET code': async (_call, name = '') => {
      const zip = await zipOf(deployment.find(name));
      const url = `${codePath}${name}.zip?signature=${randomUUID()}`;
      handedOut.set(url, zip);
      return { checksum: checksumOf(zip), url: `${cloud}${url}` };
    },
    'GET triggers': ({ query }, name = '') => {
      const shown = deployment.find(name).triggers.map((trigger) => showTrigger(name, trigger));
      const { items, nextToken } = page(shown, query);
      return { triggers: items, ...nextToken };
    },
    'POST triggers': async (call, name = '') =>
      showTrigger(name, await deployment.createTrigger(name, json(call))),
    'GET triggers/': (_call, name = '', trigger = '') =>
      showTrigger(name, deployment.findTrigger(name, trigger)),
    'PUT triggers/': async (call, name = '', trigger = '') =>
      showTrigger(name, await deployment.updateTrigger(name, trigger, json(call))),
    'DELETE triggers/': async (_call, name = '', trigger = '') =>
      void (await deployment.removeTrigger(name, trigger)),
    'GET async-invoke-config': (_call, name = '') => showAsync(deployment.find(name)),
    'PUT async-invoke-config': async (call, name = '') =>
      showAsync(await deployment.putAsyncConfig(name, json(call))),
    'DELETE async-invoke-config': async (_call, name = '') => void (await deployment.removeAsyncConfig(name)),
    'GET concurrency': (_call, name = '') => showConcurrency(deployment.find(name)),
    'PUT concurrency': async (call, name = '') =>
      showConcurrency(await deployment.putConcurrency(name, json(call))),
    'DELETE concurrency': async (_call, name = '') => void (await deployment.removeConcurrency(name)),
    'GET vpc-bindings': none(() => ({ vpcIds: [] })),
    'GET scaling-config': none((name) => ({ functionArn: arn(name) })),
    'GET provision-config': none((name) => ({ functionArn: arn(name), target: 0, current: 0 })),
    'GET aliases': none(() => ({ aliases: [] })),
    'GET versions': none(() => ({ versions: [] })),
  };

  const routes: Readonly<Record<string, Route>> = {
    'GET functions': ({ query }) => {
      const prefix = query.get('prefix') ?? '';
      const found = deployment.list().filter(({ settings }) => settings.functionName.startsWith(prefix));
      const { items, nextToken } = page(found.map(showFunction), query);
      return { functions: items, ...nextToken };
    },
    'POST functions': async (call) => showFunction(await deployment.create(json(call))),
    'GET async-invoke-configs': (call) => ({
      configs: chosen(call)
        .filter(({ asyncConfig }) => asyncConfig !== undefined)
        .map(showAsync),
    }),
    'GET concurrency-configs': (call) => ({
      configs: chosen(call)
        .filter(({ reservedConcurrency }) => reservedConcurrency !== undefined)
        .map(showConcurrency),
    }),
    'GET scaling-configs': () => ({ scalingConfigs: [] }),
    'GET provision-configs': () => ({ provisionConfigs: [] }),
  };

  const routeOf = ({ method, parts }: DeployCall): Route => {
    const [collection = '', name, part = '', item] = parts;
    const ofFunction = collection === 'functions' && name !== undefined && parts.length <= 4;
    const key = ofFunction ? `${part}${item === undefined ? '' : '/'}` : parts.join('/');
    const route = (ofFunction ? functionRoutes : routes)[`${method} ${key}`];
    if (route) return route;
    throw notServedHere(`${method} ${parts.join('/')} is not served by the embedded cloud`);
  };

  return {
    async answer(call: DeployCall): Promise<Answer> {
      try {
        const route = routeOf(call);
        const [, name, , item] = call.parts;
        const qualifier = call.query.get('qualifier') || 'LATEST';
        if (qualifier !== 'LATEST') {
          throw notFound('VersionNotFound', `version or alias '${qualifier}' does not exist`);
        }
        const body = await route(call, ...[name, item].filter((each) => each !== undefined));
        return body === undefined ? { status: 204 } : { status: 200, body };
      } catch (error) {
        if (error instanceof ApiRefusal) return refuse(error.refusal);
        throw error;
      }
    },
    /** Hands out the bytes behind a URL that was given out; each is good for once. */
    fetch(url: string): Answer {
      const code = handedOut.get(url);
      handedOut.delete(url);
      if (code !== undefined) return { status: 200, body: code };
      const message = 'this URL was not handed out, or used before';
      return refuse({ status: 404, code: 'NoSuchKey', message });
    },
  };
}

/** One page of a list: it goes on with the number of the first item that was left out. */
function page<Item>(all: readonly Item[], query: URLSearchParams) {
  const from = Number(query.get('nextToken') || 0);
  const limit = Number(query.get('limit') || usuallyListed);
  if (!Number.isInteger(limit) || limit < 1 || !Number.isInteger(from) || from < 0) {
    throw invalidArgument('limit or nextToken is not a number that the service gave or takes');
  }
  const to = from + Math.min(limit, mostListed);
  return { items: all.slice(from, to), nextToken: to < all.length ? { nextToken: String(to) } : {} };
}

function json({ body }: DeployCall): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalidArgument('the body is not JSON');
  }
}
