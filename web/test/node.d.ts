declare module "node:test" {
  export function test(name: string, run: () => void | Promise<void>): void;
  interface Timers {
    enable(options: { apis: ("setTimeout" | "setInterval" | "Date")[] }): void;
    tick(ms: number): void;
    reset(): void;
  }
  export const mock: {
    timers: Timers;
    method<K extends string, F>(of: Record<K, F>, name: K, run: F): { mock: { restore(): void } };
  };
}
declare module "node:assert/strict" {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    equal(a: unknown, b: unknown, message?: string): void;
    deepEqual(a: unknown, b: unknown, message?: string): void;
  }
  const assert: Assert;
  export default assert;
}
declare module "node:crypto" {
  interface Hash {
    update(text: string): Hash;
    digest(encoding: "hex"): string;
  }
  export function createHash(algorithm: string): Hash;
}
declare module "*.css" {
  const text: string;
  export default text;
}
