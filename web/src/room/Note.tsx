import type { ComponentChildren } from "preact";
import { Page } from "../ui/parts";

/** A page that says one thing. */
export const Note = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <Page title={title}>
    <section class="panel narrow stackd">
      <h1>{title}</h1>
      {children}
    </section>
  </Page>
);
