/** What opens the key file: a passphrase that a person chose, or 32 random bytes that a secret store keeps. */
export type LogKeySecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key'; readonly key: Uint8Array };
