/** Whether a host, as it stands in a setting or a URL, is this machine and no other can listen in. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}
