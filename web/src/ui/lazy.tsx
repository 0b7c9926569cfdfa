import type { ComponentChildren, ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

const plain = (inside: ComponentChildren): VNode => <div class="loading">{inside}</div>;

/** A component that is loaded when first shown. A failed load says so and can be tried again; `frame` goes around both. */
export function lazy<M, P extends object>(
  load: () => Promise<M>,
  pick: (m: M) => ComponentType<P>,
  frame = plain,
): (props: P) => VNode {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, again] = useState(0);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (loaded || failed) return;
      load().then(
        (m) => {
          loaded = pick(m);
          again((n) => n + 1);
        },
        () => fail(true),
      );
    }, [failed]);
    if (loaded) {
      const C = loaded;
      return <C {...props} />;
    }
    if (failed)
      return frame(
        <>
          <p>This part could not be loaded.</p>
          <button type="button" class="btn" onClick={() => fail(false)}>
            Try again
          </button>
        </>,
      );
    return frame(
      <p role="status">
        <i class="spin" />
        <span class="vh">Loading</span>
      </p>,
    );
  };
}
