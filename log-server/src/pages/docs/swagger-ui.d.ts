/** What we use of swagger-ui-dist, which comes without types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** What its React makes and takes; nobody here looks inside. */
  type Made = { readonly made: unique symbol };
  type Part = (properties: never) => Made;

  /** Of its documents: Immutable's maps and lists. */
  type Data = { get(name: string): unknown };

  export type System = {
    readonly React: {
      createElement(type: string | Part, properties: object | null, ...children: (Made | string | undefined)[]): Made;
      useEffect(effect: () => void, when: readonly unknown[]): void;
    };
    readonly specSelectors: { loadingStatus(): string | undefined; info(): Data };
    readonly authActions: { logout(names: readonly string[]): void };
    getComponent(name: string, container?: true): Part;
    preauthorizeApiKey(name: string, value: string): unknown;
  };

  export type Parts = {
    readonly components: { readonly [name: string]: Part };
    readonly wrapComponents: { readonly [name: string]: (original: Part) => Part };
  };

  export default function SwaggerUi(options: {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly tryItOutEnabled: boolean;
    readonly validatorUrl: null;
    readonly syntaxHighlight: { readonly activated: false };
    readonly plugins: readonly ((system: System) => Parts)[];
    readonly layout: string;
  }): void;
}
