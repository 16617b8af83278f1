import { afterAll, beforeAll } from 'vitest';
import type { Connections } from '../../shared/storage/oss/connections.ts';
import { createOssStorage, type OssStorage } from '../../shared/storage/oss/index.ts';
import { type ScriptedReply, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** The OSS adapter in front of a listener that says what it is told. */
export interface ScriptedStorage {
  readonly server: ScriptedServer;
  readonly storage: OssStorage;
  /** What the adapter told about the service's time. */
  readonly serviceTimes: Date[];
  /** Makes one call that gets this reply. */
  on<Result>(reply: ScriptedReply, call: (storage: OssStorage) => Promise<Result>): Promise<Result>;
}

/**
 * One listener and one adapter for all tests of the suite it is called in.
 * @param connections makes the way to it; straight by node:http unless given
 */
export function scriptedStorage(
  connections: () => Connections | undefined = () => undefined,
): ScriptedStorage {
  let server: ScriptedServer;
  let storage: OssStorage;
  const serviceTimes: Date[] = [];
  beforeAll(async () => {
    server = await scriptedServer();
    storage = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: server.endpoint,
      credentials: { accessKeyId: 'LTAIid', accessKeySecret: 'top-secret', securityToken: 'token-secret' },
      onServiceTime: (date) => serviceTimes.push(date),
      connections: connections(),
    });
  });
  afterAll(async () => {
    storage.close();
    await server.close();
  });
  return {
    get server() {
      return server;
    },
    get storage() {
      return storage;
    },
    serviceTimes,
    on(reply, call) {
      server.script(reply);
      return call(storage);
    },
  };
}

/** A reply of status 200. */
export function ok(body: string, headers: Readonly<Record<string, string>> = {}): ScriptedReply {
  return { status: 200, headers, body };
}

/** What an error is when a reply cannot be trusted. */
export const unexpected = { code: 'UNEXPECTED_REPLY', transient: false };
