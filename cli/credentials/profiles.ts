import { homedir } from 'node:os';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { failure } from '../../shared/platform/errors.ts';
import { readTextFile } from '../../shared/platform/text.ts';
import type { Surroundings } from './source.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);
const count = z
  .number()
  .nullish()
  .transform((value) => value || undefined);

const profile = z.object({
  name: z.string(),
  mode: z.string().default('AK'),
  access_key_id: text,
  access_key_secret: text,
  sts_token: text,
  region_id: text,
  ram_role_name: text,
  ram_role_arn: text,
  ram_session_name: text,
  external_id: text,
  expired_seconds: count,
  source_profile: text,
  sts_region: text,
  sts_endpoint: text,
  enable_vpc: z.boolean().nullish(),
  credentials_uri: text,
  oidc_provider_arn: text,
  oidc_token_file: text,
});

const configuration = z.object({ current: text, profiles: z.array(profile).default([]) });

/** A profile of the command line of Alibaba Cloud (`aliyun configure`). */
export type Profile = z.infer<typeof profile>;

/** The profiles that a user has, with the one that is meant. */
export interface Profiles {
  readonly file: string;
  readonly all: readonly Profile[];
  readonly chosen: Profile;
  /** Tells whether --profile or ALIBABA_CLOUD_PROFILE names it. */
  readonly isNamed: boolean;
}

/** Returns the user's folder, by the environment first, as shells and the SDKs take it. */
export function homeFolder(env: Surroundings['env']): string | undefined {
  const home = env['HOME'] || env['USERPROFILE'];
  if (home) return home;
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/** Returns the file of `aliyun configure`. */
export const profileFile = ({ home }: Surroundings): string | undefined =>
  home === undefined ? undefined : join(home, '.aliyun', 'config.json');

/**
 * Reads the profiles, and chooses by --profile, ALIBABA_CLOUD_PROFILE, or what the file calls the current one.
 * @returns why there is none, in words, when the file does not exist and no profile is named
 * @throws PROFILES_INVALID for a file that cannot be read, PROFILE_UNKNOWN
 */
export async function readProfiles(surroundings: Surroundings): Promise<Profiles | string> {
  const named = surroundings.profile ?? (surroundings.env['ALIBABA_CLOUD_PROFILE'] || undefined);
  const file = profileFile(surroundings);
  if (file === undefined) {
    if (named !== undefined) throw unknown(named, '~/.aliyun/config.json', []);
    return 'there is no home folder';
  }
  const content = await contentOf(file);
  if (content === undefined) {
    if (named !== undefined) throw unknown(named, file, []);
    return 'there is no such file';
  }
  const { current, profiles } = parse(content, file);
  const name = named ?? current ?? profiles[0]?.name;
  const chosen = profiles.find((each) => each.name === name);
  if (name === undefined) return 'it has no profiles';
  if (chosen === undefined) throw unknown(name, file, profiles);
  return { file, all: profiles, chosen, isNamed: named !== undefined };
}

/** @returns undefined when there is no such file @throws PROFILES_INVALID */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readTextFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('PROFILES_INVALID', { file, reason }, { cause });
  }
}

/** Never quotes the file: it holds secrets. */
function parse(content: string, file: string): z.infer<typeof configuration> {
  const parsed = configuration.safeParse(json(content, file));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  throw failure('PROFILES_INVALID', { file, reason: reasons.join('; ') });
}

function json(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    const position = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
    const before = content.slice(0, Number(position ?? 0)).split('\n');
    const at = `in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    const reason = `it is not JSON${position === undefined ? '' : ` ${at}`}`;
    throw failure('PROFILES_INVALID', { file, reason }, { cause: new Error(reason) }); // what was caught quotes the file
  }
}

function unknown(name: string, file: string, profiles: readonly Profile[]) {
  const names = profiles.map((each) => each.name);
  const near = names.toSorted((one, other) => distance(name, one) - distance(name, other))[0];
  const isNear = near !== undefined && distance(name, near) <= Math.max(1, Math.floor(name.length / 3));
  const has = names.length === 0 ? 'there are no profiles' : `its profiles are ${names.join(', ')}`;
  const hint = isNear ? `; did you mean "${near}"?` : '';
  return failure('PROFILE_UNKNOWN', { name, file, has: `${has}${hint}` });
}
