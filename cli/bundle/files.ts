import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { setupIn } from '../../shared/init/clouds.ts';
import type { Files } from '../../shared/init/files.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { compiledFile, writeCompiled } from '../../shared/rules/compiled-rules.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { builtFunctions } from '../world/local-function.ts';

/** This is what a built function consists of, beside the rules; its source maps stay where it was built. */
const parts = ['index.js', 'rules-loader.js', 'package.json', 'LICENCES.txt'];

/**
 * Returns the code of the functions of an s.yaml, with the rules in it, by the paths that s.yaml deploys it from.
 * @param rulesFile its name, for mistakes in it
 * @param cloud the one that the functions serve
 * @throws RULES_INVALID; FUNCTION_NOT_BUILT when this installation has no such function
 */
export async function bundleFiles(
  functions: readonly Pick<FunctionProps, 'code'>[],
  rules: string,
  rulesFile: string,
  cloud: CloudName = 'oss',
): Promise<Files> {
  const compiled = writeCompiled(rulesFrom(rules, rulesFile, cloud), rules, cloud);
  const files = new Map<string, string | Uint8Array>();
  for (const { code } of functions) {
    const name = basename(code);
    const from = join(builtFunctions, setupIn[cloud].bundles, name);
    for (const part of parts) {
      const file = join(from, part);
      if (!existsSync(file)) throw failure('FUNCTION_NOT_BUILT', { name, file });
      files.set(join(code, part), await readFile(file));
    }
    files.set(join(code, 'rules.yaml'), rules);
    files.set(join(code, compiledFile), compiled);
  }
  return files;
}
