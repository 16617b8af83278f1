import { execFileSync } from 'node:child_process';

/** Builds the bundles once a run: the tests drive what is deployed, not the sources. */
export function setup(): void {
  execFileSync(process.execPath, ['build.js'], { stdio: 'inherit' });
}
