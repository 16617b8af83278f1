/* Documents for machines say what they are: `"format": "holdfast.plan/1"`. The number grows when a field goes or changes. */

let command: string | undefined;

/** From now on documents are those of this command; undefined: of none. */
export function documentsOf(name: string | undefined): void {
  command = name;
}

/** Puts the format of the command that runs before the fields of its document. Lists, and what has a format, stay as they are. */
export function asDocument(json: unknown): unknown {
  const isMap = typeof json === 'object' && json !== null && !Array.isArray(json);
  if (command === undefined || !isMap || 'format' in json) return json;
  return { format: `holdfast.${command}/1`, ...json };
}

/** The format of every error. */
export const errorFormat = 'holdfast.error/1';
