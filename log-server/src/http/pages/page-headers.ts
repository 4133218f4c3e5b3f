const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/**
 * What every page says to the browser. The policy is the proof that a page is silent: it runs its own scripts and talks
 * to its own origin, and that is all it can do. Strings cannot become markup either (Trusted Types without a policy), so
 * a receipt that holds script could not run it even if the page's code were wrong.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [...POLICY, "require-trusted-types-for 'script'", "trusted-types 'none'"].join('; '),
  'Permissions-Policy': [
    'publickey-credentials-get=(self)',
    'publickey-credentials-create=(self)',
    'clipboard-write=(self)',
    ...['camera', 'microphone', 'geolocation', 'payment', 'usb', 'display-capture'].map((feature) => `${feature}=()`),
  ].join(', '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The same for pages with the search form, whose answer is a page of this log. */
export const FORM_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'Content-Security-Policy': (PAGE_HEADERS['Content-Security-Policy'] ?? '').replace(
    "form-action 'none'",
    "form-action 'self'",
  ),
};

/**
 * The same for `/docs`, whose ready-made reference page writes markup and so cannot do without strings that become some.
 * It loads nothing from elsewhere either, and what it shows of the log's answers is text.
 */
export const REFERENCE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'Content-Security-Policy': POLICY.join('; '),
};
