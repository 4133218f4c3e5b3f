import { access } from 'node:fs/promises';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { type BrowserProgram, unpackChromium } from './browser/bundled-chromium.ts';

const FLAGS = [
  '--no-sandbox', // tests run as root in containers, where Chromium's sandbox cannot start
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/**
 * A real Chromium with a fresh profile; the caller closes it. `ASSENT_TEST_BROWSER` names another program. Otherwise
 * the packaged one is used, so that every machine tests the same version, and Debian's where that one cannot run.
 */
export async function launchBrowser(): Promise<Browser> {
  const { executable, environment } = await findBrowser();
  const launch = () =>
    chromium.launch({ executablePath: executable, args: FLAGS, env: { ...inherited(), ...environment } });
  // Chromium itself has died of a segmentation fault while it started on a loaded machine. What dies twice is broken.
  return launch().catch((error: unknown) => {
    if (error instanceof Error && error.message.includes('signal=SIGSEGV')) return launch();
    throw error;
  });
}

async function findBrowser(): Promise<BrowserProgram> {
  const chosen = process.env.ASSENT_TEST_BROWSER;
  if (chosen !== undefined && chosen !== '') return { executable: chosen, environment: {} };
  try {
    return await unpackChromium();
  } catch (cause) {
    const debian = '/usr/bin/chromium';
    const installed = await access(debian).then(
      () => true,
      () => false,
    );
    if (installed) return { executable: debian, environment: {} };
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`no browser to test with: ${message}; install chromium or set ASSENT_TEST_BROWSER`, { cause });
  }
}

/** The browser needs no more of the environment than this; a proxy or an API key in it must not reach a page. */
function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG']) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** A platform authenticator as a phone or laptop has one: it makes passkeys, and says that it verified its user. */
export type VirtualAuthenticator = {
  /** Whether the next ceremonies find a user who is verified (fingerprint, PIN); true at first. */
  setUserVerified(verified: boolean): Promise<void>;
  credentialCount(): Promise<number>;
  remove(): Promise<void>;
};

/** Adds a virtual authenticator to one page (Chrome DevTools Protocol, WebAuthn domain). */
export async function addVirtualAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async setUserVerified(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async credentialCount() {
      return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length;
    },
    async remove() {
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
