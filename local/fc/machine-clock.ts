/** The variables by which libfaketime moves the clock of a process. */
const isClockVariable = (name: string) => name === 'LD_PRELOAD' || name.startsWith('FAKETIME');

/**
 * Returns the variables that a child process needs to read the same clock as this one. There are some only under
 * `faketime` (`npm run test:dates`). A child with another clock would be years away from the embedded cloud.
 */
export function clockVariables(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && isClockVariable(name)) variables[name] = value;
  }
  return variables;
}

/** Takes these variables out of the environment, after the process has started with them. */
export function forgetClockVariables(): void {
  for (const name of Object.keys(process.env)) if (isClockVariable(name)) delete process.env[name];
}
