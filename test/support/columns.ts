import { onTestFinished } from 'vitest';

/** Makes standard output a terminal of this width, or a pipe, until the test ends. */
export function setColumns(columns: number | undefined): void {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true, writable: true });
  onTestFinished(() => {
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'columns');
    else Object.defineProperty(process.stdout, 'columns', before);
  });
}
