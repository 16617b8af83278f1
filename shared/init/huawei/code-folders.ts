import { posix } from 'node:path';
import * as z from 'zod';
import { graphFunctionNames } from '../../deploy/graph/policies.ts';
import { failure } from '../../platform/errors.ts';
import { readJson } from '../../platform/read-json.ts';

/** This is what is read of a main.tf.json: anything else in it belongs to whoever deploys it. */
const archives = z.looseObject({
  data: z.looseObject({
    archive_file: z.record(z.string(), z.looseObject({ source_dir: z.string().optional() })),
  }),
});

/**
 * Returns the folders that a main.tf.json deploys the code of Holdfast's functions from, relative to it. Other archives of the file
 * are left alone. Pure.
 * @param text its text
 * @param file its name, for messages
 * @throws HoldfastError TEMPLATE_INVALID when it is no JSON, or has no archive of such a folder
 */
export function graphCodeFolders(text: string, file: string): { readonly code: string }[] {
  const read = archives.safeParse(readJson(text, notJson(file)));
  if (!read.success)
    throw invalid(
      file,
      read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the file'}: ${message}`),
    );
  const folders = Object.values(read.data.data.archive_file).flatMap(({ source_dir: folder = '' }) => {
    const code = /^\$\{path\.module\}\/(.+)$/.exec(folder)?.[1];
    return code !== undefined && isOfHoldfast(code) ? [{ code }] : [];
  });
  if (folders.length > 0) return folders;
  const names = graphFunctionNames.join(', ');
  throw invalid(file, [
    `data.archive_file: expected a source_dir such as "\${path.module}/dist/huawei/object-created", found none (${names})`,
  ]);
}

const isOfHoldfast = (code: string): boolean =>
  !posix.normalize(code).startsWith('../') &&
  graphFunctionNames.some((name) => name === posix.basename(code));

const invalid = (file: string, problems: readonly string[], cause?: unknown) =>
  failure('TEMPLATE_INVALID', { count: problems.length, file, problems: problems.join('\n') }, { cause });

const notJson = (file: string) => (reason: string, cause: unknown) =>
  invalid(file, [`the file: is no JSON: ${reason}`], cause);
