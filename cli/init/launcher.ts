import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { shellWord } from '../../shared/platform/shell-word.ts';
import { builtFunctions } from '../world/local-function.ts';

/**
 * Tells how this Holdfast is called from a folder: by npx, where the folder belongs to a project that has it
 * installed (or to its own checkout), else by the path of its program.
 */
export function launcherFrom(folder: string): string {
  const project = projectOf(resolve(folder));
  if (project !== undefined && hasHoldfast(project)) return 'npx holdfast';
  return `node ${shellWord(relative(folder, join(builtFunctions, 'cli', 'holdfast.js')))}`;
}

/** The nearest folder that npm takes for a project (npm docs, "folders": it has a package.json or node_modules). */
function projectOf(folder: string): string | undefined {
  if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, 'node_modules'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : projectOf(above);
}

function hasHoldfast(project: string): boolean {
  if (existsSync(join(project, 'node_modules', '.bin', 'holdfast'))) return true;
  try {
    const text = readFileSync(join(project, 'package.json'), 'utf8');
    return named.safeParse(JSON.parse(text)).data?.name === 'holdfast';
  } catch {
    return false; // not there, or not what npm takes either
  }
}

const named = z.object({ name: z.string() });
