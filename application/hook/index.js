// Serverless Devs runs it behind `s init` (hook/index.js of an application; CommonJS). It fills the answers into answers.json and
// hands them to `holdfast init`, which checks them and writes the files.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

const program = join('dist', 'cli', 'holdfast.js');

/**
 * The program of Holdfast: of the folder that HOLDFAST_HOME names, or of the nearest project above that is Holdfast or has it
 * installed. Nothing is fetched: whatever package a registry has under that name is somebody else's.
 */
function holdfast(appPath) {
  const found = [process.env.HOLDFAST_HOME, ...above(process.cwd()), ...above(appPath)]
    .filter((home) => home !== undefined)
    .flatMap((home) => [home, join(home, 'node_modules', 'holdfast')])
    .find(isHoldfast);
  if (found !== undefined) return join(found, program);
  throw new Error(
    'Holdfast is not found: run s init in its checkout, or set HOLDFAST_HOME to it; then holdfast init in this folder',
  );
}

function above(folder) {
  const next = dirname(folder);
  return next === folder ? [folder] : [folder, ...above(next)];
}

function isHoldfast(folder) {
  const file = join(folder, 'package.json');
  if (!existsSync(join(folder, program)) || !existsSync(file)) return false;
  return JSON.parse(readFileSync(file, 'utf8')).name === 'holdfast';
}

const list = (text) => text.split(/[\s,]+/).filter((name) => name !== '' && name !== 'none');
const several = (flag, text) => (list(text).length === 0 ? [] : [flag, ...list(text)]);

/** The tool says nothing of a hook that fails and reports success, so both are done here. */
function postInit({ appPath, artTemplate }) {
  try {
    artTemplate('answers.json');
    const file = join(appPath, 'answers.json');
    const answers = JSON.parse(readFileSync(file, 'utf8'));
    const args = [
      ...[holdfast(appPath), 'init', '--force', '--dir', appPath, '--region', answers.region],
      ...several('--object-bucket', answers.objectBuckets),
      ...several('--archive-bucket', answers.archiveBuckets),
      ...['--keep', answers.keep, '--max', answers.max, '--dead-letters', answers.deadLetters],
      ...several('--inventory-bucket', answers.inventoryBucket),
    ];
    execFileSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    rmSync(file);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

module.exports = { postInit };
