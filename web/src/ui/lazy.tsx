import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component that is loaded when first shown. A failed load says so and can be tried again. */
export function lazy<M, P extends object>(load: () => Promise<M>, pick: (m: M) => ComponentType<P>): (props: P) => VNode {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, again] = useState(0);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (loaded || failed) return;
      load().then((m) => {
        loaded = pick(m);
        again((n) => n + 1);
      }, () => fail(true));
    }, [failed]);
    if (loaded) {
      const C = loaded;
      return <C {...props} />;
    }
    if (failed) return <div class="loading"><p>This part could not be loaded.</p><button type="button" class="btn" onClick={() => fail(false)}>Try again</button></div>;
    return <div class="loading" role="status"><span class="vh">Loading</span></div>;
  };
}
