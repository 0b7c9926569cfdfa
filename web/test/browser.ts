// The few things of a browser that modules touch when they are loaded.
const g = globalThis as Record<string, unknown>;
g.addEventListener ??= () => {};
g.removeEventListener ??= () => {};
g.matchMedia ??= () => ({ matches: false, addEventListener() {} });
g.document ??= { addEventListener() {}, removeEventListener() {}, visibilityState: "visible", documentElement: { dataset: {} } };
export {};
