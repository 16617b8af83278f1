import { type AuditWriter, createAuditWriter } from '../shared/audit/writer.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import { failure } from '../shared/platform/errors.ts';
import { createLog, type Logger } from '../shared/platform/log.ts';
import { type RulesSource, rulesSource } from '../shared/rules/source.ts';
import type { FunctionCall, FunctionPlatform, StoreConnection } from './platform.ts';

/** This is what lives as long as an instance of a function. It holds no credentials: each invocation brings its own. */
export interface Instance<Context> {
  readonly platform: FunctionPlatform<Context>;
  readonly config: Config;
  readonly source: RulesSource;
  readonly log: Logger;
  readonly writer: AuditWriter;
  /** Ids of the dead letters of requests that the platform repeats, by request: a later success closes them. */
  readonly kept: Map<string, string>;
  /** Its connections live on from one invocation to the next. */
  connected: { readonly connection: StoreConnection; readonly region: string } | undefined;
}

/** The build makes a file of its own of this, which the bundle loads only when it is asked for. */
const loadParser = () => import('./rules-loader.ts');

/**
 * Makes what lives as long as an instance.
 * @param name as in the logs' `function` key
 * @param codeFolder where the bundle and the rules file lie
 * @throws CONFIG_INVALID
 */
export function startInstance<Context>(
  name: string,
  codeFolder: string,
  platform: FunctionPlatform<Context>,
  context: Context,
): Instance<Context> {
  const config = readConfig(platform.variablesOf(context));
  return {
    platform,
    config,
    source: rulesSource(config.rules, codeFolder, systemClock, loadParser, platform.cloud),
    log: createLog(config.logLevel, systemClock).child({ function: name }),
    writer: createAuditWriter(name),
    kept: new Map(),
    connected: undefined,
  };
}

/** Returns the connections of an instance, and the region that they lead to. @throws CONFIG_INVALID */
export function connectionOf<Context>(
  instance: Instance<Context>,
  call: FunctionCall,
): NonNullable<Instance<Context>['connected']> {
  const { config, platform, connected } = instance;
  const region = config.region ?? call.region;
  if (region === undefined) {
    const reason = 'it is not set, and the platform does not say in which region the function runs';
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_REGION', reason });
  }
  if (connected?.region === region) return connected;
  instance.connected = { connection: platform.connect({ region, config }, call.credentials), region };
  return instance.connected;
}
