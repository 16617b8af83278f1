import { createHash } from 'node:crypto';
import { chmodSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../../../shared/backfill/make-folders.ts';
import { failure } from '../../../shared/platform/errors.ts';

/**
 * Makes a folder, which is its owner's alone (mode 0700), and takes it for this process, until it is released or the process ends, however it ends. The lock
 * is a socket that listens under a name made of the folder's path: the system frees it, and no process id can be
 * mistaken for another's.
 * @throws HoldfastError DATA_IN_USE, DATA_UNUSABLE
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const address = addressOf(await makeFolder(folder));
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await listen(server, address).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw unusable(folder, cause);
    if (await isAnswered(address)) throw failure('DATA_IN_USE', { folder }, { cause });
    rmSync(address, { force: true });
    await listen(server, address);
  });
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await makeFolders(folder, 0o700);
    chmodSync(folder, 0o700); // it may have been there before, open to others
    return realpathSync(folder);
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

/** Linux and Windows have names that go with the process; elsewhere a file stays, which nobody answers at. */
function addressOf(path: string): string {
  const name = `holdfast-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function unusable(folder: string, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return failure('DATA_UNUSABLE', { folder, reason }, { cause });
}
