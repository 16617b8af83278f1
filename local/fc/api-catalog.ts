import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { isDeployed } from '../../shared/deploy/code-package.ts';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { crc64 } from '../oss/crc64.ts';
import { type Answer, missing, refuse } from './api-answer.ts';
import { functionArn } from './destination.ts';
import type { Place } from './environment.ts';

/** Where a package of code is fetched from; the real one is a presigned URL of OSS. */
const codePath = '/_fc-code/';
export const isCodePath = (path: string): boolean => path.startsWith(codePath);

/** What the calls about deployed functions need to know. */
export interface CatalogOptions {
  readonly place: Place;
  /** The folder that the `code` paths of the template start from. */
  readonly codeRoot: string;
  /** When the functions were deployed. */
  readonly deployedAt: Date;
  /** Where this cloud is; clients leave the port out of their Host header. */
  readonly url: string;
}

interface CatalogCall {
  readonly method: string;
  /** What follows the function's name. */
  readonly path: string;
  readonly props: FunctionProps;
}

/**
 * The calls that tell what is deployed: GetFunction, GetAsyncInvokeConfig, ListTriggers, GetFunctionCode (fc20230330
 * 4.7.6). Nothing for any other call.
 */
export function createCatalogApi({ place, codeRoot, deployedAt, url: cloud }: CatalogOptions) {
  const packages = new Map<string, Packed>();
  const handedOut = new Map<string, Buffer>();
  const packed = ({ code }: FunctionProps): Buffer => {
    const made = packFolder(resolve(codeRoot, code), packages.get(code));
    packages.set(code, made);
    return made.code;
  };

  return {
    answer({ method, path, props }: CatalogCall): Answer | undefined {
      if (method !== 'GET') return undefined;
      switch (path) {
        case '':
          return { status: 200, body: functionOf(props, packed(props), place, deployedAt) };
        case 'async-invoke-config':
          return { status: 200, body: asyncConfigOf(props, place) };
        case 'triggers':
          return { status: 200, body: { triggers: triggersOf(props, deployedAt) } };
        case 'code': {
          const code = packed(props);
          const url = `${codePath}${props.functionName}.zip?signature=${randomUUID()}`;
          handedOut.set(url, code);
          return { status: 200, body: { checksum: checksum(code), url: `${cloud}${url}` } };
        }
        default:
          return undefined;
      }
    },
    /** The bytes behind a URL that was handed out; each is good for once. */
    fetch(url: string): Answer {
      const code = handedOut.get(url);
      handedOut.delete(url);
      if (code === undefined)
        return refuse(missing('NoSuchKey', 'this URL was not handed out, or used before'));
      return { status: 200, body: code };
    },
  };
}

function functionOf(props: FunctionProps, code: Buffer, place: Place, deployedAt: Date) {
  const { triggers: _triggers, asyncInvokeConfig: _async, code: _code, region: _region, ...own } = props;
  const time = deployedAt.toISOString();
  return {
    ...own,
    functionArn: functionArn(place, props.functionName),
    codeSize: code.length,
    codeChecksum: checksum(code),
    createdTime: time,
    lastModifiedTime: time,
  };
}

function asyncConfigOf({ functionName, asyncInvokeConfig }: FunctionProps, place: Place) {
  return { functionArn: functionArn(place, functionName), qualifier: 'LATEST', ...asyncInvokeConfig };
}

function triggersOf({ triggers }: FunctionProps, deployedAt: Date) {
  const time = deployedAt.toISOString();
  return triggers.map(({ triggerConfig, ...trigger }) => ({
    qualifier: 'LATEST',
    ...trigger,
    triggerConfig: JSON.stringify(triggerConfig),
    createdTime: time,
    lastModifiedTime: time,
  }));
}

const checksum = (bytes: Buffer): string => {
  const sum = crc64();
  sum.update(bytes);
  return sum.digest();
};

/** A package of code, and what it was made of. */
interface Packed {
  readonly state: string;
  readonly code: Buffer;
}

/** Packs a folder anew only when one of its files has changed. The same files give the same bytes. */
function packFolder(folder: string, known: Packed | undefined): Packed {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isDeployed(relative(folder, file)))
    .sort();
  const state = files.map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`).join();
  if (known?.state === state) return known;
  const contents = files.map((file) => [relative(folder, file), new Uint8Array(readFileSync(file))] as const);
  const zip = zipSync(Object.fromEntries(contents), { level: 1, mtime: '1980-01-02T00:00:00Z' });
  return { state, code: Buffer.from(zip) };
}
