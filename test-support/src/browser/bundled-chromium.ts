import { access, chmod, constants, lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { untar } from './untar.ts';

/** A browser that can be started: the program, and the environment without which it would not find its libraries. */
export type BrowserProgram = { readonly executable: string; readonly environment: Record<string, string> };

const inflate = promisify(brotliDecompress);

/**
 * The Chromium inside @sparticuz/chromium, unpacked once per version.
 *
 * The package's own unpacker is not used: it writes to fixed names in the temporary folder (two test files that start
 * at once would race, and another user's leftovers would be run), and it adds the system libraries only where it
 * recognises Amazon's machines. Those libraries (NSS, NSPR, expat) are just what a bare Debian lacks: with them,
 * `ldd` finds the rest in glibc and libgcc, which Node needs as well.
 */
export async function unpackChromium(): Promise<BrowserProgram> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the packaged Chromium is for linux-x64, this is ${process.platform}-${process.arch}`);
  }
  // Its package.json is not exported: found from its main file, <package>/build/cjs/index.cjs.
  const packageFolder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..');
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const home = await cacheFolder(join(packageFolder, '..', '..', '.cache', 'assent'), `chromium-${version}`);
  if (!(await runnable(home))) await unpack(join(packageFolder, 'bin'), home);
  return {
    executable: join(home, 'chromium'),
    environment: {
      LD_LIBRARY_PATH: join(home, 'system', 'lib'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  };
}

/** Everything goes into a folder of its own that is renamed when whole, so a half-unpacked browser is never run. */
async function unpack(packaged: string, home: string): Promise<void> {
  const partial = await mkdtemp(`${home}.partial-`);
  await chmod(partial, 0o755); // what root unpacks, others may run
  await writeFile(join(partial, 'chromium'), await inflate(await readFile(join(packaged, 'chromium.br'))));
  await chmod(join(partial, 'chromium'), 0o755);
  await untar(await inflate(await readFile(join(packaged, 'al2023.tar.br'))), join(partial, 'system'));
  await untar(await inflate(await readFile(join(packaged, 'fonts.tar.br'))), join(partial, 'fonts'));
  await writeFile(join(partial, 'fonts.conf'), fontConfiguration(join(home, 'fonts')));
  try {
    await rename(partial, home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await runnable(home))) throw error; // else another test process was faster, and its copy is as good
  }
}

/** Beside the packages, where `npm ci` cleans up; elsewhere if an ordinary user runs what root has installed. */
async function cacheFolder(preferred: string, name: string): Promise<string> {
  if (await runnable(join(preferred, name))) return join(preferred, name);
  try {
    await mkdir(preferred, { recursive: true });
    await rm(await mkdtemp(join(preferred, 'probe-')), { recursive: true });
    return join(preferred, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    return join(await ownFolder(), name);
  }
}

/** In the temporary folder everyone may write, so a folder of this name that is not ours could hold anything. */
async function ownFolder(): Promise<string> {
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `assent-browser-${user}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid !== user || (mode & 0o077) !== 0) throw new Error(`${folder} belongs to somebody else: remove it`);
  return folder;
}

async function runnable(home: string): Promise<boolean> {
  return access(join(home, 'chromium'), constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Screenshots are to look alike on every machine: the packaged Open Sans for text, DejaVu for digests if it is there. */
function fontConfiguration(folder: string): string {
  const family = (alias: string, font: string) =>
    `<alias binding="strong"><family>${alias}</family><prefer><family>${font}</family></prefer></alias>`;
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}-cache</cachedir>
  ${family('system-ui', 'Open Sans')}
  ${family('sans-serif', 'Open Sans')}
  ${family('monospace', 'DejaVu Sans Mono')}
</fontconfig>
`;
}
