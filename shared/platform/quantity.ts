/** Writes a number with its noun: `1 version`, `2 versions`. The digits stand without separators, as in logs and commands. */
export const quantity = (value: number, one: string, many = `${one}s`): string =>
  `${value} ${value === 1 ? one : many}`;
