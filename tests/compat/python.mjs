// Python with its websockets library, if it is there.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** Debian's package belongs to Debian's Python, which need not be the first on the PATH. Null if none has it. */
export async function pythonWithWebsockets() {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      await run(python, ['-c', 'import websockets']);
      return python;
    } catch {
      // The next one, then.
    }
  }

  return null;
}
