import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../shared/platform/errors.ts';
import type { FunctionRecord } from './fc/deploy/record.ts';
import type { LogProject } from './logs/projects.ts';
import type { RamState } from './ram/account.ts';

/** Everything besides the object store that is kept over a restart. */
export interface KeptState {
  readonly functions: readonly FunctionRecord[];
  readonly ram: RamState;
  readonly logProjects: readonly LogProject[];
}

/** Goes up when files of an earlier version can no longer be read. */
const format = 1;

export const emptyState: KeptState = { functions: [], ram: { roles: [], policies: [] }, logProjects: [] };

const fileIn = (folder: string): string => join(folder, 'deployment.json');

/**
 * Reads what was kept in a folder. The folder is this program's own, as is the form of the file: it is compared with the
 * version only.
 * @throws HoldfastError DATA_UNUSABLE
 */
export function readKeptState(folder: string): KeptState {
  let text: string;
  try {
    text = readFileSync(fileIn(folder), 'utf8');
  } catch (cause) {
    if (!existsSync(fileIn(folder))) return emptyState; // nothing was deployed yet
    throw failure('DATA_UNUSABLE', { folder, reason: String(cause) }, { cause });
  }
  try {
    const { format: found, ...state }: KeptState & { format: number } = JSON.parse(text);
    if (found !== format) throw new Error(`it is of format ${found}, not ${format}`);
    const parts = [state.functions, state.ram?.roles, state.ram?.policies, state.logProjects];
    if (!parts.every(Array.isArray)) throw new Error('a part of it is missing');
    return state;
  } catch (cause) {
    const reason = `deployment.json: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw failure('DATA_UNUSABLE', { folder, reason }, { cause });
  }
}

/** Writes the state in the place of the former, all of it or nothing. */
export function writeKept(folder: string, state: KeptState): void {
  const file = fileIn(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify({ format, ...state }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  chmodSync(file, 0o600);
}
